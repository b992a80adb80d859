import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { PhysicsShapeType } from '@babylonjs/core/Physics/v2/IPhysicsEnginePlugin.js';
import type { Chair } from './chair.js';
import { createBallMaterials } from './materials.js';
import { Physics } from './physics.js';
import type { Studio } from './studio.js';

/** Balls that fall on the chairs. Havok is fetched when the first is wanted. */
export class Balls {
  private _physics: Promise<Physics> | undefined;
  private _ready: Physics | undefined;
  private readonly _materials: readonly PBRMaterial[];

  constructor(
    private readonly _studio: Studio,
    private readonly _chairs: readonly Chair[],
    private readonly _props: readonly Mesh[],
  ) {
    this._materials = createBallMaterials(_studio);
  }

  /** Balls in the room. */
  get count(): number {
    return this._ready?.balls.length ?? 0;
  }

  /** A handful above every chair. */
  async drop(): Promise<void> {
    this._physics ??= this._start();
    const physics = await this._physics;
    for (const { mesh } of this._chairs) {
      const dropped = physics.drop(new Vector3(mesh.position.x, 1.35, mesh.position.z), this._materials);
      for (const ball of dropped) this._studio.shade(ball.mesh);
    }
  }

  remove(): void {
    this._ready?.removeBalls();
  }

  /** @returns whether a ball moved */
  advance(seconds: number): boolean {
    return this._ready?.advance(seconds) ?? false;
  }

  private async _start(): Promise<Physics> {
    const physics = await Physics.create(this._studio.scene, new URL('HavokPhysics.wasm', location.href).href);
    physics.setCollider('floor', this._studio.floor, PhysicsShapeType.BOX);
    for (const prop of this._props) physics.setCollider(prop.name, prop, PhysicsShapeType.MESH);
    await Promise.all(this._chairs.map((chair) => this._follow(physics, chair)));
    this._ready = physics;
    return physics;
  }

  /** @returns settles when the chair has its first collider */
  private _follow(physics: Physics, chair: Chair): Promise<void> {
    return new Promise((resolve) => {
      chair.followCollider((collider) => {
        physics.setCollider(chair.mesh.name, collider, PhysicsShapeType.MESH);
        physics.pushOut(chair.distanceFunction());
        resolve();
      });
    });
  }
}

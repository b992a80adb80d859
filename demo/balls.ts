import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { PhysicsShapeType } from '@babylonjs/core/Physics/v2/IPhysicsEnginePlugin.js';
import { createBallMaterials } from './finish.js';
import { Physics } from './physics.js';
import type { Piece } from './piece.js';
import type { Studio } from './studio.js';

/** Balls that fall on what is on show. Havok is fetched when the first is wanted. */
export class Balls {
  private _physics: Promise<Physics> | undefined;
  private _ready: Physics | undefined;
  private readonly _materials: readonly PBRMaterial[];
  private _pieces: readonly Piece[] = [];

  constructor(
    private readonly _studio: Studio,
    private readonly _props: readonly Mesh[],
  ) {
    this._materials = createBallMaterials(_studio);
  }

  /** Exchanges what they fall on. */
  show(pieces: readonly Piece[]): void {
    for (const { mesh } of this._pieces) this._ready?.removeCollider(mesh.name);
    this._pieces = pieces;
    if (!this._ready) return;
    this._setProps(this._ready);
    for (const piece of pieces) void this._follow(this._ready, piece);
  }

  /** Balls in the room. */
  get count(): number {
    return this._ready?.balls.length ?? 0;
  }

  /** A handful above every piece. */
  async drop(): Promise<void> {
    this._physics ??= this._start().catch((error: unknown) => {
      // Fetched in vain; the next drop tries again.
      this._physics = undefined;
      throw error;
    });
    const physics = await this._physics;
    for (const { mesh } of this._pieces) {
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
    this._setProps(physics);
    const pieces = this._pieces;
    await Promise.all(pieces.map((piece) => this._follow(physics, piece)));
    this._ready = physics;
    // Others may be on show by now.
    if (this._pieces !== pieces) this.show(this._pieces);
    return physics;
  }

  private _setProps(physics: Physics): void {
    for (const prop of this._props) physics.setCollider(prop.name, prop, PhysicsShapeType.MESH);
  }

  /** @returns settles when the piece has its first collider, turned out to have none, or is gone */
  private _follow(physics: Physics, piece: Piece): Promise<void> {
    return new Promise((resolve) => {
      piece.mesh.onDisposeObservable.addOnce(() => resolve());
      piece.followCollider((collider) => {
        if (collider) {
          physics.setCollider(piece.mesh.name, collider, PhysicsShapeType.MESH);
          physics.pushOut(piece.distanceFunction());
        } else {
          physics.removeCollider(piece.mesh.name);
        }
        resolve();
      });
    });
  }
}

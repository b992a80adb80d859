import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import HavokPhysics from '@babylonjs/havok';
import '@babylonjs/core/Physics/joinedPhysicsEngineComponent.js';
import { PhysicsShapeType } from '@babylonjs/core/Physics/v2/IPhysicsEnginePlugin.js';
import { HavokPlugin } from '@babylonjs/core/Physics/v2/Plugins/havokPlugin.js';
import { PhysicsAggregate } from '@babylonjs/core/Physics/v2/physicsAggregate.js';
import type { PhysicsEngine } from '@babylonjs/core/Physics/v2/physicsEngine.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { Random } from '../src/random.js';

const STEP = 1 / 60;
/** Where frames are slow, time slows down rather than the page. */
const MOST_STEPS = 30;
/** A ball slower than this, in metres a second, for so long, in seconds, lies still. */
const STILL_SPEED = 0.02;
const STILL_SECONDS = 0.6;

/** Share of its weight that slows a rolling ball, as of felt on upholstery: it holds on slopes of up to 8 degrees. */
const ROLLING_RESISTANCE = 0.15;
const GRAVITY = 9.81;

export interface Ball {
  readonly mesh: Mesh;
  readonly radius: number;
  readonly body: PhysicsAggregate;
  /** After the last step, upwards, metres a second. */
  climb: number;
}

/** Balls under Havok, in steps of their own, so that the scene need not be drawn for them to fall, nor they fall for it to be drawn. */
export class Physics {
  readonly balls: Ball[] = [];
  private readonly _engine: PhysicsEngine;
  private readonly _colliders = new Map<string, PhysicsAggregate>();
  private readonly _random = new Random(3);
  private _left = 0;
  private _stillFor = 0;
  private _rests = true;

  private constructor(
    private readonly _scene: Scene,
    private readonly _plugin: HavokPlugin,
  ) {
    this._engine = _scene.getPhysicsEngine() as PhysicsEngine;
  }

  /** @param wasmUrl of HavokPhysics.wasm, on this host */
  static async create(scene: Scene, wasmUrl: string): Promise<Physics> {
    const havok = await HavokPhysics({ locateFile: () => wasmUrl });
    const plugin = new HavokPlugin(true, havok);
    scene.enablePhysics(new Vector3(0, -GRAVITY, 0), plugin);
    scene.physicsEnabled = false;
    return new Physics(scene, plugin);
  }

  /** A thing that stands still, replacing what stood there under the same name. Whatever lay on it wakes. */
  setCollider(name: string, mesh: Mesh, type: PhysicsShapeType): void {
    this.removeCollider(name);
    this._colliders.set(name, new PhysicsAggregate(mesh, type, { mass: 0, friction: 0.7, restitution: 0.25 }, this._scene));
  }

  /** Whatever lay on it wakes. */
  removeCollider(name: string): void {
    this._colliders.get(name)?.dispose();
    this._colliders.delete(name);
    this.wake();
  }

  /** Lets balls fall from above a place, one a material, spread at random. */
  drop(above: Vector3, materials: readonly PBRMaterial[]): Ball[] {
    const dropped = materials.map((material, i) => {
      const radius = this._random.range(0.035, 0.06);
      const mesh = CreateSphere('ball', { diameter: 2 * radius, segments: 20 }, this._scene);
      mesh.position = above.add(new Vector3(this._random.range(-0.13, 0.13), 0.13 * i, this._random.range(-0.13, 0.13)));
      mesh.material = material;
      mesh.isPickable = false;
      // About the density of wood.
      const options = { mass: 2500 * radius ** 3, friction: 0.6, restitution: 0.25 };
      const body = new PhysicsAggregate(mesh, PhysicsShapeType.SPHERE, options, this._scene);
      return { mesh, radius, body, climb: 0 };
    });
    this.balls.push(...dropped);
    this.wake();
    return dropped;
  }

  /**
   * Lifts balls out of a surface that grew into them: a collider of triangles has no inside to push from, the distance has.
   * @param distance signed distance at a point of the room, metres
   */
  pushOut(distance: (point: Vector3) => number): void {
    for (const { mesh, radius, body } of this.balls) {
      const at = mesh.getAbsolutePosition().clone();
      for (let pass = 0; pass < 4; pass++) {
        const depth = radius - distance(at);
        if (depth <= 0) break;
        const slope = AXES.map((axis) => distance(at.add(axis.scale(PROBE))) - distance(at.subtract(axis.scale(PROBE))));
        at.addInPlace(new Vector3(slope[0], slope[1], slope[2]).normalize().scale(depth));
        at.y = Math.max(at.y, radius);
      }
      if (at.equals(mesh.position)) continue;
      mesh.position.copyFrom(at);
      this._plugin.setPhysicsBodyTransformation(body.body, mesh);
      body.body.setLinearVelocity(Vector3.Zero());
    }
  }

  removeBalls(): void {
    for (const { mesh, body } of this.balls) {
      body.dispose();
      mesh.dispose();
    }
    this.balls.length = 0;
  }

  wake(): void {
    this._rests = false;
    this._stillFor = 0;
    for (const { body } of this.balls) body.body.applyImpulse(WAKING_TOUCH, body.transformNode.getAbsolutePosition());
  }

  /** @returns whether a ball moved */
  advance(seconds: number): boolean {
    if (this._rests || this.balls.length === 0) return false;
    this._left = Math.min(this._left + seconds, MOST_STEPS * STEP);
    for (; this._left >= STEP; this._left -= STEP) {
      this._engine._step(STEP);
      for (const ball of this.balls) resistRolling(ball);
      const still = this.balls.every(({ body }) => body.body.getLinearVelocity().length() < STILL_SPEED);
      this._stillFor = still ? this._stillFor + STEP : 0;
    }
    this._rests = this._stillFor > STILL_SECONDS;
    return true;
  }
}

/** Havok rolls without loss, so that nothing would ever lie still on a chair. */
function resistRolling(ball: Ball): void {
  const { body } = ball.body;
  const velocity = body.getLinearVelocity();
  // What does not gain the speed of a fall is held up by something.
  const supported = velocity.y - ball.climb > -0.5 * GRAVITY * STEP;
  ball.climb = velocity.y;
  const speed = velocity.length();
  if (!supported || speed === 0) return;
  const kept = Math.max(0, 1 - (ROLLING_RESISTANCE * GRAVITY * STEP) / speed);
  body.setLinearVelocity(velocity.scaleInPlace(kept));
  body.setAngularVelocity(body.getAngularVelocity().scaleInPlace(kept));
}

const AXES = [new Vector3(1, 0, 0), new Vector3(0, 1, 0), new Vector3(0, 0, 1)];
/** Half the base of a difference quotient, metres. */
const PROBE = 2e-3;

/** A sleeping body does not notice that the ground under it has gone; newton seconds, too little to see. */
const WAKING_TOUCH = new Vector3(0, 1e-4, 0);

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { NullEngine } from '@babylonjs/core/Engines/nullEngine.js';
import { Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import '@babylonjs/core/Physics/joinedPhysicsEngineComponent.js';
import { PhysicsMotionType } from '@babylonjs/core/Physics/v2/IPhysicsEnginePlugin.js';
import { HavokPlugin } from '@babylonjs/core/Physics/v2/Plugins/havokPlugin.js';
import { PhysicsBody } from '@babylonjs/core/Physics/v2/physicsBody.js';
import type { PhysicsEngine } from '@babylonjs/core/Physics/v2/physicsEngine.js';
import { PhysicsShapeBox, PhysicsShapeMesh, PhysicsShapeSphere } from '@babylonjs/core/Physics/v2/physicsShape.js';
import { Scene } from '@babylonjs/core/scene.js';
import HavokPhysics from '@babylonjs/havok';
import { describe, expect, it } from 'vitest';
import { createCollider } from '../../plugin/baked/collider.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { PlainEvaluator } from '../../src/decoder/evaluator.js';
import { Random } from '../../src/random.js';

const BALLS = 50;
const RADIUS = 0.05;
const SECONDS = 10;
const STEP = 1 / 60;
/** Metres a second; below it a ball lies still to the eye. */
const STILL = 0.01;

const shapes = await readShapes(readFileSync(new URL('../../assets/chairs.glb', import.meta.url)));
/** Those that the file shows. */
const tested = shapes.shapes.filter(({ bakedMesh }) => bakedMesh);

const wasm = createRequire(import.meta.url)
  .resolve('@babylonjs/havok')
  .replace(/umd.*$/, 'esm/HavokPhysics.wasm');

async function physicsScene(): Promise<{ scene: Scene; physics: PhysicsEngine }> {
  const scene = new Scene(new NullEngine());
  // As the asset.
  scene.useRightHandedSystem = true;
  const havok = await HavokPhysics({ wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } as never);
  scene.enablePhysics(new Vector3(0, -9.81, 0), new HavokPlugin(true, havok));
  const floor = new PhysicsBody(new TransformNode('floor', scene), PhysicsMotionType.STATIC, false, scene);
  floor.shape = new PhysicsShapeBox(new Vector3(0, -0.5, 0), Quaternion.Identity(), new Vector3(40, 1, 40), scene);
  floor.shape.material = { friction: 0.6, restitution: 0.3 };
  return { scene, physics: scene.getPhysicsEngine() as PhysicsEngine };
}

/** Balls over the shape, in loose layers. */
function dropBalls(scene: Scene, random: Random): PhysicsBody[] {
  const shape = new PhysicsShapeSphere(Vector3.Zero(), RADIUS, scene);
  shape.material = { friction: 0.6, restitution: 0.3 };
  return Array.from({ length: BALLS }, (_, i) => {
    const node = new TransformNode(`ball ${i}`, scene);
    node.position.set(random.range(-0.28, 0.28), 1.3 + 0.11 * Math.floor(i / 4), random.range(-0.28, 0.28));
    const body = new PhysicsBody(node, PhysicsMotionType.DYNAMIC, false, scene);
    body.shape = shape;
    body.setMassProperties({ mass: 0.3 });
    // Rolling friction, which Havok has none of.
    body.setAngularDamping(8);
    return body;
  });
}

describe.each(tested.map((shape) => [shape.name, shape] as const))('fifty balls dropped on the baked collider of %s', (name, shape) => {
  it('come to rest within ten seconds, outside of it and above the floor', async () => {
    const { scene, physics } = await physicsScene();
    const mesh = NeuralSdfMesh.Create(name, shapes, scene, { shape: name });
    // To metres, feet on the floor, as in DeepSDF's normalisation: original = point / scale - offset.
    const { scale, offset } = shape.normalization!;
    mesh.scaling.setAll(1 / scale);
    mesh.position.y = -offset[1];
    const collider = await createCollider(mesh, { resolution: 64 });
    const body = new PhysicsBody(collider, PhysicsMotionType.STATIC, false, scene);
    body.shape = new PhysicsShapeMesh(collider, scene);
    body.shape.material = { friction: 0.6, restitution: 0.3 };

    const balls = dropBalls(scene, new Random(50));
    const evaluator = new PlainEvaluator(shapes.decoder, shape.latent);
    const toModel = mesh.computeWorldMatrix(true).clone().invert();
    /** Of a ball's centre from the surface, metres; far away where the decoder was never trained. */
    const distanceOf = (ball: PhysicsBody): number => {
      const { x, y, z } = Vector3.TransformCoordinates(ball.transformNode.position, toModel);
      if ([x, y, z].some((value) => Math.abs(value) > shapes.halfExtent)) return Number.POSITIVE_INFINITY;
      return evaluator.distance(x, y, z) / scale;
    };
    const nearest = balls.map(() => Number.POSITIVE_INFINITY);
    for (let step = 0; step < SECONDS / STEP; step++) {
      physics._step(STEP);
      balls.forEach((ball, i) => {
        nearest[i] = Math.min(nearest[i], distanceOf(ball));
      });
    }
    expect(Math.max(...balls.map((ball) => ball.getLinearVelocity().length()))).toBeLessThan(STILL);
    expect(Math.min(...balls.map((ball) => ball.transformNode.position.y))).toBeGreaterThan(0.9 * RADIUS);
    expect(Math.min(...balls.map(distanceOf))).toBeGreaterThan(0.5 * RADIUS);
    // On its way, an impact at 7 m/s may press a ball into a thin slat, but no centre ever came inside; and most met the shape.
    expect(Math.min(...nearest)).toBeGreaterThan(0);
    expect(nearest.filter((distance) => distance < 1.2 * RADIUS).length).toBeGreaterThan(BALLS / 2);
    scene.dispose();
    scene.getEngine().dispose();
  });
});

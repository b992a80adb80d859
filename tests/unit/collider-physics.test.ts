import { existsSync, readFileSync } from 'node:fs';
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
import { createCollider } from '../../plugin/collider.js';
import { NeuralSdfMesh } from '../../plugin/neural-sdf-mesh.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { PlainEvaluator } from '../../src/decoder/evaluator.js';
import { Random } from '../../src/random.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const BALLS = 50;
const RADIUS = 0.05;
const SECONDS = 10;
const STEP = 1 / 60;
/** Metres a second; below it a ball lies still to the eye. */
const STILL = 0.01;

const asset = new URL('../../assets/chairs.glb', import.meta.url);
const shapes: NeuralShapes = existsSync(asset) ? await readShapes(readFileSync(asset)) : tinyShapes();
const shown = shapes.shapes.filter(({ bakedMesh }) => bakedMesh);
const tested = shown.length > 0 ? shown : shapes.shapes;

const wasm = createRequire(import.meta.url)
  .resolve('@babylonjs/havok')
  .replace(/umd.*$/, 'esm/HavokPhysics.wasm');

async function physicsScene(): Promise<{ scene: Scene; physics: PhysicsEngine }> {
  const scene = new Scene(new NullEngine());
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
    const { scale, offset } = shape.normalization ?? { scale: 1.4, offset: [0, -0.5, 0] };
    mesh.scaling.setAll(1 / scale);
    mesh.position.y = -offset[1];
    const collider = await createCollider(mesh, { resolution: 64 });
    const body = new PhysicsBody(collider, PhysicsMotionType.STATIC, false, scene);
    body.shape = new PhysicsShapeMesh(collider, scene);
    body.shape.material = { friction: 0.6, restitution: 0.3 };

    const balls = dropBalls(scene, new Random(50));
    for (let step = 0; step < SECONDS / STEP; step++) physics._step(STEP);

    const evaluator = new PlainEvaluator(shapes.decoder, shape.latent);
    const toModel = mesh.computeWorldMatrix(true).clone().invert();
    const ends = balls.map((ball) => {
      const { position } = ball.transformNode;
      const local = Vector3.TransformCoordinates(position, toModel);
      const inBox = [local.x, local.y, local.z].every((value) => Math.abs(value) < shapes.halfExtent);
      const distance = inBox ? evaluator.distance(local.x, local.y, local.z) / scale : Number.POSITIVE_INFINITY;
      return { speed: ball.getLinearVelocity().length(), height: position.y, distance };
    });
    console.log(name, ends.map((e) => [e.speed, e.height, e.distance].map((v) => v.toFixed(3)).join(' ')).join(' , '));
    expect(Math.max(...ends.map(({ speed }) => speed))).toBeLessThan(STILL);
    expect(Math.min(...ends.map(({ height }) => height))).toBeGreaterThan(0.9 * RADIUS);
    expect(Math.min(...ends.map(({ distance }) => distance))).toBeGreaterThan(0.5 * RADIUS);
    // Without a collider, all would lie on the floor.
    expect(ends.filter(({ height }) => height > 2 * RADIUS).length).toBeGreaterThan(0);
    scene.dispose();
    scene.getEngine().dispose();
  });
});

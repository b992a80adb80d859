import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { bakeTriangles, createBakedMesh } from '../../plugin/baked/baked-mesh.js';
import { deviceOf } from '../../plugin/device.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { openStudio, paint } from '../support/studio.js';
import { shootBench } from './bench-picture.js';
import { median } from './median.js';
import { NAIVE_MOST_EVALUATIONS, withNaiveShaders } from './naive-shaders.js';
import { orbitEyes } from './orbit.js';

/** Whole frames of Babylon's, milliseconds: the median over an orbit of cameras. */
export interface FrameFigures {
  /** What the plugin shows the decoder by. */
  readonly shownBy: 'tracing' | 'baked mesh';
  readonly traced: number;
  readonly baked: number;
  /** The scene without the shape. */
  readonly empty: number;
  readonly naive?: number;
  /** Naive to traced: of the whole frame, and with the empty one's time taken off both. */
  readonly timesAsFast?: { readonly frame: number; readonly shape: number };
}

export interface FrameOptions {
  readonly cameras: number;
  readonly rounds: number;
  readonly naive: boolean;
}

/** A frame of Babylon's, until the GPU is done with it, milliseconds. */
export async function timeFrame(engine: WebGPUEngine, scene: Scene): Promise<number> {
  const start = performance.now();
  engine.beginFrame();
  scene.render();
  engine.endFrame();
  await deviceOf(engine).queue.onSubmittedWorkDone();
  return performance.now() - start;
}

/** The same shape traced, as its baked mesh (128^3) and by plain tracing, in turns. Leaves pictures in tests/out/. */
export async function benchFrames(
  engine: WebGPUEngine,
  name: string,
  shapes: NeuralShapes,
  { cameras, rounds, naive }: FrameOptions,
): Promise<FrameFigures> {
  const { scene, camera } = openStudio(engine);
  const { latent } = shapes.shapes[0];
  const triangles = await bakeTriangles(shapes, latent, 128);
  const stage = (label: string, maxEvaluations?: number) =>
    NeuralSdfMesh.Create(label, shapes, scene, {
      material: paint(scene, new Color3(0.8, 0.35, 0.15)),
      fallbackMesh: createBakedMesh(`${label} baked`, triangles, scene),
      maxEvaluations,
    });
  const show = async (mesh: NeuralSdfMesh, label: string) => {
    await shootBench(scene, `${name}-${label}`);
    mesh.setEnabled(false);
  };
  const [first, ...others] = orbitEyes(cameras, 2.6 * shapes.halfExtent).map(([x, y, z]) => new Vector3(x, y, z));
  const look = (eye: Vector3) => {
    camera.position = eye;
    camera.setTarget(Vector3.Zero());
  };
  look(first);
  const mesh = stage('traced');
  await show(mesh, 'traced');
  const shownBy = mesh.isTraced ? 'tracing' : 'baked mesh';
  const plain =
    naive && mesh.isTraced
      ? await withNaiveShaders(deviceOf(engine), async () => {
          const made = stage('naive', NAIVE_MOST_EVALUATIONS);
          await show(made, 'naive');
          return made;
        })
      : undefined;

  const times = { traced: [] as number[], baked: [] as number[], empty: [] as number[], naive: [] as number[] };
  const take = async (of: NeuralSdfMesh | undefined, showBaked: 'never' | 'always', into: number[]) => {
    if (of) of.showBaked = showBaked;
    of?.setEnabled(true);
    into.push(await timeFrame(engine, scene));
    of?.setEnabled(false);
  };
  for (let round = 0; round < rounds; round++) {
    for (const eye of [first, ...others]) {
      look(eye);
      // Untimed: what a new camera makes Babylon do once.
      await timeFrame(engine, scene);
      await take(undefined, 'never', times.empty);
      await take(mesh, 'never', times.traced);
      await take(mesh, 'always', times.baked);
      if (plain) await take(plain, 'never', times.naive);
    }
  }
  look(first);
  mesh.setEnabled(true);
  await show(mesh, 'baked');
  scene.dispose();
  const [traced, empty] = [median(times.traced), median(times.empty)];
  return {
    shownBy,
    traced,
    baked: median(times.baked),
    empty,
    ...(plain && {
      naive: median(times.naive),
      timesAsFast: {
        frame: median(times.naive.map((ms, i) => ms / times.traced[i])),
        shape: median(times.naive.map((ms, i) => (ms - empty) / (times.traced[i] - empty))),
      },
    }),
  };
}

/** From a mesh's making until its first traced frame is there, less a frame: shaders, grid and what the driver compiles at the first draw. */
export async function timeCompilation(engine: WebGPUEngine, shapes: NeuralShapes): Promise<number> {
  const { scene } = openStudio(engine);
  const material = paint(scene, new Color3(0.8, 0.35, 0.15));
  await timeFrame(engine, scene);
  const start = performance.now();
  const mesh = NeuralSdfMesh.Create('compiled', { ...shapes, shapes: [{ ...shapes.shapes[0], bakedMesh: undefined }] }, scene, {
    material,
  });
  await scene.whenReadyAsync();
  while (!mesh.isTraced) await timeFrame(engine, scene);
  await timeFrame(engine, scene);
  const elapsed = performance.now() - start;
  const frame = await timeFrame(engine, scene);
  scene.dispose();
  return elapsed - frame;
}

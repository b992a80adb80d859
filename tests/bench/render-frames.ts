import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { bakeTriangles, createBakedMesh } from '../../plugin/baked/baked-mesh.js';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import { deviceOf } from '../../plugin/device.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { openStudio, paint } from '../support/studio.js';
import { shootBench } from './bench-picture.js';
import { median } from './median.js';
import { NAIVE_MOST_EVALUATIONS, withNaiveShaders } from './naive-shaders.js';
import { orbitEyes } from './orbit.js';

/** Of a decoder that is shown by bricks. */
export interface BrickFigures {
  /** Cells along the box. */
  readonly resolution: number;
  /** |bricks - decoder| near the surface, model units. */
  readonly errorMean?: number;
  readonly errorP99?: number;
  /** From the mesh's making until there is a shape, and until there is the finest; what compiles meanwhile is in it. */
  readonly coarseSeconds: number;
  readonly fullSeconds: number;
  readonly evaluations: number;
}

/** Whole frames of Babylon's, milliseconds: the median over an orbit of cameras. */
export interface FrameFigures {
  /** What the plugin shows the decoder by. */
  readonly shownBy: 'tracing' | 'bricks' | 'baked mesh';
  readonly bricks?: BrickFigures;
  /** Traced in the picture, by its fragments. */
  readonly traced: number;
  /** Traced ahead of the picture, in waves, at its full resolution: what a frame budget does on a software adapter. */
  readonly ahead?: number;
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
  readonly wide: boolean;
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

/** Cells along the box of the baked mesh: a wide decoder's would take minutes at the others'. */
const BAKED_RESOLUTION = { narrow: 128, wide: 64 } as const;

/** The same shape traced, as its baked mesh and by plain tracing, in turns. Leaves pictures in tests/out/. */
export async function benchFrames(
  engine: WebGPUEngine,
  name: string,
  shapes: NeuralShapes,
  { cameras, rounds, naive, wide }: FrameOptions,
): Promise<FrameFigures> {
  const { scene, camera } = openStudio(engine);
  const { latent } = shapes.shapes[0];
  const triangles = await bakeTriangles(shapes, latent, BAKED_RESOLUTION[wide ? 'wide' : 'narrow']);
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
  const bricks = mesh.traceStatus.form === 'bricks' ? await fillBricks(mesh) : undefined;
  await show(mesh, 'traced');
  const traced = bricks ? 'bricks' : 'tracing';
  const shownBy = mesh.isTraced ? traced : 'baked mesh';
  const plain =
    naive && mesh.isTraced
      ? await withNaiveShaders(deviceOf(engine), async () => {
          const made = stage('naive', NAIVE_MOST_EVALUATIONS);
          await show(made, 'naive');
          return made;
        })
      : undefined;

  const ahead = shownBy === 'tracing' ? await stageAhead(engine, stage('ahead')) : undefined;

  const times = { traced: [] as number[], ahead: [] as number[], baked: [] as number[], empty: [] as number[], naive: [] as number[] };
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
      // The camera has moved since its last turn, so that all of it is traced again.
      if (ahead) await take(ahead, 'never', times.ahead);
      await take(mesh, 'always', times.baked);
      if (plain) await take(plain, 'never', times.naive);
    }
  }
  look(first);
  mesh.setEnabled(true);
  await show(mesh, 'baked');
  scene.dispose();
  const empty = median(times.empty);
  return {
    shownBy,
    bricks,
    traced: median(times.traced),
    ...(ahead && { ahead: median(times.ahead) }),
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

/** Puts a mesh under a budget that traces every pixel ahead, until that is what is drawn. */
async function stageAhead(engine: WebGPUEngine, mesh: NeuralSdfMesh): Promise<NeuralSdfMesh> {
  const scene = mesh.getScene();
  const budget = FrameBudget.of(scene);
  budget.forcedScale = 1;
  budget.tracesAhead = true;
  mesh.targetFrameTime = 1000 / 60;
  while (!budget.shows(mesh)) {
    await timeFrame(engine, scene);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  mesh.setEnabled(false);
  return mesh;
}

/** Waits for the finest level; to be called when the mesh has just been made. */
async function fillBricks(mesh: NeuralSdfMesh): Promise<BrickFigures> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  let coarseSeconds = 0;
  await new Promise<void>((resolve) => {
    const observer = mesh.onTraceStatusChangedObservable.add(({ resolution, isComplete }) => {
      if (resolution > 0) coarseSeconds ||= seconds();
      if (!isComplete) return;
      mesh.onTraceStatusChangedObservable.remove(observer);
      resolve();
    });
  });
  const { resolution, errorMean, errorP99, evaluations = 0 } = mesh.traceStatus;
  return { resolution, errorMean, errorP99, evaluations, coarseSeconds, fullSeconds: seconds() };
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

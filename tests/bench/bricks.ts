/**
 * Wide decoders as bricks: from an edit of the latent code to the coarse and to the full picture, for the paper's 8x512.
 *   npm run bench -- bricks [--resolution cells along the box; default: what suits the adapter] [--pictures folder] [--checkpoint folder]
 * Prints a table, then the same as JSON. Work is given in TFLOP, so that its time follows for any adapter from the rate of its products.
 * Of batches, the median time is told, that of the slowest in twenty, and the longest; and, seen from outside, how long a task of the page's
 * thread and how long a frame's commands would have had to wait (what else the machine does is in them).
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deviceOf } from '../../plugin/device.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import type { TraceOptions } from '../../plugin/shape/trace-options.js';
import { readExperimentFolder } from '../../src/asset/experiment-folder-node.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { createHeadlessEngine, renderToPixels, writePng } from '../../src/cli/headless-engine-node.js';
import { DecoderKernels } from '../../src/gpu/bricks/decoder-kernels.js';
import { DistanceStore } from '../../src/gpu/bricks/distance-store.js';
import { isSoftwareAdapter } from '../../src/gpu/software-adapter.js';
import { measureMultiply } from '../../src/training/webgpu/measure-multiply.js';
import { TrainingDevice } from '../../src/training/webgpu/training-device.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { openStudio } from '../support/studio.js';
import { timeBatches } from './time-batches.js';
import { watchWaiting } from './watch-waiting.js';

const { values: asked } = parseArgs({
  options: {
    resolution: { type: 'string' },
    pictures: { type: 'string' },
    checkpoint: { type: 'string', default: '../shared/data/checkpoints/reference/big_8x512_z256_untrained' },
  },
});
const { pictures, checkpoint } = asked;
const brickResolution = asked.resolution ? Number(asked.resolution) : undefined;

const engine = await createHeadlessEngine({ width: 240, height: 180 });
const device = deviceOf(engine);
const isSoftware = isSoftwareAdapter({ info: device.adapterInfo });
const results: Record<string, unknown>[] = [];
const cases: { name: string; shapes: NeuralShapes; first: number; second: number }[] = [
  { name: 'mugs-teacher', shapes: await readShapes(readFileSync('assets/mugs-teacher.glb')), first: 4, second: 0 },
];
if (existsSync(checkpoint)) cases.push({ name: 'reference, untrained', shapes: await readCheckpoint(), first: 0, second: 2 });
else console.log(`without ${checkpoint}: the trained asset alone`);
for (const each of cases) results.push(await benchShapes(each));
console.table(results);
console.log(JSON.stringify({ adapter: device.adapterInfo.description || device.adapterInfo.architecture, results }));
process.exit(0);

async function benchShapes({ name, shapes, first, second }: (typeof cases)[number]): Promise<Record<string, unknown>> {
  const { scene } = openStudio(engine);
  const options: TraceOptions = { bake: 'bricks', ...(brickResolution && { brickResolution }) };
  const mesh = NeuralSdfMesh.Create(name, { ...shapes, shapes: shapes.shapes.map(({ bakedMesh: _, ...shape }) => shape) }, scene, {
    ...options,
    shape: first,
  });
  const shared = SharedDecoder.acquire(engine, mesh.shapes, options);
  const { evaluator } = await shared.bricks;
  const batches = timeBatches(evaluator);
  // On a software adapter wasm fills the bricks, and the kernels are only timed.
  const kernels = await DecoderKernels.create(device, shapes.decoder, isSoftware);
  const loaded = performance.now();
  await until(mesh, () => mesh.traceStatus.isComplete);
  const loading = performance.now() - loaded;
  await shoot(scene, name, 'first');
  const waiting = watchWaiting(device);
  const start = performance.now();
  let coarse = 0;
  const steps: string[] = [];
  let known = 0;
  let latest = 0;
  let seconds = 0;
  const observer = mesh.onTraceStatusChangedObservable.add(({ resolution, progress, evaluations = 0 }) => {
    if (coarse === 0 && evaluations > 0 && progress === 1) coarse = (performance.now() - start) / 1000;
    if (resolution === known || evaluations === 0 || progress < 1) return;
    known = resolution;
    latest = evaluations;
    seconds = (performance.now() - start) / 1000;
    steps.push(`${resolution}: ${((performance.now() - start) / 1000).toPrecision(3)} s`);
  });
  mesh.setShape(second);
  await until(mesh, () => coarse > 0);
  const waits = [await waiting.stop()];
  await shoot(scene, name, 'coarse');
  const more = watchWaiting(device);
  await until(mesh, () => mesh.traceStatus.isComplete);
  waits.push(await more.stop());
  mesh.onTraceStatusChangedObservable.remove(observer);
  await shoot(scene, name, 'full');
  const { resolution, errorMean = Number.NaN, errorP99 = Number.NaN } = mesh.traceStatus;
  const teraflop = (latest * kernels.flopPerPoint) / 1e12;
  const rate = await kernelRate(kernels, mesh.latent);
  const product = await productRate(kernels);
  kernels.dispose();
  shared.release();
  scene.dispose();
  const round = (value: number) => Number(value.toPrecision(3));
  return {
    decoder: name,
    'filled by': evaluator.description,
    'load to full s': round(loading / 1000),
    levels: steps.join(', '),
    resolution,
    evaluations: latest,
    'TFLOP to full': round(teraflop),
    'filled GFLOP/s': round((teraflop * 1000) / seconds),
    'kernels GFLOP/s': round(rate / 1e9),
    'products GFLOP/s': round(product / 1e9),
    's to full per TFLOP/s of products': round((teraflop * product) / rate),
    'batch ms, median / p95 / longest': batches.describe(),
    'longest wait for the thread ms': Math.round(Math.max(...waits.map(({ thread }) => thread))),
    'longest wait for the device ms': Math.round(Math.max(...waits.map(({ device: queue }) => queue))),
    'error mean': round(errorMean),
    'error p99': round(errorP99),
  };
}

/** Batches of the size that the pace has found. */
async function kernelRate(kernels: DecoderKernels, latent: Float32Array): Promise<number> {
  const count = isSoftware ? 64 : kernels.mostRows;
  const samples = new Float32Array(4 * count).map((_, i) => Math.sin(i));
  const slots = new Uint32Array(samples.buffer);
  for (let i = 0; i < count; i++) slots[4 * i + 3] = i;
  const into = new DistanceStore(device, 'bench', count);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 6; round++) {
    const start = performance.now();
    await kernels.evaluate(latent, samples.buffer, count, into);
    best = Math.min(best, performance.now() - start);
  }
  into.dispose();
  return (count * kernels.flopPerPoint) / (best / 1000);
}

/** The adapter's bare product of matrices, by the same tile. */
async function productRate({ tile }: DecoderKernels): Promise<number> {
  const on = await TrainingDevice.open({ device, allowSoftware: true });
  return (await measureMultiply(on, tile, 'f32', { rows: isSoftware ? 256 : 16384, columns: 512, depth: 512 })).flops;
}

/** Until something holds; where frames do not take the processor that fills the bricks, renders on, as a page does. */
async function until(mesh: NeuralSdfMesh, holds: () => boolean): Promise<void> {
  while (!holds()) {
    if (!isSoftware) {
      engine.beginFrame();
      mesh.getScene().render();
      engine.endFrame();
    }
    await new Promise((resolve) => setTimeout(resolve, 16));
  }
}

async function shoot(scene: Parameters<typeof renderToPixels>[0], name: string, stage: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  writePng(join(pictures, `${name.replace(/\W+/g, '-')}-${stage}.png`), await renderToPixels(scene));
}

/** An untrained decoder's distances rise slowly: its steps may be as many times longer. */
async function readCheckpoint(): Promise<NeuralShapes> {
  const { decoder, latents, delta } = await readExperimentFolder(checkpoint);
  const halfExtent = 1;
  const h = 0.01;
  let steepest = 0;
  for (const latent of latents) {
    const points: number[] = [];
    for (let i = 0; i < 300; i++) {
      const point = [1, 2, 3].map((k) => Math.sin(12.9 * k * i) * halfExtent);
      for (let axis = -1; axis < 3; axis++) points.push(...point.map((value, k) => (k === axis ? value + h : value)));
    }
    const values = new Float32Array(points.length / 3);
    (await createWasmEvaluator(decoder, latent)).evaluate(Float32Array.from(points), values);
    for (let i = 0; i < values.length; i += 4) {
      steepest = Math.max(steepest, Math.hypot(...[1, 2, 3].map((k) => values[i + k] - values[i])) / h);
    }
  }
  const shapes = latents.map((latent, i) => ({ name: `shape-${i}`, latent }));
  return { decoder, shapes, delta, stepScale: 0.8 / steepest, halfExtent };
}

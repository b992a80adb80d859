/**
 * Speed of the wasm training engine: samples and GFLOP a second (forward, backward and update), beside the bare product on one core.
 *   npm run bench -- wasm-training [seconds per case, default 2]
 * Prints a table, then the same as JSON.
 */
import { availableParallelism, cpus } from 'node:os';
import { DEFAULT_DECODER_SPEC, type DecoderSpec, multiplyAddsPerEvaluation, planLayers } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import type { EngineSettings, TrainingBatch } from '../../src/training/engine.js';
import { initializeState } from '../../src/training/state.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';
import { instantiateKernels, type KernelVariant, loadKernels } from '../../src/wasm/module.js';

const seconds = Number(process.argv[2] ?? 2);
const plain = { ...DEFAULT_DECODER_SPEC, latentIn: [], outputTanh: false };
const narrow = { ...plain, dims: [128, 128, 128, 128], codeLength: 32 };
const cases: { name: string; spec: DecoderSpec; groups: number; samplesPerShape: number; settings?: Partial<EngineSettings> }[] = [
  {
    name: '4x64, 16-d in all, 2 octaves',
    spec: { ...plain, dims: [64, 64, 64, 64], codeLength: 16, latentInAll: true, fourierOctaves: 2 },
    groups: 64,
    samplesPerShape: 256,
  },
  { name: '4x128, 32-d', spec: narrow, groups: 64, samplesPerShape: 256 },
  { name: '4x128, 32-d, batch 4 x 2,048', spec: narrow, groups: 4, samplesPerShape: 2048 },
  { name: '4x128, 32-d, batch 4 x 256', spec: narrow, groups: 4, samplesPerShape: 256 },
  {
    name: '4x128, 32-d, dropout 0.2',
    spec: narrow,
    groups: 64,
    samplesPerShape: 256,
    settings: { dropout: { layers: [0, 1, 2, 3], probability: 0.2, latentProbability: 0 } },
  },
  { name: '4x128, 32-d, layer norm', spec: { ...narrow, weightNorm: false }, groups: 64, samplesPerShape: 256 },
  { name: '4x128, 32-d, sine', spec: { ...narrow, activation: 'sine', activationScale: 30 }, groups: 64, samplesPerShape: 256 },
  { name: "8x512, 256-d, the paper's", spec: DEFAULT_DECODER_SPEC, groups: 64, samplesPerShape: 256 },
  { name: '8x512, 256-d, batch 4 x 512', spec: DEFAULT_DECODER_SPEC, groups: 4, samplesPerShape: 512 },
];

/** Forward, gradients by weights, gradients by hidden inputs: two operations a multiply-add. */
function flopPerSample(spec: DecoderSpec): number {
  const hidden = planLayers(spec).reduce((sum, plan) => sum + plan.outputs * plan.hidden, 0);
  return 2 * (2 * multiplyAddsPerEvaluation(spec) + hidden);
}

function makeBatch(groups: number, samplesPerShape: number): TrainingBatch {
  const random = new Random(1);
  const count = groups * samplesPerShape;
  return {
    shapes: Uint32Array.from({ length: groups }, (_, i) => i),
    samplesPerShape,
    points: Float32Array.from({ length: 3 * count }, () => random.range(-1, 1)),
    distances: Float32Array.from({ length: count }, () => random.range(-0.1, 0.1)),
  };
}

interface Rates {
  /** Samples a second of wall time, the best step. */
  readonly wall: number;
  /** Samples a second of processor time, all threads together, the best step: what the wall time would give on one undisturbed core. */
  readonly processor: number;
}

async function measureTraining(
  { spec, groups, samplesPerShape, settings: more }: (typeof cases)[number],
  threads: number,
  variant: KernelVariant,
): Promise<Rates> {
  const batch = makeBatch(groups, samplesPerShape);
  const settings: EngineSettings = { spec, shapeCount: groups, loss: 'saturated-l1', delta: 0.1, codeBound: 1, ...more };
  const engine = await createWasmEngine(settings, { threads, variant });
  await engine.writeState(initializeState(settings, 0.01, new Random(2)));
  const step = () => engine.step(batch, { decoderRate: 1e-4, latentRate: 1e-4, regularization: 1e-4, dropoutSeed: 3 });
  // V8 compiles the kernels a second time, optimised, while they run.
  const warm = performance.now();
  while (performance.now() - warm < 300) await step();
  const best = { wall: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY };
  const start = performance.now();
  do {
    const before = performance.now();
    const usage = process.cpuUsage();
    await step();
    const { user, system } = process.cpuUsage(usage);
    best.processor = Math.min(best.processor, (user + system) / 1e6);
    best.wall = Math.min(best.wall, (performance.now() - before) / 1000);
  } while (performance.now() - start < seconds * 1000);
  engine.dispose();
  const samples = batch.distances.length;
  return { wall: samples / best.wall, processor: samples / best.processor };
}

/** The mode of src/wasm/kernels/multiply.ts that adds to what is there. */
const ACCUMULATE = 5;

/** The product alone, [width, width] by [width, 128]. */
async function measureProduct(variant: KernelVariant, width: number): Promise<number> {
  const memory = new WebAssembly.Memory({ initial: 128, maximum: 128 });
  const { multiply } = instantiateKernels(await loadKernels({ variant }), memory);
  new Float32Array(memory.buffer).fill(0.5);
  const stride = (width + 8) * 32 + 64;
  const run = () => multiply(0, Math.ceil(width / 5), width, 2 << 20, stride, 16, 4 << 20, stride, 160, ACCUMULATE, 0, 0);
  let best = Number.POSITIVE_INFINITY;
  const repeats = Math.ceil(2e7 / (width * width * 128));
  const start = performance.now();
  while (performance.now() - start < seconds * 500) {
    new Float32Array(memory.buffer, 4 << 20).fill(0);
    const before = performance.now();
    for (let i = 0; i < repeats; i++) run();
    best = Math.min(best, performance.now() - before);
  }
  return (repeats * 2 * width * width * 128) / (best / 1000) / 1e9;
}

const results: Record<string, unknown>[] = [];
for (const variant of ['relaxed', 'plain'] as const) {
  for (const width of [64, 128, 512]) {
    results.push({ variant, what: `product, width ${width}`, threads: 1, 'GFLOP/s': Math.round(await measureProduct(variant, width)) });
  }
  for (const configuration of cases) {
    const { name, spec } = configuration;
    for (const threads of [1, 2]) {
      const { wall, processor } = await measureTraining(configuration, threads, variant);
      results.push({
        variant,
        what: name,
        threads,
        'samples/s': Number(wall.toPrecision(3)),
        'GFLOP/s': Number(((wall * flopPerSample(spec)) / 1e9).toPrecision(3)),
        'samples/CPU s': Number(processor.toPrecision(3)),
        'GFLOP/CPU s': Number(((processor * flopPerSample(spec)) / 1e9).toPrecision(3)),
      });
    }
  }
}
console.table(results);
console.log(JSON.stringify({ cpu: cpus()[0].model, cores: availableParallelism(), node: process.version, results }));

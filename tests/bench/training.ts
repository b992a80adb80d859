/**
 * Speed of every training backend that this machine has: samples a second for a step of 4 shapes x 2,048 samples.
 *   npx esbuild tests/bench/training.ts --bundle --platform=node --format=esm --packages=external --outfile=node_modules/.bench/training.mjs
 *   node node_modules/.bench/training.mjs [seconds per case, default 5]
 * Prints a table, then the same as JSON.
 */
import { availableParallelism, cpus } from 'node:os';
import { DEFAULT_DECODER_SPEC, type DecoderSpec, multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { createTrainingEngine, TRAINING_BACKENDS, type TrainingBackend } from '../../src/training/choose-engine.js';
import type { TrainingBatch, TrainingEngine } from '../../src/training/engine.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, engineSettings } from '../../src/training/settings.js';
import { initializeState } from '../../src/training/state.js';
import { nodeTfjsPlatform } from '../../src/training/tfjs/tfjs-platform-node.js';

const seconds = Number(process.argv[2] ?? 5);
const decoders: Record<string, DecoderSpec> = {
  '4x64, 16-d in all, 2 octaves': DEFAULT_TRAIN_SPEC,
  '4x128, 32-d in all': {
    ...DEFAULT_DECODER_SPEC,
    codeLength: 32,
    dims: [128, 128, 128, 128],
    latentIn: [],
    latentInAll: true,
    outputTanh: false,
  },
};
const shapeCount = 9;
const rates = { decoderRate: 1e-3, latentRate: 1e-3, regularization: 1e-4 };

function makeBatch(samplesPerShape: number): TrainingBatch {
  const random = new Random(1);
  const count = 4 * samplesPerShape;
  return {
    shapes: Uint32Array.of(0, 3, 5, 8),
    samplesPerShape,
    points: Float32Array.from({ length: 3 * count }, () => random.range(-1, 1)),
    distances: Float32Array.from({ length: count }, () => random.range(-0.2, 0.2)),
  };
}

/** Samples a second, by the clock and by the processor time spent, which other programs disturb less. */
async function measure(engine: TrainingEngine): Promise<{ perSecond: number; perCpuSecond: number }> {
  const batch = makeBatch(2048);
  for (let i = 0; i < 3; i++) await engine.step(batch, rates);
  const start = performance.now();
  const cpu = process.cpuUsage();
  let samples = 0;
  while (performance.now() - start < seconds * 1000) {
    await engine.step(batch, rates);
    samples += batch.distances.length;
  }
  // On a GPU the steps are only queued until something is read back.
  await engine.readState();
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (samples / (performance.now() - start)) * 1e3, perCpuSecond: (samples / (user + system)) * 1e6 };
}

const results: { decoder: string; backend: TrainingBackend; engine: string; perSecond?: number; perCpuSecond?: number; why?: string }[] =
  [];
for (const [decoder, spec] of Object.entries(decoders)) {
  const settings = defaultTrainingSettings(spec);
  const forEngine = engineSettings(spec, settings, shapeCount);
  console.log(`\n${decoder}: ${multiplyAddsPerEvaluation(spec)} multiply-adds`);
  // 'webgpu' is 'tfjs-webgpu' today, 'auto' one of the others.
  for (const backend of TRAINING_BACKENDS.filter((backend) => backend !== 'auto' && backend !== 'webgpu')) {
    try {
      const engine = await createTrainingEngine(forEngine, backend, { platform: nodeTfjsPlatform() });
      await engine.writeState(initializeState(forEngine, settings.codeStdDev, new Random(2)));
      const speed = await measure(engine);
      engine.dispose();
      console.log(`  ${engine.description.padEnd(32)} ${Math.round(speed.perSecond).toLocaleString('en').padStart(12)} samples/s`);
      results.push({ decoder, backend, engine: engine.description, ...speed });
    } catch (error) {
      console.log(`  ${backend.padEnd(32)} not here: ${(error as Error).message}`);
      results.push({ decoder, backend, engine: backend, why: (error as Error).message });
    }
  }
}
console.log(JSON.stringify({ machine: `${cpus()[0]?.model}, ${availableParallelism()} cores`, node: process.version, results }, null, 2));
process.exit(0);

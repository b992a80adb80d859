/**
 * Peak memory of training on more samples than fit: 500 shapes x 500,000 samples (4 GB), streamed from disk.
 *   npm run bench -- memory [--shapes 500] [--samples 500000] [--steps 400] [--memory 1024] [--folder /tmp]
 * Makes the samples in the folder, which needs twice their size free, and removes them. Prints a table, then the same as JSON.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSamples } from '../../src/dataset/samples.js';
import { Random } from '../../src/random.js';
import { FileSamples } from '../../src/training/file-samples-node.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, engineSettings } from '../../src/training/settings.js';
import { trainAutoDecoder } from '../../src/training/train.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: '500' },
    samples: { type: 'string', default: '500000' },
    steps: { type: 'string', default: '400' },
    memory: { type: 'string', default: '1024' },
    folder: { type: 'string', default: '/tmp' },
  },
});
const [shapes, samples, steps, memory] = [values.shapes, values.samples, values.steps, values.memory].map(Number);
const bytes = shapes * samples * 16;

/** Directions and distances that all shapes share; a shape is a sphere of its own radius. */
function drawDirections(random: Random): Float32Array {
  const rows = new Float32Array(4 * samples);
  for (let i = 0; i < rows.length; i += 4) {
    const [x, y, z] = [random.normal(), random.normal(), random.normal()];
    const length = Math.hypot(x, y, z);
    rows.set([x / length, y / length, z / length, random.normal() * (i % 8 === 0 ? 0.07 : 0.02)], i);
  }
  return rows;
}

function writeSphere(path: string, directions: Float32Array, radius: number): void {
  const sides = { positive: new Float32Array(directions.length), negative: new Float32Array(directions.length) };
  const filled = { positive: 0, negative: 0 };
  for (let i = 0; i < directions.length; i += 4) {
    const distance = directions[i + 3];
    const side = distance > 0 ? 'positive' : 'negative';
    const to = filled[side];
    for (let axis = 0; axis < 3; axis++) sides[side][to + axis] = directions[i + axis] * (radius + distance);
    sides[side][to + 3] = distance;
    filled[side] += 4;
  }
  const positive = sides.positive.subarray(0, filled.positive);
  const negative = sides.negative.subarray(0, filled.negative);
  writeFileSync(path, writeSamples({ name: path, positive, negative }));
}

const { bavail, bsize } = statfsSync(values.folder);
if (bavail * bsize < 2.2 * bytes) throw new Error(`${values.folder} has ${bavail * bsize} bytes free, ${2.2 * bytes} are needed`);
const folder = mkdtempSync(join(values.folder, 'neural-sdf-memory-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
mkdirSync(folder, { recursive: true });

const directions = drawDirections(new Random(1));
const files = Array.from({ length: shapes }, (_, i) => ({ name: `sphere-${i}`, path: join(folder, `${i}.npz`) }));
for (const [i, { path }] of files.entries()) writeSphere(path, directions, 0.3 + (0.6 * i) / shapes);
const baseline = process.resourceUsage().maxRSS;
console.log(`${shapes} shapes x ${samples} samples written; ${Math.round(baseline / 1024)} MiB at most so far`);

const settings = defaultTrainingSettings(DEFAULT_TRAIN_SPEC);
const started = performance.now();
const source = await FileSamples.open(files, { memoryBytes: memory * 2 ** 20, scratchBeside: join(folder, 'scratch') });
const openSeconds = (performance.now() - started) / 1000;
const engine = await createWasmEngine(engineSettings(DEFAULT_TRAIN_SPEC, settings, shapes), {
  threads: Math.min(2, availableParallelism()),
});
const pass = Math.ceil(shapes / settings.shapesPerStep);
const passedAt: { step: number; seconds: number }[] = [];
const result = await trainAutoDecoder({
  spec: DEFAULT_TRAIN_SPEC,
  samples: source,
  settings,
  engine,
  seed: 1,
  steps: Math.max(steps, pass + 1),
  onProgress: ({ step, elapsedSeconds }) => passedAt.push({ step, seconds: elapsedSeconds }),
});
engine.dispose();
await source.close();
const passEnd = passedAt.find(({ step }) => step >= pass) ?? passedAt[passedAt.length - 1];
const end = passedAt[passedAt.length - 1];
const perStep = settings.shapesPerStep * settings.samplesPerShape;
const report = {
  'samples, GB': bytes / 1e9,
  streamed: source.isStreamed,
  'open, s': Number(openSeconds.toFixed(2)),
  'first pass, s': Number(passEnd.seconds.toFixed(1)),
  'samples/s after it': Math.round(((end.step - passEnd.step) * perStep) / Math.max(1e-9, end.seconds - passEnd.seconds)),
  'loss at the end': Number(result.progress.loss.toPrecision(3)),
  'peak RSS, MiB': Math.round(process.resourceUsage().maxRSS / 1024),
};
console.table([report]);
console.log(JSON.stringify({ cpu: cpus()[0]?.model, node: process.version, ...report }));

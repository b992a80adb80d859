/**
 * What a decoder of 4x128 with a 32-d latent code has learnt of the four training shapes of ../shared/data/quality after ten minutes, beside
 * PyTorch's figures on a machine of the same kind (600 CPU seconds):
 *   npm run bench -- quality [--minutes 10] [--threads 2] [--spec tests/bench/quality.specs.json] [--seed 1] [--json file]
 * Prints a table, and the same as JSON.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { listInstances, loadSamples } from '../../src/dataset/folder-node.js';
import { multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { bakeUnlessEmpty, mean } from '../../src/evaluation/known-shapes.js';
import { EMPTY_FIGURES, measureSurface, type SurfaceFigures } from '../../src/evaluation/surface-figures.js';
import { findMeshes, loadTrueSurface } from '../../src/evaluation/true-surfaces-node.js';
import { Random } from '../../src/random.js';
import { createTrainingEngine } from '../../src/training/choose-engine.js';
import { engineSettings } from '../../src/training/settings.js';
import { parseSpecsJson } from '../../src/training/specs-json.js';
import { decoderOfState, latentsOfState } from '../../src/training/state.js';
import { trainAutoDecoder } from '../../src/training/train.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

const DATA = '../shared/data/quality';
/** Chamfer distance x 1000 and mean distance of generated points to the true mesh, ../shared/data/README.md. */
const PYTORCH = {
  chamferX1000: { spot: 0.104, 'rocker-arm': 0.097, cheburashka: 0.096, homer: 0.118 },
  mean: 0.104,
  pointToSurface: 0.00135,
};
const RESOLUTION = 128;
/** Steps this short are safe in decoders of every kind measured. */
const STEP_SCALE = 0.6;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    spec: { type: 'string', default: 'tests/bench/quality.specs.json' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
if (!existsSync(DATA)) {
  console.log(`${DATA} is not here: nothing to measure`);
  process.exit(0);
}
const seed = Number(values.seed);
const { spec, settings } = parseSpecsJson(readFileSync(values.spec, 'utf8'));
const instances = await listInstances(DATA, `${DATA}/train.json`);
const meshes = await findMeshes(`${DATA}/meshes`);
const samples = await Promise.all(instances.map(async (instance) => (await loadSamples(DATA, instance)).samples));
const truths = await Promise.all(
  instances.map((instance) => loadTrueSurface(DATA, instance, meshes.find(instance), new Random(seed + 100))),
);

const forEngine = engineSettings(spec, settings, samples.length);
const engine = await createTrainingEngine(forEngine, 'wasm', { threads: Number(values.threads) });
const cpuBefore = process.cpuUsage();
let tenth = -1;
const { state, progress } = await trainAutoDecoder({
  spec,
  samples,
  settings,
  engine,
  seed,
  timeBudgetSeconds: 60 * Number(values.minutes),
  onProgress: ({ share, step, loss, samplesPerSecond }) => {
    if (Math.floor(10 * share) <= tenth) return;
    tenth = Math.floor(10 * share);
    console.error(`${10 * tenth}% step ${step}, loss ${loss.toFixed(5)}, ${Math.round(samplesPerSecond / 1000)} k samples/s`);
  },
});
const cpu = process.cpuUsage(cpuBefore);
engine.dispose();

const latents = latentsOfState(forEngine, state);
const evaluator = await createWasmEvaluator(decoderOfState(forEngine, state), latents[0]);
const figures: SurfaceFigures[] = [];
for (const [i, truth] of truths.entries()) {
  evaluator.setLatent(latents[i]);
  const baked = await bakeUnlessEmpty(evaluator, { resolution: RESOLUTION, halfExtent: 1, delta: settings.delta, stepScale: STEP_SCALE });
  figures.push(baked ? measureSurface(baked.mesh, truth, new Random(seed + i)) : EMPTY_FIGURES);
}

const rows = instances.map(({ name }, i) => ({
  name,
  chamferX1000: figures[i].chamferX1000,
  pytorch: PYTORCH.chamferX1000[name as keyof typeof PYTORCH.chamferX1000],
  pointToSurface: figures[i].distanceToTruth ?? Number.POSITIVE_INFINITY,
}));
const means = { chamferX1000: mean(rows.map((row) => row.chamferX1000)), pointToSurface: mean(rows.map((row) => row.pointToSurface)) };
const line = (name: string, ...cells: readonly string[]) =>
  console.log(`${name.padEnd(14)} ${cells.map((cell) => cell.padStart(17)).join(' ')}`);
const seen = progress.step * settings.shapesPerStep * settings.samplesPerShape;
console.log(
  `${spec.dims.join('-')}, code ${spec.codeLength}, ${spec.fourierOctaves} octaves${spec.latentInAll ? ', latent in all layers' : ''}: ${multiplyAddsPerEvaluation(spec)} multiply-adds; ` +
    `${values.minutes} min on ${engine.description}, ${progress.step} steps, ${(seen / 1e6).toFixed(1)} M samples, CPU ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s`,
);
line('shape', 'CD x 1000', 'PyTorch', 'point to surface', 'PyTorch');
for (const row of rows) line(row.name, row.chamferX1000.toFixed(4), row.pytorch.toFixed(3), row.pointToSurface.toFixed(5), '');
line('mean', means.chamferX1000.toFixed(4), PYTORCH.mean.toFixed(3), means.pointToSurface.toFixed(5), PYTORCH.pointToSurface.toFixed(5));
const result = {
  machine: `${cpus()[0]?.model}, ${availableParallelism()} cores`,
  load: loadavg()[0],
  node: process.version,
  engine: engine.description,
  minutes: Number(values.minutes),
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  steps: progress.step,
  samples: seen,
  loss: progress.loss,
  seed,
  spec,
  settings,
  mean: means,
  shapes: rows,
};
console.log(JSON.stringify(result));
if (values.json) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
process.exit(0);

/**
 * Speed of the wasm evaluator beside the plain one: query points a second of one core.
 *   npm run bench -- wasm-evaluation [seconds per case, default 1]
 * Prints a table, then the same as JSON.
 */
import { cpus } from 'node:os';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { PlainEvaluator } from '../../src/decoder/evaluator.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec, multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

const seconds = Number(process.argv[2] ?? 1);
const plain = { ...DEFAULT_DECODER_SPEC, latentIn: [] };
const cases: { name: string; spec: DecoderSpec }[] = [
  {
    name: '4x64, 16-d in all, 2 octaves',
    spec: { ...plain, dims: [64, 64, 64, 64], codeLength: 16, latentInAll: true, fourierOctaves: 2 },
  },
  { name: '4x128, 32-d', spec: { ...plain, dims: [128, 128, 128, 128], codeLength: 32 } },
  { name: "8x512, 256-d, the paper's", spec: DEFAULT_DECODER_SPEC },
];

/** Query points a second of processor time, the best of the repetitions that fit into the time: other programs disturb it little. */
function measure(count: number, evaluate: () => void): number {
  evaluate();
  let best = Number.POSITIVE_INFINITY;
  const start = performance.now();
  do {
    const before = process.cpuUsage();
    evaluate();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  } while (performance.now() - start < seconds * 1000);
  return count / best;
}

const results: Record<string, unknown>[] = [];
for (const { name, spec } of cases) {
  const random = new Random(1);
  const decoder = initializeDecoder(spec, random);
  const latent = Float32Array.from({ length: spec.codeLength }, () => random.normal() * 0.1);
  const wide = spec.dims[0] > 256;
  const count = wide ? 1024 : 16384;
  const points = Float32Array.from({ length: 3 * count }, () => random.range(-1, 1));
  const out = new Float32Array(count);
  const gradients = new Float32Array(3 * count);
  const wasm = await createWasmEvaluator(decoder, latent);
  const reference = new PlainEvaluator(decoder, latent);
  const few = wide ? 32 : 1024;
  const rates = {
    'wasm points/s': measure(count, () => wasm.evaluate(points, out)),
    'with gradients': measure(count, () => wasm.evaluateGradient(points, out, gradients)),
    'plain points/s': measure(few, () => reference.evaluate(points.subarray(0, 3 * few), out.subarray(0, few))),
  };
  const rounded = Object.fromEntries(Object.entries(rates).map(([key, rate]) => [key, Number(rate.toPrecision(3))]));
  const gigaflops = (2 * rates['wasm points/s'] * multiplyAddsPerEvaluation(spec)) / 1e9;
  results.push({ decoder: name, ...rounded, 'wasm GFLOP/s': Math.round(gigaflops * 10) / 10 });
}
console.table(results);
console.log(JSON.stringify({ cpu: cpus()[0].model, node: process.version, results }));

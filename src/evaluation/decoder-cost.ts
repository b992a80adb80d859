import { type Decoder, parameterCount } from '../decoder/decoder.js';
import { multiplyAddsPerEvaluation } from '../decoder/spec.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';

/** What a decoder costs whoever renders it. */
export interface DecoderCost {
  /** Of one query point with the latent code folded away: what a pixel pays for each step of its ray. */
  readonly multiplyAdds: number;
  /** Numbers in its layers. */
  readonly parameters: number;
  /** Measured on one thread of this machine, wasm. */
  readonly evaluationsPerSecond: number;
}

const POINTS = 8192;

/** @param seconds how long to measure @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD */
export async function measureCost(decoder: Decoder, latent: Float32Array, seconds = 1): Promise<DecoderCost> {
  const evaluator = await createWasmEvaluator(decoder, latent);
  const random = new Random(1);
  const points = Float32Array.from({ length: 3 * POINTS }, () => random.range(-1, 1));
  const out = new Float32Array(POINTS);
  evaluator.evaluate(points, out);
  const start = performance.now();
  let evaluations = 0;
  do {
    evaluator.evaluate(points, out);
    evaluations += POINTS;
  } while (performance.now() - start < 1000 * seconds);
  return {
    multiplyAdds: multiplyAddsPerEvaluation(decoder.spec),
    parameters: parameterCount(decoder),
    evaluationsPerSecond: Math.round((1000 * evaluations) / (performance.now() - start)),
  };
}

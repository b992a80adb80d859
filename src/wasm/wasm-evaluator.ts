import { checkLatent, type Decoder, type FloatArray } from '../decoder/decoder.js';
import type { DistanceEvaluator } from '../decoder/evaluator.js';
import { NeuralSdfError } from '../errors.js';
import { Arena, type Layout, layOut, writeLayout } from './layout.js';
import { createMemory, instantiateKernels, type Kernels, type KernelVariant, loadKernels } from './module.js';

/** Samples that pass through all layers together. */
const TILE_SAMPLES = 128;
/** Query points copied into the kernels' memory at a time. */
const CHUNK_POINTS = 8192;

/**
 * Signed distances of one shape by our WebAssembly kernels, on the calling thread.
 * @param latent [codeLength]
 * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE, BACKEND_UNAVAILABLE without WebAssembly SIMD
 */
export async function createWasmEvaluator(
  decoder: Decoder,
  latent: ArrayLike<number>,
  options: { variant?: KernelVariant } = {},
): Promise<WasmEvaluator> {
  checkLatent(decoder.spec, latent);
  const kernels = await loadKernels({ variant: options.variant });
  const layout = layOut({ spec: decoder.spec, shapeCount: 1, threads: 1, tileSamples: TILE_SAMPLES, training: false });
  const { plan } = layout;
  const arena = new Arena(layout.end);
  plan.groups = 1;
  plan.shapes = arena.take(4);
  plan.codes = arena.take(plan.codeStride);
  plan.droppedCodes = plan.codes;
  plan.biases = arena.take(plan.biasStride);
  plan.points = arena.take(CHUNK_POINTS * 12);
  const distances = arena.take(CHUNK_POINTS * 4);
  const gradients = arena.take(CHUNK_POINTS * 12);
  const memory = createMemory(arena.end, 0, false);
  writeLayout(layout, memory);
  const place = (offset: number, values: FloatArray) =>
    new Float32Array(memory.buffer, plan.parameters + offset, values.length).set(values);
  decoder.layers.forEach(({ weight, bias, layerNorm }, i) => {
    const record = layout.layers[i];
    place(record.v, weight);
    place(record.bias, bias);
    if (!layerNorm) return;
    place(record.gain, layerNorm.gain);
    place(record.shift, layerNorm.shift);
  });
  const evaluator = new WasmEvaluator(decoder, layout, memory, instantiateKernels(kernels, memory), distances, gradients);
  evaluator.setLatent(latent);
  return evaluator;
}

/** What another thread needs to evaluate the same decoder: a copy of the memory, and where in it things are. */
export interface EvaluatorImage {
  readonly bytes: Uint8Array;
  readonly plan: number;
  readonly latent: number;
  readonly points: number;
  readonly distances: number;
  /** Query points that there is room for. */
  readonly chunk: number;
}

/** Made by `createWasmEvaluator`. */
export class WasmEvaluator implements DistanceEvaluator {
  constructor(
    private readonly _decoder: Decoder,
    private readonly _layout: Layout,
    private readonly _memory: WebAssembly.Memory,
    private readonly _kernels: Kernels,
    private readonly _distances: number,
    private readonly _gradients: number,
  ) {
    _kernels.packWeights(_layout.address);
  }

  /**
   * Another shape of the same decoder: only the biases change.
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  setLatent(latent: ArrayLike<number>): void {
    checkLatent(this._decoder.spec, latent);
    const { plan, address } = this._layout;
    new Float32Array(this._memory.buffer, plan.parameters + plan.latents, latent.length).set(latent);
    this._kernels.foldGroups(address);
  }

  /** @throws NeuralSdfError SHAPE_MISMATCH */
  evaluate(points: Float32Array, out: Float32Array): void {
    this._evaluate(points, out, undefined);
  }

  /**
   * @param points [n, 3], model units
   * @param outDistances [n] signed distance, model units
   * @param outGradients [n, 3] d distance / d point, not normalised
   * @throws NeuralSdfError SHAPE_MISMATCH
   */
  evaluateGradient(points: Float32Array, outDistances: Float32Array, outGradients: Float32Array): void {
    this._evaluate(points, outDistances, outGradients);
  }

  /** The packed decoder, for evaluation-threads.ts. */
  image(): EvaluatorImage {
    const { plan, address } = this._layout;
    return {
      bytes: new Uint8Array(this._memory.buffer).slice(),
      plan: address,
      latent: plan.parameters + plan.latents,
      points: plan.points,
      distances: this._distances,
      chunk: CHUNK_POINTS,
    };
  }

  private _evaluate(points: Float32Array, out: Float32Array, outGradients: Float32Array | undefined): void {
    if (points.length !== 3 * out.length || (outGradients && outGradients.length !== points.length)) {
      throw new NeuralSdfError(
        'SHAPE_MISMATCH',
        `wasm evaluator: ${points.length} coordinates, ${out.length} distances and ${outGradients?.length ?? 'no'} gradient components do not go together`,
      );
    }
    const { plan, address } = this._layout;
    const { buffer } = this._memory;
    for (let first = 0; first < out.length; first += CHUNK_POINTS) {
      const count = Math.min(CHUNK_POINTS, out.length - first);
      new Float32Array(buffer, plan.points).set(points.subarray(3 * first, 3 * (first + count)));
      this._kernels.evaluatePoints(address, plan.points, count, this._distances, outGradients ? this._gradients : 0);
      out.set(new Float32Array(buffer, this._distances, count), first);
      outGradients?.set(new Float32Array(buffer, this._gradients, 3 * count), 3 * first);
    }
  }
}

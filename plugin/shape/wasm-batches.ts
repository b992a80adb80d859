import type { Decoder } from '../../src/decoder/decoder.js';
import type { BatchEvaluator } from '../../src/gpu/bricks/batch-evaluator.js';
import { createWasmEvaluator, type WasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

/**
 * Fills bricks by our WebAssembly kernels, on the calling thread: ten times faster than matrix kernels on an adapter that computes on the CPU
 * itself.
 */
export class WasmBatches implements BatchEvaluator {
  readonly mostRows = 4096;
  readonly isImmediate = true;
  private _latent: Float32Array | undefined;

  private constructor(
    readonly device: GPUDevice,
    private readonly _evaluator: WasmEvaluator,
  ) {}

  /** @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD */
  static async create(device: GPUDevice, decoder: Decoder): Promise<WasmBatches> {
    return new WasmBatches(device, await createWasmEvaluator(decoder, new Float32Array(decoder.spec.codeLength)));
  }

  evaluate(latent: Float32Array, samples: ArrayBuffer, count: number, distances: GPUBuffer): void {
    if (latent !== this._latent) this._evaluator.setLatent(latent);
    this._latent = latent;
    const numbers = new Float32Array(samples);
    const slots = new Uint32Array(samples);
    const points = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) points.set(numbers.subarray(4 * i, 4 * i + 3), 3 * i);
    const answers = new Float32Array(count);
    this._evaluator.evaluate(points, answers);
    const [first, last] = [slots[3], slots[4 * count - 1]];
    const written = new Float32Array(last - first + 1);
    answers.forEach((distance, i) => {
      written[slots[4 * i + 3] - first] = distance;
    });
    this.device.queue.writeBuffer(distances, 4 * first, written);
  }

  dispose(): void {
    this._latent = undefined;
  }
}

import type { Decoder } from '../../src/decoder/decoder.js';
import type { BatchEvaluator, Feeding } from '../../src/gpu/bricks/batch-evaluator.js';
import type { DistanceStore } from '../../src/gpu/bricks/distance-store.js';
import { EvaluationThreads } from '../../src/wasm/evaluation-threads.js';
import { createWasmEvaluator, type WasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

/**
 * Fills bricks by our WebAssembly kernels, on threads of their own: ten times faster than matrix kernels on an adapter that computes on the
 * processor itself, and neither the page nor the device's queue waits.
 */
export class ThreadedWasmBatches implements BatchEvaluator {
  readonly mostRows = 4096;
  readonly description: string;
  readonly feeding: Feeding;

  private constructor(
    readonly device: GPUDevice,
    private readonly _threads: EvaluationThreads,
  ) {
    const lanes = _threads.count;
    this.description = `wasm, ${lanes} thread${lanes > 1 ? 's' : ''}`;
    // Frames of a software adapter may keep the page from handing out batches for as long as what is queued takes.
    this.feeding = { milliseconds: 40, firstRows: 32, lanes, ahead: lanes, queued: 120, isOrdered: false };
  }

  /** @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD or without workers */
  static async create(device: GPUDevice, decoder: Decoder): Promise<ThreadedWasmBatches> {
    return new ThreadedWasmBatches(device, await EvaluationThreads.create(decoder));
  }

  async evaluate(latent: Float32Array, samples: ArrayBuffer, count: number, into: DistanceStore): Promise<number> {
    const slots = new Uint32Array(samples.slice(0, 16 * count));
    const { distances, milliseconds } = await this._threads.evaluate(pointsOf(samples, count), latent);
    putBySlot(slots, distances, into);
    return milliseconds;
  }

  async rest(): Promise<void> {}

  dispose(): void {
    this._threads.dispose();
  }
}

/** The same on the calling thread, a few milliseconds at a time: where no worker can be had. */
export class WasmBatches implements BatchEvaluator {
  readonly mostRows = 1024;
  readonly description = 'wasm, on the calling thread';
  readonly feeding = { milliseconds: 12, firstRows: 32, lanes: 1, ahead: 1, queued: 0, isOrdered: true };
  private _latent: Float32Array | undefined;

  private constructor(
    readonly device: GPUDevice,
    private readonly _evaluator: WasmEvaluator,
  ) {}

  /** @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD */
  static async create(device: GPUDevice, decoder: Decoder): Promise<WasmBatches> {
    return new WasmBatches(device, await createWasmEvaluator(decoder, new Float32Array(decoder.spec.codeLength)));
  }

  async evaluate(latent: Float32Array, samples: ArrayBuffer, count: number, into: DistanceStore): Promise<number> {
    const start = performance.now();
    if (latent !== this._latent) this._evaluator.setLatent(latent);
    this._latent = latent;
    const distances = new Float32Array(count);
    this._evaluator.evaluate(pointsOf(samples, count), distances);
    putBySlot(new Uint32Array(samples, 0, 4 * count), distances, into);
    return performance.now() - start;
  }

  /** Whatever waits for the thread. */
  rest(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve));
  }

  dispose(): void {
    this._latent = undefined;
  }
}

/** [count, 3] */
function pointsOf(samples: ArrayBuffer, count: number): Float32Array {
  const numbers = new Float32Array(samples);
  const points = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) points.set(numbers.subarray(4 * i, 4 * i + 3), 3 * i);
  return points;
}

/** @param slots every fourth is one, ascending */
function putBySlot(slots: Uint32Array, distances: Float32Array, into: DistanceStore): void {
  const [first, last] = [slots[3], slots[4 * distances.length - 1]];
  const written = new Float32Array(last - first + 1);
  distances.forEach((distance, i) => {
    written[slots[4 * i + 3] - first] = distance;
  });
  into.put(first, written);
}

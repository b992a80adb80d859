import type { BakedDecoder } from './bake-decoder.js';
import { composeWavefrontShader, type TraceConstants } from './compose-wgsl.js';
import { RAY_FLOATS, type RayBuffers } from './ray-tracer.js';
import { WaveQueue } from './wave-queue.js';

/**
 * Tracing of a list of rays in waves: the hits of `RayTracer`, to rounding, with the adapter's lanes kept busy (see
 * shaders/wavefront/march.wgsl). One decoder, any number of shapes.
 */
export class WavefrontTracer {
  private constructor(private readonly _queue: WaveQueue) {}

  /**
   * Compiles without blocking the page.
   * @param decoder baked with its gradient
   */
  static async create(device: GPUDevice, decoder: BakedDecoder, constants: TraceConstants): Promise<WavefrontTracer> {
    const code = composeWavefrontShader(decoder, constants);
    return new WavefrontTracer(await WaveQueue.create(device, code, ['read-only-storage', 'storage']));
  }

  /** Queues the tracing of all rays of a buffer; whatever is submitted after it sees the hits. */
  trace({ biases, grid, rays, hits }: RayBuffers): void {
    const count = rays.size / (4 * RAY_FLOATS);
    this._queue.submit(count, [biases, grid], [{ buffer: rays }, { buffer: hits }]);
  }

  dispose(): void {
    this._queue.dispose();
  }
}

import type { BakedDecoder } from './bake-decoder.js';
import { composeWavefrontShader, type TraceConstants } from './compose-wgsl.js';
import { HIT_WORDS, RAY_FLOATS, type RayBuffers } from './ray-tracer.js';
import { MOST_RAYS, WaveQueue } from './wave-queue.js';

/**
 * Tracing of a list of rays in waves: the hits of `RayTracer`, to rounding, with the adapter's lanes kept busy (Laine, Karras, Aila 2013; see
 * shaders/wavefront/march.wgsl). For many rays, of which some take much longer than others. One decoder, any number of shapes.
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
    const count = Math.floor(rays.size / (4 * RAY_FLOATS));
    for (let first = 0; first < count; first += MOST_RAYS) {
      const some = Math.min(MOST_RAYS, count - first);
      const part = (buffer: GPUBuffer, bytes: number) => ({ buffer, offset: bytes * first, size: bytes * some });
      this._queue.submit(some, [biases, grid], [part(rays, 4 * RAY_FLOATS), part(hits, 4 * HIT_WORDS)]);
    }
  }

  dispose(): void {
    this._queue.dispose();
  }
}

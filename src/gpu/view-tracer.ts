import type { BakedDecoder } from './bake-decoder.js';
import { composeViewShader, type TraceConstants } from './compose-wgsl.js';
import { type Placement, packView, type TexelPart, VIEW_BYTES, type View } from './pack-view.js';
import { MOST_RAYS, type WaveCount, WaveQueue } from './wave-queue.js';

/** float32 of a texel: see shaders/wavefront/view-source.wgsl. */
export const TEXEL_FLOATS = 4;

/** A shape's data on the GPU; all of it storage buffers. */
export interface ViewedShape extends Placement {
  /** [biasVectors * 4] float32, and what the decoder keeps behind them. */
  readonly table: GPUBuffer;
  /** As `DistanceGridFiller.fill` leaves it. */
  readonly grid: GPUBuffer;
  /** From packEdits, where the tracer is for shapes with edits. */
  readonly edits?: GPUBuffer;
}

/** Traces what a camera sees of shapes into a buffer of texels, in waves: the nearest hit stays. One decoder, any number of shapes. */
export class ViewTracer {
  private constructor(
    readonly device: GPUDevice,
    private readonly _queue: WaveQueue,
    private readonly _view: GPUBuffer,
    /** Of the box that is traced; not known of shapes with edits, whose box is as large as they make it. */
    private readonly _halfExtent: number | undefined,
  ) {}

  /**
   * Compiles without blocking the page.
   * @param decoder baked with its gradient
   * @param edited for shapes with edits
   */
  static async create(device: GPUDevice, decoder: BakedDecoder, constants: TraceConstants, edited = false): Promise<ViewTracer> {
    const kinds: GPUBufferBindingType[] = ['uniform', 'storage', ...(edited ? ['read-only-storage' as const] : [])];
    const code = composeViewShader(decoder, constants, edited);
    const queue = await WaveQueue.create(device, code, kinds);
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    return new ViewTracer(
      device,
      queue,
      device.createBuffer({ label: 'neural-sdf view', size: VIEW_BYTES, usage }),
      edited ? undefined : constants.halfExtent,
    );
  }

  /**
   * Queues the tracing of a shape.
   * @param texels storage buffer, [height, stride, TEXEL_FLOATS] float32; of zeros where nothing was traced yet
   */
  trace(shape: ViewedShape, view: View, part: TexelPart, texels: GPUBuffer): void {
    const source = [this._view, texels, ...(shape.edits ? [shape.edits] : [])].map((buffer) => ({ buffer }));
    const across = Math.ceil(part.columns / 8);
    const most = 8 * Math.max(1, Math.floor(MOST_RAYS / (64 * across)));
    for (let row = 0; row < part.rows; row += most) {
      const rows = Math.min(most, part.rows - row);
      // In turn with what is submitted: what came before has been traced by its own numbers.
      this.device.queue.writeBuffer(this._view, 0, packView(view, shape, { ...part, bottom: part.bottom + row, rows }, this._halfExtent));
      this._queue.submit(64 * across * Math.ceil(rows / 8), [shape.table, shape.grid], source);
    }
  }

  /** Reads the counts since the last read, and starts again from zero. */
  readCount(): Promise<WaveCount> {
    return this._queue.readCount();
  }

  dispose(): void {
    this._queue.dispose();
    this._view.destroy();
  }
}

import type { Buffers } from './buffers.js';

/** Reading a number back stalls a GPU: so many steps' losses are read at once, while the next ones are under way. */
export const LOSS_INTERVAL = 20;

/** A prediction that is not finite counts for 1e30 in head.wgsl, and no real loss comes near. */
const NOT_FINITE = 1e20;

/** The losses of the latest steps on the device, and their mean as last read. */
export class LossRing {
  /** [LOSS_INTERVAL], written by collect.wgsl at `slot`. */
  readonly losses: GPUBuffer;
  private readonly _staging: GPUBuffer;
  private _steps = 0;
  private _mean = Number.NaN;
  private _reading: Promise<void> | undefined;

  constructor(buffers: Buffers) {
    this.losses = buffers.numbers('losses', LOSS_INTERVAL);
    this._staging = buffers.readable('losses read', 4 * LOSS_INTERVAL);
  }

  /** Of the step to come. */
  get slot(): number {
    return this._steps % LOSS_INTERVAL;
  }

  /** Whether the losses are to be read after the step to come: each time the ring is full, and once at the start. */
  get isDue(): boolean {
    return (this._steps === 0 || this.slot === LOSS_INTERVAL - 1) && this._reading === undefined;
  }

  /** Mean over the steps last read. Late by less than two intervals; NaN where a prediction was not finite. */
  get mean(): number {
    return this._mean;
  }

  /** Starts anew: the first step is read at once. */
  async restart(): Promise<void> {
    await this._reading;
    this._steps = 0;
    this._mean = Number.NaN;
  }

  /** Queues the copy; `read` after it was submitted. */
  copy(encoder: GPUCommandEncoder): void {
    encoder.copyBufferToBuffer(this.losses, 0, this._staging, 0, 4 * LOSS_INTERVAL);
  }

  /** Counts a step. @returns once its loss is known, where it is the first; at once otherwise */
  async count(wasCopied: boolean): Promise<void> {
    const filled = this.slot + 1;
    this._steps++;
    if (!wasCopied) return;
    this._reading = this._read(filled);
    if (this._steps === 1) await this._reading;
  }

  private async _read(filled: number): Promise<void> {
    try {
      await this._staging.mapAsync(GPUMapMode.READ);
      const losses = new Float32Array(this._staging.getMappedRange()).subarray(0, filled);
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / filled;
      this._mean = mean < NOT_FINITE ? mean : Number.NaN;
      this._staging.unmap();
    } catch {
      // The device is lost or the engine disposed of: whoever asks for the next step hears of it.
    } finally {
      this._reading = undefined;
    }
  }
}

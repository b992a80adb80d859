import { readFloats } from './read-floats.js';

/** Distances by slot, on the GPU; those that were computed on the processor are kept there, too, so that nobody has to wait for a frame to read them. */
export class DistanceStore {
  readonly buffer: GPUBuffer;
  private _values: Float32Array<ArrayBuffer> | undefined;
  private _isDisposed = false;

  constructor(
    private readonly _device: GPUDevice,
    label: string,
    readonly count: number,
  ) {
    this.buffer = _device.createBuffer({
      label: `neural-sdf bricks ${label}`,
      size: Math.max(16, 4 * count),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
  }

  /**
   * Queues the writing of neighbouring slots; of a store that is disposed of, nothing: a thread may answer when nobody waits any more.
   * @param first slot of the first
   */
  put(first: number, distances: Float32Array<ArrayBuffer>): void {
    if (this._isDisposed) return;
    this._values ??= new Float32Array(this.count);
    this._values.set(distances, first);
    this._device.queue.writeBuffer(this.buffer, 4 * first, distances);
  }

  /** [count], as far as they were evaluated; not to be written to. */
  async read(): Promise<Float32Array> {
    return this._values ?? readFloats(this._device, this.buffer, this.count);
  }

  dispose(): void {
    this._isDisposed = true;
    this.buffer.destroy();
  }
}

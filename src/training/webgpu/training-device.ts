import { NeuralSdfError } from '../../errors.js';
import { isSoftwareAdapter } from '../../gpu/software-adapter.js';

/** Where to compute. */
export interface DeviceOptions {
  /** A device that is there already, such as Babylon's: weights then reach the scene without leaving the GPU. Not disposed of. */
  readonly device?: GPUDevice;
  /** Where to ask for one otherwise; `navigator.gpu` when not given. */
  readonly gpu?: GPU;
  /** Takes a software adapter too, on which wasm is ten times faster: for tests. */
  readonly allowSoftware?: boolean;
}

/** What makes float16 possible, and what makes it fast. */
const FEATURES: readonly string[] = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'];

/** Submissions that the device may have before it: one is computed, one waits. More would keep a page from rendering. */
const IN_FLIGHT = 2;

/** Dawn in Node crashes when a device or what it came from is collected while work is in flight. */
const kept: unknown[] = [];

/** A GPUDevice that training has for itself or shares with a scene. */
export class TrainingDevice {
  private _loss: NeuralSdfError | undefined;
  private readonly _inFlight: Promise<unknown>[] = [];

  private constructor(
    readonly device: GPUDevice,
    /** Whether it computes on the CPU. */
    readonly isSoftware: boolean,
    /** Whether others use it too. */
    readonly isShared: boolean,
  ) {
    void device.lost.then(({ reason, message }) => {
      const text = `the GPU was lost while training (${reason}): ${message}; go on from the last checkpoint`;
      this._loss = new NeuralSdfError('DEVICE_LOST', text, { reason });
    });
  }

  /** @throws NeuralSdfError BACKEND_UNAVAILABLE without an adapter, or where it is a software one */
  static async open(options: DeviceOptions): Promise<TrainingDevice> {
    const { device } = options;
    if (device) return new TrainingDevice(device, checkSoftware({ info: device.adapterInfo }, options), true);
    const gpu = options.gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
    const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) throw new NeuralSdfError('BACKEND_UNAVAILABLE', 'no WebGPU adapter to train on', { backend: 'webgpu' });
    const isSoftware = checkSoftware(adapter, options);
    const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize } = adapter.limits;
    const opened = await adapter.requestDevice({
      label: 'neural-sdf training',
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
      requiredLimits: { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize },
    });
    kept.push(gpu, adapter, opened);
    return new TrainingDevice(opened, isSoftware, false);
  }

  /** Queues a command buffer, and waits until the device has at most IN_FLIGHT of them before it. @throws NeuralSdfError DEVICE_LOST */
  async submit(encode: (encoder: GPUCommandEncoder) => void): Promise<void> {
    this._checkLost();
    const encoder = this.device.createCommandEncoder({ label: 'neural-sdf training' });
    encode(encoder);
    this.device.queue.submit([encoder.finish()]);
    this._inFlight.push(this.device.queue.onSubmittedWorkDone());
    if (this._inFlight.length >= IN_FLIGHT) await this.settled(this._inFlight.shift() as Promise<unknown>);
  }

  /** A copy of a buffer. @throws NeuralSdfError DEVICE_LOST */
  async read(buffer: GPUBuffer): Promise<ArrayBuffer> {
    const staging = this.device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    await this.submit((encoder) => encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size));
    await this.settled(staging.mapAsync(GPUMapMode.READ));
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    return bytes;
  }

  /** What `make` answers. @throws NeuralSdfError BACKEND_UNAVAILABLE where the device had no memory for it or refused it */
  async checked<T>(make: () => T): Promise<T> {
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    const made = make();
    const [invalid, outOfMemory] = [this.device.popErrorScope(), this.device.popErrorScope()];
    const error = (await this.settled(invalid)) ?? (await this.settled(outOfMemory));
    if (error)
      throw new NeuralSdfError('BACKEND_UNAVAILABLE', `this GPU cannot train the decoder: ${error.message}`, { backend: 'webgpu' });
    return made;
  }

  /** What the promise answers; a lost device settles all that it was asked for. @throws NeuralSdfError DEVICE_LOST */
  async settled<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (cause) {
      // What the device was asked for may fail before the device says why.
      await new Promise((resolve) => setTimeout(resolve));
      throw this._loss ?? cause;
    } finally {
      this._checkLost();
    }
  }

  private _checkLost(): void {
    if (this._loss) throw this._loss;
  }

  dispose(): void {
    if (!this.isShared) this.device.destroy();
  }
}

/** @returns whether it is one @throws NeuralSdfError BACKEND_UNAVAILABLE where it is, and not allowed */
function checkSoftware(adapter: { readonly info: GPUAdapterInfo }, { allowSoftware = false }: DeviceOptions): boolean {
  const isSoftware = isSoftwareAdapter(adapter);
  if (!isSoftware || allowSoftware) return isSoftware;
  const { architecture, description } = adapter.info;
  throw new NeuralSdfError(
    'BACKEND_UNAVAILABLE',
    `the only WebGPU adapter is a software one (${description || architecture}), where training is slower than on wasm: use wasm`,
    { backend: 'webgpu', architecture, description },
  );
}

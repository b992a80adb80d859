import { isSoftwareAdapter } from './software-adapter.js';

/** Of one submission: its rings take 129 bytes a ray, and a binding of 128 MiB is all that every device has. */
export const MOST_RAYS = 1 << 19;

const WORKGROUP = 64;
/** Lanes that are started; each takes up rays until there are none. More than a GPU holds at a time do no harm: they find the queue empty. */
const LANES = { hardware: 65_536, software: 1024 } as const;
/** See shaders/wavefront/march.wgsl. */
const KERNELS = ['leapBlocks', 'startRays', 'marchRays', 'takeGradients'] as const;
/** Of the last two kernels: as many as a ray may take gradients, and one for the rest (SDF_MOST_GRADIENTS). */
const ROUNDS = 4;
const QUEUED_RAY_BYTES = 64;
/** Rays to be marched, and rays that want a gradient. */
const RINGS = 2;
/** Behind the rings, for each block of rays. */
const BLOCK_BYTES = 16;
/** Counts of one submission; and behind them those that add up until they are read. */
const QUEUE_BYTES = 16;
const COUNTERS_BYTES = 24;

/** Statistics of all that was traced. */
export interface WaveCount {
  /** Of the distance, a value with its gradient counting as two. */
  readonly evaluations: number;
  /** Rays that took any. */
  readonly rays: number;
}

/** The passes of wavefront tracing, for any source of rays, and the queues between them. */
export class WaveQueue {
  private readonly _counters: GPUBuffer;
  private _rays: GPUBuffer | undefined;
  private readonly _groups: number;

  private constructor(
    private readonly _device: GPUDevice,
    private readonly _layout: GPUBindGroupLayout,
    private readonly _pipelines: readonly GPUComputePipeline[],
  ) {
    this._counters = _device.createBuffer({
      label: 'neural-sdf wave counters',
      size: COUNTERS_BYTES,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    this._groups = LANES[isSoftwareAdapter({ info: _device.adapterInfo }) ? 'software' : 'hardware'] / WORKGROUP;
  }

  /**
   * Compiles without blocking the page.
   * @param source kinds of the buffers that the source of rays binds from 4 on
   */
  static async create(device: GPUDevice, code: string, source: readonly GPUBufferBindingType[]): Promise<WaveQueue> {
    const module = device.createShaderModule({ label: 'neural-sdf waves', code });
    const kinds: GPUBufferBindingType[] = ['read-only-storage', 'read-only-storage', 'storage', 'storage', ...source];
    const layout = device.createBindGroupLayout({
      label: 'neural-sdf waves',
      entries: kinds.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
    });
    const pipelines = await Promise.all(
      KERNELS.map((entryPoint) =>
        device.createComputePipelineAsync({
          label: `neural-sdf ${entryPoint}`,
          layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: { module, entryPoint },
        }),
      ),
    );
    return new WaveQueue(device, layout, pipelines);
  }

  /**
   * Queues the tracing of so many rays.
   * @param shape its table and its grid
   * @param source what the source of rays binds
   */
  submit(count: number, shape: readonly GPUBuffer[], source: readonly GPUBindingResource[]): void {
    const rays = this._reserve(count);
    const resources: GPUBindingResource[] = [...[...shape, this._counters, rays].map((buffer) => ({ buffer })), ...source];
    const bindGroup = this._device.createBindGroup({
      layout: this._layout,
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
    const encoder = this._device.createCommandEncoder({ label: 'neural-sdf waves' });
    encoder.clearBuffer(this._counters, 0, QUEUE_BYTES);
    const pass = encoder.beginComputePass({ label: 'neural-sdf waves' });
    pass.setBindGroup(0, bindGroup);
    const [leap, start, ...round] = this._pipelines;
    for (const pipeline of [leap, start, ...Array<typeof round>(ROUNDS).fill(round).flat()]) {
      pass.setPipeline(pipeline);
      pass.dispatchWorkgroups(Math.min(this._groups, Math.ceil(count / WORKGROUP)));
    }
    pass.end();
    this._device.queue.submit([encoder.finish()]);
  }

  /** Reads the counts since the last read, and starts again from zero. */
  async readCount(): Promise<WaveCount> {
    const size = COUNTERS_BYTES - QUEUE_BYTES;
    const read = this._device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = this._device.createCommandEncoder({ label: 'neural-sdf wave counts' });
    encoder.copyBufferToBuffer(this._counters, QUEUE_BYTES, read, 0, size);
    encoder.clearBuffer(this._counters, QUEUE_BYTES, size);
    this._device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const [evaluations, rays] = new Uint32Array(read.getMappedRange());
    read.destroy();
    return { evaluations, rays };
  }

  dispose(): void {
    this._counters.destroy();
    this._rays?.destroy();
  }

  private _reserve(count: number): GPUBuffer {
    const size = QUEUED_RAY_BYTES * RINGS * Math.max(count, 1) + BLOCK_BYTES * Math.ceil(count / WORKGROUP);
    if (this._rays && this._rays.size >= size) return this._rays;
    this._rays?.destroy();
    this._rays = this._device.createBuffer({ label: 'neural-sdf wave rays', size, usage: GPUBufferUsage.STORAGE });
    return this._rays;
  }
}

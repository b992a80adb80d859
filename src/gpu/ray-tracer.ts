import type { BakedDecoder } from './bake-decoder.js';
import { composeRayShader, type TraceConstants } from './compose-wgsl.js';

/** float32 of a ray: origin [3], length, unit direction [3], pixel size per unit of length (0 for a ray of its own); model units. */
export const RAY_FLOATS = 8;
/** 32-bit words of a hit: unit normal [3], distance from the origin (float32), evaluations, 1 where found (uint32), two spare. */
export const HIT_WORDS = 8;

const WORKGROUP = 64;

/** Buffers of a call; all of them storage. */
export interface RayBuffers {
  /** [biasVectors * 4] float32, and what the decoder keeps behind them. */
  readonly biases: GPUBuffer;
  /** As `DistanceGridFiller.fill` leaves it. */
  readonly grid: GPUBuffer;
  /** [count, RAY_FLOATS] float32 */
  readonly rays: GPUBuffer;
  /** [count, HIT_WORDS] */
  readonly hits: GPUBuffer;
}

/**
 * The compute form of tracing, for rays of one's own (sensors, physics, visibility): the fragment shader's own functions on a list of rays,
 * a lane each. One decoder, any number of shapes: of each, `packBiases(folded, foldBiases(decoder, latent))` goes into `biases`, and
 * `DistanceGridFiller.fill` makes its grid. `WavefrontTracer` has the same hits of many rays sooner.
 */
export class RayTracer {
  private constructor(
    private readonly _device: GPUDevice,
    private readonly _layout: GPUBindGroupLayout,
    private readonly _pipeline: GPUComputePipeline,
  ) {}

  /**
   * Compiles without blocking the page.
   * @param decoder baked with its gradient
   */
  static async create(device: GPUDevice, decoder: BakedDecoder, constants: TraceConstants): Promise<RayTracer> {
    const module = device.createShaderModule({ label: 'neural-sdf rays', code: composeRayShader(decoder, constants) });
    const buffer = (type: GPUBufferBindingType, binding: number) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } });
    const layout = device.createBindGroupLayout({
      label: 'neural-sdf rays',
      entries: (['read-only-storage', 'read-only-storage', 'read-only-storage', 'storage'] as const).map(buffer),
    });
    const pipeline = await device.createComputePipelineAsync({
      label: 'neural-sdf rays',
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'traceRays' },
    });
    return new RayTracer(device, layout, pipeline);
  }

  /** Queues the tracing of all rays of a buffer; whatever is submitted after it sees the hits. */
  trace({ biases, grid, rays, hits }: RayBuffers): void {
    const bindGroup = this._device.createBindGroup({
      layout: this._layout,
      entries: [biases, grid, rays, hits].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const encoder = this._device.createCommandEncoder({ label: 'neural-sdf rays' });
    const pass = encoder.beginComputePass({ label: 'neural-sdf rays' });
    pass.setPipeline(this._pipeline);
    pass.setBindGroup(0, bindGroup);
    const groups = Math.ceil(rays.size / (4 * RAY_FLOATS * WORKGROUP));
    const across = Math.min(groups, this._device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(across, Math.ceil(groups / across));
    pass.end();
    this._device.queue.submit([encoder.finish()]);
  }
}

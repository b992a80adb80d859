import type { BakedDecoder } from './bake-decoder.js';
import { composeGridShader, type TraceConstants } from './compose-wgsl.js';

const PASSES = ['classifyCells', 'transformX', 'transformY', 'transformZ'] as const;

/**
 * Compute pipelines that turn a bias table into a grid of free leaps: per cell the signed Chebyshev distance, in cells, to the
 * nearest cell that the surface may cross. One decoder, any number of shapes.
 */
export class DistanceGridFiller {
  private constructor(
    /** A filler dies with its device. */
    readonly device: GPUDevice,
    private readonly _layout: GPUBindGroupLayout,
    private readonly _pipelines: readonly GPUComputePipeline[],
    private readonly _resolution: number,
  ) {}

  /** Compiles without blocking the page. */
  static async create(device: GPUDevice, decoder: BakedDecoder, constants: TraceConstants): Promise<DistanceGridFiller> {
    const module = device.createShaderModule({ label: 'neural-sdf grid', code: composeGridShader(decoder, constants) });
    const layout = device.createBindGroupLayout({
      label: 'neural-sdf grid',
      entries: [
        { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'read-only-storage' } },
        { binding: 1, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } },
      ],
    });
    const pipelines = await Promise.all(
      PASSES.map((entryPoint) =>
        device.createComputePipelineAsync({
          label: `neural-sdf grid ${entryPoint}`,
          layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: { module, entryPoint },
        }),
      ),
    );
    return new DistanceGridFiller(device, layout, pipelines, constants.gridResolution);
  }

  /**
   * Queues the refill of a grid; whatever is submitted after it sees the new one.
   * @param biases storage buffer, [biasVectors * 4] float32
   * @param grid storage buffer, [gridResolution^3] int32
   */
  fill(biases: GPUBuffer, grid: GPUBuffer): void {
    const bindGroup = this.device.createBindGroup({
      layout: this._layout,
      entries: [
        { binding: 0, resource: { buffer: biases } },
        { binding: 1, resource: { buffer: grid } },
      ],
    });
    const encoder = this.device.createCommandEncoder({ label: 'neural-sdf grid' });
    const pass = encoder.beginComputePass({ label: 'neural-sdf grid' });
    pass.setBindGroup(0, bindGroup);
    const n = this._resolution;
    for (const [index, pipeline] of this._pipelines.entries()) {
      pass.setPipeline(pipeline);
      if (index === 0) pass.dispatchWorkgroups(Math.ceil(n ** 3 / 64));
      else pass.dispatchWorkgroups(n, n);
    }
    pass.end();
    this.device.queue.submit([encoder.finish()]);
  }
}

/**
 * The coarsest grid whose cells can be proven free at all: half a cell's diagonal must be below the longest safe step,
 * stepScale * delta. At least `wanted`.
 */
export function gridResolutionFor(constants: { halfExtent: number; delta: number; stepScale: number }, wanted: number): number {
  const needed = Math.ceil((0.87 * 2 * constants.halfExtent) / (0.9 * constants.stepScale * constants.delta));
  return Math.min(Math.max(wanted, needed), 64);
}

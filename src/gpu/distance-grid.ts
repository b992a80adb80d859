import type { BakedDecoder } from './bake-decoder.js';
import { composeGridShader, editedConstants, type TraceConstants } from './compose-wgsl.js';

export { gridResolutionFor } from './grid-resolution.js';

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

  /**
   * Compiles without blocking the page.
   * @param edited for shapes with edits, whose grid has the resolution of `editedConstants`
   */
  static async create(device: GPUDevice, decoder: BakedDecoder, constants: TraceConstants, edited = false): Promise<DistanceGridFiller> {
    const module = device.createShaderModule({ label: 'neural-sdf grid', code: composeGridShader(decoder, constants, edited) });
    const layout = device.createBindGroupLayout({
      label: 'neural-sdf grid',
      entries: [
        { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'read-only-storage' } },
        { binding: 1, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } },
        ...(edited ? [{ binding: 2, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'read-only-storage' } as const }] : []),
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
    return new DistanceGridFiller(device, layout, pipelines, (edited ? editedConstants(constants) : constants).gridResolution);
  }

  /**
   * Queues the refill of a grid; whatever is submitted after it sees the new one.
   * @param biases storage buffer, [biasVectors * 4] float32
   * @param grid storage buffer, [gridResolution^3] int32
   * @param edits storage buffer, from packEdits, where the filler is for shapes with edits
   * @param offsets bytes before the shape's own data in each, multiples of 256
   */
  fill(biases: GPUBuffer, grid: GPUBuffer, edits?: GPUBuffer, offsets = { biases: 0, grid: 0 }): void {
    const bindGroup = this.device.createBindGroup({
      layout: this._layout,
      entries: [
        { binding: 0, resource: { buffer: biases, offset: offsets.biases } },
        { binding: 1, resource: { buffer: grid, offset: offsets.grid } },
        ...(edits ? [{ binding: 2, resource: { buffer: edits } }] : []),
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

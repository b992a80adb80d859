import { samplesOf } from './brick-layout.js';
import { composeAssembly } from './compose-bricks.js';

const PASSES = ['assembleCoarse', 'assembleBricks'] as const;

/** Distances on lattices, and where they go. */
export interface Lattices {
  /** Cells along the grid, the coarse lattice, a brick. */
  readonly grid: number;
  readonly coarseCells: number;
  readonly brickCells: number;
  readonly brickCount: number;
  readonly halfExtent: number;
  readonly coarseDistances: GPUBuffer;
  /** [bricks, (brickCells + 1)^3] */
  readonly distances: GPUBuffer;
  /** [grid^3] */
  readonly brickOfCell: GPUBuffer;
  /** [bricks] */
  readonly cellOfBrick: GPUBuffer;
  /** As brick-layout.ts has it; all but its head and index is written. */
  readonly table: GPUBuffer;
}

/** Compute pipelines that give samples their gradients and lay them out for tracing. */
export class BrickAssembler {
  private constructor(
    private readonly _device: GPUDevice,
    private readonly _layout: GPUBindGroupLayout,
    private readonly _pipelines: readonly GPUComputePipeline[],
  ) {}

  /** Compiles without blocking the page. */
  static async create(device: GPUDevice): Promise<BrickAssembler> {
    const module = device.createShaderModule({ label: 'neural-sdf bricks assembly', code: composeAssembly() });
    const storage = (binding: number, type: GPUBufferBindingType) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } });
    const layout = device.createBindGroupLayout({
      label: 'neural-sdf bricks assembly',
      entries: [storage(0, 'uniform'), ...[1, 2, 3, 4].map((i) => storage(i, 'read-only-storage')), storage(5, 'storage')],
    });
    const pipelines = await Promise.all(
      PASSES.map((entryPoint) =>
        device.createComputePipelineAsync({
          label: `neural-sdf bricks ${entryPoint}`,
          layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: { module, entryPoint },
        }),
      ),
    );
    return new BrickAssembler(device, layout, pipelines);
  }

  /** Queues the table's samples. @param uniform 32 bytes of the caller's, for the kernels' numbers */
  assemble(lattices: Lattices, uniform: GPUBuffer): void {
    const { grid, coarseCells, brickCells, brickCount, halfExtent } = lattices;
    const numbers = new ArrayBuffer(32);
    new Int32Array(numbers).set([grid, coarseCells, brickCells, brickCount]);
    new Float32Array(numbers)[4] = 2 * halfExtent;
    this._device.queue.writeBuffer(uniform, 0, numbers);
    const buffers = [uniform, lattices.coarseDistances, lattices.distances, lattices.brickOfCell, lattices.cellOfBrick, lattices.table];
    const encoder = this._device.createCommandEncoder({ label: 'neural-sdf bricks assembly' });
    const pass = encoder.beginComputePass({ label: 'neural-sdf bricks assembly' });
    pass.setBindGroup(
      0,
      this._device.createBindGroup({
        layout: this._layout,
        entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    pass.setPipeline(this._pipelines[0]);
    pass.dispatchWorkgroups(Math.ceil(samplesOf(coarseCells) / 64));
    if (brickCount > 0) {
      const groups = Math.ceil((brickCount * samplesOf(brickCells)) / 64);
      const across = Math.min(groups, 0x8000);
      pass.setPipeline(this._pipelines[1]);
      pass.dispatchWorkgroups(across, Math.ceil(groups / across));
    }
    pass.end();
    this._device.queue.submit([encoder.finish()]);
  }
}

import type { BakedDecoder } from '../bake-decoder.js';
import { composeTexelShader, type TraceConstants } from '../compose-wgsl.js';
import { type Placement, packView, type TexelPart, VIEW_BYTES, type View } from '../pack-view.js';
import type { ExactShape } from './brick-field.js';
import { readFloats } from './read-floats.js';
import { HitRefiner, REFINED_HIT_FLOATS } from './refine-hits.js';

const WORKGROUP = 64;
/** Texels that are worked at in one go: what they need on the GPU, and the readback, stay at some megabytes whatever the view's size. */
const MOST_TEXELS = 2 ** 17;
/** Of the list: an entry of two words a hit, behind the count. */
const ENTRY_BYTES = 8;

export interface TracedView {
  readonly view: View;
  /** Where the shape stands, and its table of bricks. */
  readonly shape: Placement & { readonly table: GPUBuffer };
  readonly part: TexelPart;
  /** As `ViewTracer.trace` leaves them: [height, stride, TEXEL_FLOATS]. */
  readonly texels: GPUBuffer;
}

/** Neural refinement of what `ViewTracer` has traced of a shape in bricks: the depths of its hits become those of the exact decoder's surface. */
export class ViewRefiner {
  private constructor(
    readonly device: GPUDevice,
    private readonly _list: GPUComputePipeline,
    private readonly _write: GPUComputePipeline,
    private readonly _hits: HitRefiner,
  ) {}

  /** Compiles without blocking the page. */
  static async create(device: GPUDevice, bricks: BakedDecoder, constants: TraceConstants): Promise<ViewRefiner> {
    const module = device.createShaderModule({ label: 'neural-sdf bricks texels', code: composeTexelShader(bricks, constants) });
    const compile = (entryPoint: string) =>
      device.createComputePipelineAsync({ label: `neural-sdf bricks ${entryPoint}`, layout: 'auto', compute: { module, entryPoint } });
    const [list, write, hits] = await Promise.all([compile('listTexels'), compile('writeTexels'), HitRefiner.create(device)]);
    return new ViewRefiner(device, list, write, hits);
  }

  /**
   * Moves the hits of a part, some rows after the others.
   * @param isCurrent asked before anything is queued: whether the texels, and the table, still are what they were
   * @returns whether all of them were moved: false where they are no longer current
   */
  async refine(traced: TracedView, exact: ExactShape, isCurrent: () => boolean): Promise<boolean> {
    const { columns, rows, bottom } = traced.part;
    const atOnce = Math.max(1, Math.floor(MOST_TEXELS / columns));
    const most = columns * Math.min(rows, atOnce);
    const [view, hits, list] = [
      this._make('view', VIEW_BYTES, GPUBufferUsage.UNIFORM),
      this._make('hits', 4 * REFINED_HIT_FLOATS * most),
      this._make('list', ENTRY_BYTES * (1 + most)),
    ];
    try {
      for (let first = 0; first < rows; first += atOnce) {
        if (!isCurrent()) return false;
        const part = { ...traced.part, bottom: bottom + first, rows: Math.min(atOnce, rows - first) };
        this.device.queue.writeBuffer(view, 0, packView(traced.view, traced.shape, part));
        const resources = { 2: hits, 3: list, 4: view, 5: traced.texels };
        const blocks = Math.ceil(part.columns / 8) * Math.ceil(part.rows / 8);
        this._run(this._list, { ...resources, 0: traced.shape.table }, blocks, list);
        const [count] = new Uint32Array((await readFloats(this.device, list, 1)).buffer);
        if (count === 0) continue;
        if (!(await this._hits.refine(exact, { ...exact, hits, count, isCurrent }))) return false;
        this._run(this._write, resources, Math.ceil(count / WORKGROUP));
      }
      return isCurrent();
    } finally {
      for (const buffer of [view, hits, list]) buffer.destroy();
    }
  }

  /** @param cleared whose count starts from zero */
  private _run(pipeline: GPUComputePipeline, resources: Readonly<Record<number, GPUBuffer>>, groups: number, cleared?: GPUBuffer): void {
    const label = pipeline.label;
    const encoder = this.device.createCommandEncoder({ label });
    if (cleared) encoder.clearBuffer(cleared, 0, 4);
    const pass = encoder.beginComputePass({ label });
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      this.device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: Object.entries(resources).map(([binding, buffer]) => ({ binding: Number(binding), resource: { buffer } })),
      }),
    );
    const across = Math.min(groups, this.device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(across, Math.ceil(groups / across));
    pass.end();
    this.device.queue.submit([encoder.finish()]);
  }

  private _make(name: string, size: number, usage: number = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC): GPUBuffer {
    return this.device.createBuffer({ label: `neural-sdf bricks texels ${name}`, size, usage: usage | GPUBufferUsage.COPY_DST });
  }

  dispose(): void {
    this._hits.dispose();
  }
}

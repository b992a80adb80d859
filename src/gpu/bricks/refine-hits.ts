import moveText from '../../../shaders/bricks/move-hits.wgsl';
import { listedSamples } from './brick-samples.js';
import { DistanceStore } from './distance-store.js';
import { type Evaluation, evaluateSamples } from './evaluate-samples.js';
import { readFloats } from './read-floats.js';

/** float32 of a hit: the ray's origin [3], distance along it, direction [3], slope of the signed distance along it; model units, as move-hits.wgsl has them. */
export const REFINED_HIT_FLOATS = 8;

const WORKGROUP = 64;

export interface HitRefinement {
  /** [count, REFINED_HIT_FLOATS], STORAGE and COPY_SRC: what tracing found in bricks. Its distances are written. */
  readonly hits: GPUBuffer;
  readonly count: number;
  /** [codeLength] */
  readonly latent: Float32Array;
  /**
   * The most that the bricks' distances are believed to be off by, model units: BrickError.p99 with some room. A hit whose exact distance is
   * larger is moved by this much only.
   */
  readonly bound: number;
  /** Asked before the hits are written: whether they are still those of the picture. */
  readonly isCurrent: () => boolean;
}

/**
 * Neural refinement of bricks at the hit: one evaluation of the exact decoder a hit, in batches over the frames, and a Newton step along the
 * ray. The hits are read back once: evaluating them takes a hundred times longer than that.
 */
export class HitRefiner {
  private readonly _uniform: GPUBuffer;

  private constructor(
    private readonly _device: GPUDevice,
    private readonly _pipeline: GPUComputePipeline,
  ) {
    this._uniform = _device.createBuffer({
      label: 'neural-sdf bricks move',
      size: 16,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** Compiles without blocking the page. */
  static async create(device: GPUDevice): Promise<HitRefiner> {
    const label = 'neural-sdf bricks moveHits';
    const module = device.createShaderModule({ label, code: moveText });
    return new HitRefiner(
      device,
      await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'moveHits' } }),
    );
  }

  /**
   * Moves all hits at once when the last of them has been evaluated.
   * @returns whether they were moved: false where they are no longer current
   */
  async refine(evaluation: Evaluation, { hits, count, latent, bound, isCurrent }: HitRefinement): Promise<boolean> {
    if (count === 0) return isCurrent();
    const points = pointsOfHits(await readFloats(this._device, hits, REFINED_HIT_FLOATS * count));
    if (!isCurrent()) return false;
    const exact = new DistanceStore(this._device, 'hits', count);
    try {
      if (!(await evaluateSamples(evaluation, latent, listedSamples(points), exact, { isCurrent }))) return false;
      this._move(hits, count, exact.buffer, bound);
      return true;
    } finally {
      exact.dispose();
    }
  }

  private _move(hits: GPUBuffer, count: number, exact: GPUBuffer, bound: number): void {
    const numbers = new ArrayBuffer(16);
    new Uint32Array(numbers)[0] = count;
    new Float32Array(numbers)[1] = bound;
    this._device.queue.writeBuffer(this._uniform, 0, numbers);
    const encoder = this._device.createCommandEncoder({ label: 'neural-sdf bricks move' });
    const pass = encoder.beginComputePass({ label: 'neural-sdf bricks move' });
    pass.setPipeline(this._pipeline);
    pass.setBindGroup(
      0,
      this._device.createBindGroup({
        layout: this._pipeline.getBindGroupLayout(0),
        entries: [this._uniform, exact, hits].map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    const groups = Math.ceil(count / WORKGROUP);
    const across = Math.min(groups, this._device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(across, Math.ceil(groups / across));
    pass.end();
    this._device.queue.submit([encoder.finish()]);
  }

  dispose(): void {
    this._uniform.destroy();
  }
}

/** @returns [count, 3] model units */
function pointsOfHits(hits: Float32Array): Float32Array {
  const points = new Float32Array((3 * hits.length) / REFINED_HIT_FLOATS);
  for (let hit = 0; hit < points.length / 3; hit++) {
    const at = REFINED_HIT_FLOATS * hit;
    for (let axis = 0; axis < 3; axis++) points[3 * hit + axis] = hits[at + axis] + hits[at + 3] * hits[at + 4 + axis];
  }
  return points;
}

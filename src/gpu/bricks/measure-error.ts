import probeText from '../../../shaders/bricks/probe.wgsl';
import { Random } from '../../random.js';
import { listedSamples } from './brick-samples.js';
import { DistanceStore } from './distance-store.js';
import { type Evaluation, evaluateSamples } from './evaluate-samples.js';
import { readFloats } from './read-floats.js';

/** |bricks - decoder| at query points near the surface: how far the surface shown is from the decoder's own, model units. */
export interface BrickError {
  readonly mean: number;
  /** 99 in 100 points have no more. */
  readonly p99: number;
  readonly points: number;
}

/** Reads a shape's table as tracing does. */
export class BrickProbe {
  private constructor(
    private readonly _device: GPUDevice,
    private readonly _pipeline: GPUComputePipeline,
  ) {}

  /** @param preamble constants and sample.wgsl, as the tracing shader has them */
  static async create(device: GPUDevice, preamble: string): Promise<BrickProbe> {
    const label = 'neural-sdf bricks probe';
    const module = device.createShaderModule({ label, code: `${preamble}\n${probeText}` });
    return new BrickProbe(
      device,
      await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'probe' } }),
    );
  }

  /** @param points [n, 4]: x, y, z, model units @returns [n, 2]: signed distance, model units, and the length of its gradient */
  async sample(table: GPUBuffer, points: Float32Array<ArrayBuffer>): Promise<Float32Array> {
    const count = points.length / 4;
    const make = (bytes: number) =>
      this._device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC });
    const [inputs, outputs] = [make(points.byteLength), make(8 * count)];
    this._device.queue.writeBuffer(inputs, 0, points);
    const encoder = this._device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this._pipeline);
    pass.setBindGroup(
      0,
      this._device.createBindGroup({
        layout: this._pipeline.getBindGroupLayout(0),
        entries: [table, inputs, outputs].map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    pass.dispatchWorkgroups(Math.ceil(count / 64));
    pass.end();
    this._device.queue.submit([encoder.finish()]);
    const values = await readFloats(this._device, outputs, 2 * count);
    inputs.destroy();
    outputs.destroy();
    return values;
  }
}

interface Measured extends Evaluation {
  readonly probe: BrickProbe;
  readonly table: GPUBuffer;
  /** [codeLength] */
  readonly latent: Float32Array;
  readonly isCurrent: () => boolean;
}

/** Query points drawn for each that lies near the surface: one in twenty does, of a shape that fills a fair part of its box. */
const DRAWN = 60;
const MOST_DRAWN = 400_000;

/**
 * Compares a table with the decoder it was made from, at random points that are, to first order, no further from the surface than `band`: the
 * middle of a thin wall, where distances are rounded off and no ray comes, is not among them.
 * @param count points wanted; where fewer are found among those drawn, fewer are compared
 * @param band model units
 * @returns undefined where the shape has no surface, or has been edited meanwhile
 */
export async function measureBrickError(
  { probe, table, latent, isCurrent, ...evaluation }: Measured,
  { count, halfExtent, band }: { readonly count: number; readonly halfExtent: number; readonly band: number },
): Promise<BrickError | undefined> {
  const random = new Random(1);
  const drawn = Math.min(MOST_DRAWN, DRAWN * count);
  const points = Float32Array.from({ length: 4 * drawn }, () => random.range(-halfExtent, halfExtent));
  const shown = await probe.sample(table, points);
  if (!isCurrent()) return undefined;
  const near: number[] = [];
  for (let i = 0; i < drawn && near.length < count; i++) if (Math.abs(shown[2 * i]) < band * shown[2 * i + 1]) near.push(i);
  if (near.length === 0) return undefined;
  const compared = new Float32Array(3 * near.length);
  near.forEach((from, i) => {
    compared.set(points.subarray(4 * from, 4 * from + 3), 3 * i);
  });
  const exact = new DistanceStore(evaluation.evaluator.device, 'exact', near.length);
  try {
    if (!(await evaluateSamples(evaluation, latent, listedSamples(compared), exact, { isCurrent }))) return undefined;
    const truth = await exact.read();
    if (!isCurrent()) return undefined;
    const errors = Float64Array.from(near, (from, i) => Math.abs(shown[2 * from] - truth[i])).sort();
    return {
      mean: errors.reduce((sum, error) => sum + error, 0) / errors.length,
      p99: errors[Math.floor(0.99 * (errors.length - 1))],
      points: errors.length,
    };
  } finally {
    exact.dispose();
  }
}

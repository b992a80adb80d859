import type { Decoder } from '../../decoder/decoder.js';
import { type FoldedDecoder, foldBiases, foldDecoder } from '../../decoder/folding.js';
import { packBiases } from '../bake-decoder.js';
import { SMALL_TILE, TILE_DEPTH, TILES, type Tile } from '../matrix/tile.js';
import type { BatchEvaluator, Feeding } from './batch-evaluator.js';
import { composeEvaluation, type EvaluationKernel } from './compose-bricks.js';
import type { DistanceStore } from './distance-store.js';
import { type LayerRecord, packLayers, roundUp, uniformOf } from './pack-layers.js';

/** What a dynamic offset must be a multiple of. */
const UNIFORM_ALIGNMENT = 256;

/** Rows of activations are a multiple of it: whole tiles, whole workgroups. */
const ROWS_MULTIPLE = 128;

/** A frame comes in between batches; where the processor computes them, a dispatch costs some milliseconds by itself. */
const FEEDING = {
  hardware: { milliseconds: 12, firstRows: 1024, lanes: 1, ahead: 1, queued: 0, isOrdered: true },
  software: { milliseconds: 40, firstRows: 32, lanes: 1, ahead: 1, queued: 0, isOrdered: true },
} as const;

/** Bytes of activations, of which there are two such buffers. */
const MOST_ACTIVATION_BYTES = 32 * 2 ** 20;

/**
 * Evaluates a decoder at batches of query points by products of matrices, a layer a dispatch: what fills bricks of decoders that are too
 * wide to be evaluated per pixel. Weights stay on the GPU; a shape is a table of biases. Sums are float32. Slots need not ascend.
 */
export class DecoderKernels implements BatchEvaluator {
  readonly description = 'matrix kernels on the GPU';
  private readonly _buffers: GPUBuffer[] = [];
  private readonly _layers: readonly LayerRecord[];
  private readonly _uniforms: GPUBuffer;
  private readonly _weights: GPUBuffer;
  private readonly _gains: GPUBuffer;
  private readonly _biases: GPUBuffer;
  private readonly _samples: GPUBuffer;
  private readonly _activations: readonly [GPUBuffer, GPUBuffer];
  private readonly _packed: Float32Array<ArrayBuffer>;
  private _latent: Float32Array | undefined;
  /** When the queue was last known to be done with a batch. */
  private _done = 0;

  private constructor(
    readonly device: GPUDevice,
    private readonly _decoder: Decoder,
    private readonly _folded: FoldedDecoder,
    private readonly _pipelines: ReadonlyMap<EvaluationKernel, GPUComputePipeline>,
    readonly tile: Tile,
    stride: number,
    /** Most query points of a batch. */
    readonly mostRows: number,
    readonly feeding: Feeding,
  ) {
    const { layers, weights, gains } = packLayers(_folded, tile);
    this._layers = layers;
    this._uniforms = this._make('layers', UNIFORM_ALIGNMENT * layers.length, GPUBufferUsage.UNIFORM);
    this._weights = this._make('weights', weights.byteLength, GPUBufferUsage.STORAGE);
    this._gains = this._make('gains', gains.byteLength, GPUBufferUsage.STORAGE);
    this._packed = new Float32Array(packBiases(_folded, new Float32Array(_folded.biasCount)));
    this._biases = this._make('biases', this._packed.byteLength, GPUBufferUsage.STORAGE);
    this._samples = this._make('samples', 16 * mostRows, GPUBufferUsage.STORAGE);
    const activations = (name: string) => this._make(name, 4 * stride * mostRows, GPUBufferUsage.STORAGE);
    this._activations = [activations('activations 0'), activations('activations 1')];
    layers.forEach((layer, i) => {
      device.queue.writeBuffer(this._uniforms, UNIFORM_ALIGNMENT * i, uniformOf(layer));
    });
    device.queue.writeBuffer(this._weights, 0, weights);
    device.queue.writeBuffer(this._gains, 0, gains);
  }

  /** Compiles without blocking the page. @param isSoftware whether the adapter computes on the CPU, where small tiles compile and run faster */
  static async create(device: GPUDevice, decoder: Decoder, isSoftware: boolean): Promise<DecoderKernels> {
    const folded = foldDecoder(decoder);
    const tile = isSoftware ? SMALL_TILE : TILES[0];
    const stride = Math.max(
      ...folded.layers.map(({ hidden, point, outputs }) => Math.max(roundUp(hidden + point, TILE_DEPTH), roundUp(outputs, tile.columns))),
    );
    const names: EvaluationKernel[] = ['encode', 'multiplyLayer', 'writeDistances'];
    if (folded.layers.some(({ layerNorm }) => layerNorm)) names.push('normalizeLayer');
    const pipelines = await Promise.all(
      names.map(async (entryPoint) => {
        const label = `neural-sdf bricks ${entryPoint}`;
        const module = device.createShaderModule({ label, code: composeEvaluation(entryPoint, folded, tile, stride) });
        return [entryPoint, await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint } })] as const;
      }),
    );
    const bytes = Math.min(MOST_ACTIVATION_BYTES, device.limits.maxStorageBufferBindingSize);
    const mostRows = Math.floor(bytes / (4 * stride * ROWS_MULTIPLE)) * ROWS_MULTIPLE;
    const feeding = FEEDING[isSoftware ? 'software' : 'hardware'];
    return new DecoderKernels(device, decoder, folded, new Map(pipelines), tile, stride, mostRows, feeding);
  }

  async evaluate(latent: Float32Array, samples: ArrayBuffer, count: number, into: DistanceStore): Promise<number> {
    const start = performance.now();
    this._submit(latent, samples, count, into.buffer);
    await this.device.queue.onSubmittedWorkDone();
    const since = Math.max(start, this._done);
    this._done = performance.now();
    return this._done - since;
  }

  /** Frames that were submitted meanwhile come first, and are not to be measured with the next batch. */
  rest(): Promise<unknown> {
    return this.device.queue.onSubmittedWorkDone();
  }

  private _submit(latent: Float32Array, samples: ArrayBuffer, count: number, distances: GPUBuffer): void {
    const { device } = this;
    if (latent !== this._latent) packBiases(this._folded, foldBiases(this._decoder, latent), this._packed);
    this._latent = latent;
    device.queue.writeBuffer(this._biases, 0, this._packed);
    device.queue.writeBuffer(this._samples, 0, samples, 0, 16 * count);
    const encoder = device.createCommandEncoder({ label: 'neural-sdf bricks' });
    const pass = encoder.beginComputePass({ label: 'neural-sdf bricks' });
    // Its length is the batch's, for the kernels to see where it ends.
    const batch = { buffer: this._samples, size: 16 * count };
    const last = this._layers.length - 1;
    this._layers.forEach((layer, i) => {
      const uniform = { buffer: this._uniforms, offset: UNIFORM_ALIGNMENT * i, size: UNIFORM_ALIGNMENT };
      const [inputs, outputs] = i % 2 ? [this._activations[1], this._activations[0]] : this._activations;
      if (layer.point > 0) this._dispatch(pass, 'encode', Math.ceil(count / 64), 1, uniform, batch, inputs);
      if (i === last) {
        this._dispatch(pass, 'writeDistances', Math.ceil(count / 64), 1, uniform, batch, inputs, this._weights, this._biases, distances);
        return;
      }
      const [across, down] = [layer.outputStride / this.tile.columns, Math.ceil(count / this.tile.rows)];
      this._dispatch(pass, 'multiplyLayer', across, down, uniform, inputs, this._weights, this._biases, outputs);
      if (layer.hasLayerNorm) this._dispatch(pass, 'normalizeLayer', Math.ceil(count / 64), 1, uniform, this._gains, outputs);
    });
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  private _dispatch(
    pass: GPUComputePassEncoder,
    name: EvaluationKernel,
    x: number,
    y: number,
    ...buffers: readonly (GPUBuffer | GPUBufferBinding)[]
  ): void {
    const pipeline = this._pipelines.get(name) as GPUComputePipeline;
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      this.device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: buffers.map((buffer, binding) => ({ binding, resource: 'buffer' in buffer ? buffer : { buffer } })),
      }),
    );
    pass.dispatchWorkgroups(x, y);
  }

  private _make(name: string, bytes: number, usage: number): GPUBuffer {
    const buffer = this.device.createBuffer({
      label: `neural-sdf bricks ${name}`,
      size: Math.max(16, roundUp(bytes, 16)),
      usage: usage | GPUBufferUsage.COPY_DST,
    });
    this._buffers.push(buffer);
    return buffer;
  }

  /** Operations of an evaluation, two a multiply-add: what a decoder takes, padding not counted. */
  get flopPerPoint(): number {
    return this._folded.layers.reduce((sum, { weight }) => sum + 2 * weight.length, 0);
  }

  dispose(): void {
    for (const buffer of this._buffers) buffer.destroy();
  }
}

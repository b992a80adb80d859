import handOverShader from '../../../shaders/training/hand-over.wgsl';
import { encodedPointLength, planLayers } from '../../decoder/spec.js';
import type { EngineSettings } from '../engine.js';
import { stateLayout } from '../state-layout.js';

/** Where a decoder in training lies on the device: `decoderBuffers` of the WebGPU engine. */
export interface DecoderBuffers {
  /** Per layer the effective weight [outputs, inputs], then the bias [outputs]. */
  readonly decoder: GPUBuffer;
  /** The training state's parameters, tensor after tensor, latent codes last. */
  readonly parameters: GPUBuffer;
}

const vectors = (count: number): number => Math.ceil(count / 4);

/** Copies a decoder in training into the table of a live shape, on the device: the picture follows the training without a readback. */
export class HandOver {
  private constructor(
    private readonly _device: GPUDevice,
    private readonly _pipeline: GPUComputePipeline,
    private readonly _settings: EngineSettings,
    private readonly _entries: number,
    private readonly _latentAt: GPUBuffer,
  ) {}

  /** For decoders that `bakeBufferedDecoder` takes. Compiles without blocking the page. */
  static async create(device: GPUDevice, settings: EngineSettings): Promise<HandOver> {
    const { text, entries } = describeLayers(settings);
    const module = device.createShaderModule({ label: 'neural-sdf hand-over', code: `${handOverShader}\n${text}` });
    const pipeline = await device.createComputePipelineAsync({
      label: 'neural-sdf hand-over',
      layout: 'auto',
      compute: { module, entryPoint: 'handOver' },
    });
    const latentAt = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    return new HandOver(device, pipeline, settings, entries, latentAt);
  }

  /**
   * Queues the copy of one shape.
   * @param table of a live shape, as `NeuralSdfMesh.updateTable` gives it
   */
  copy({ decoder, parameters }: DecoderBuffers, shape: number, table: GPUBuffer): void {
    const device = this._device;
    const { spec } = this._settings;
    const latentsAt = stateLayout(this._settings)
      .slice(0, -1)
      .reduce((sum, { length }) => sum + length, 0);
    device.queue.writeBuffer(this._latentAt, 0, Uint32Array.of(latentsAt + shape * spec.codeLength, 0, 0, 0));
    const bindGroup = device.createBindGroup({
      layout: this._pipeline.getBindGroupLayout(0),
      entries: [decoder, parameters, this._latentAt, table].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const encoder = device.createCommandEncoder({ label: 'neural-sdf hand-over' });
    const pass = encoder.beginComputePass({ label: 'neural-sdf hand-over' });
    pass.setPipeline(this._pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.ceil(this._entries / 64));
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  dispose(): void {
    this._latentAt.destroy();
  }
}

/** Offsets of every layer in both layouts, as WGSL constants. */
function describeLayers({ spec }: EngineSettings): { text: string; entries: number } {
  const pointLength = encodedPointLength(spec);
  const plans = planLayers(spec).map((plan) => ({
    ...plan,
    latent: plan.latent ? spec.codeLength : 0,
    point: plan.point ? pointLength : 0,
  }));
  let biasAt = 0;
  let weightAt = plans.reduce((sum, { outputs }) => sum + vectors(outputs), 0);
  let from = 0;
  const layers = plans.map(({ outputs, inputs, hidden, latent, point }) => {
    const weightCount = 4 * vectors(outputs) * (vectors(hidden) + vectors(point));
    const numbers = [biasAt, weightAt, weightCount, from, from + outputs * inputs, outputs, hidden, latent, point];
    biasAt += vectors(outputs);
    weightAt += weightCount;
    from += outputs * inputs + outputs;
    return `Layer(${numbers.map((value) => `${value}u`).join(', ')})`;
  });
  const text = `const LAYER_COUNT = ${layers.length}u;\nvar<private> LAYERS: array<Layer, LAYER_COUNT> = array<Layer, LAYER_COUNT>(\n${layers.join(',\n')},\n);\n`;
  return { text, entries: weightAt };
}

import { NeuralSdfError } from '../../errors.js';
import type { BatchMemory } from './batch-memory.js';
import type { BatchPlan } from './batch-plan.js';
import type { Pipelines } from './compile-kernels.js';
import { type KernelName, LAYER_NORM } from './compose-kernels.js';
import type { DecoderMemory } from './decoder-memory.js';
import type { Plan } from './plan.js';
import { type LayerRecord, UNIFORM_ALIGNMENT } from './uniforms.js';

/** One kernel with its buffers. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly size: Size;
}

/** Workgroups, for a chunk of so many tiles. */
type Size = (tiles: number) => [x: number, y?: number, z?: number];

/** Everything that a step runs, in its order. */
export interface StepDispatches {
  /** Before the first chunk. */
  readonly begin: readonly Dispatch[];
  readonly chunk: readonly Dispatch[];
  /** After the last. */
  readonly end: readonly Dispatch[];
}

/** What the decoder brings along. */
export interface DecoderParts {
  readonly device: GPUDevice;
  readonly pipelines: Pipelines;
  readonly plan: Plan;
  readonly decoder: DecoderMemory;
  readonly losses: GPUBuffer;
}

interface StepParts extends DecoderParts {
  readonly batch: BatchPlan;
  readonly memory: BatchMemory;
}

/** Shapes go along x up to here, then along y: see adjust-latents.wgsl. */
const SHAPES_ALONG_X = 0x8000;

export function planDispatches(parts: StepParts): StepDispatches {
  const { layers } = parts.batch;
  const hidden = layers.slice(0, -1);
  return {
    begin: [fold(parts)],
    chunk: [
      ...layers.filter(({ point }) => point > 0).map((layer) => encode(parts, layer)),
      ...hidden.flatMap((layer) => forward(parts, layer)),
      head(parts, layers[hidden.length]),
      ...hidden.reverse().flatMap((layer) => backward(parts, layer)),
      sumGroups(parts),
    ],
    end: [collect(parts), latentGradient(parts), adjustLatents(parts), adjustDecoder(parts)],
  };
}

/** After a state was written. */
export function planWeighing(parts: DecoderParts): Dispatch {
  const { layers, parameters, decoder, weights } = parts.decoder;
  return bind(parts, 'weighDecoder', rowsOfLayers(parts), layers, parameters, decoder, weights);
}

export function encodeDispatches(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], tiles: number): void {
  for (const { pipeline, bindings, size } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...size(tiles));
  }
}

function fold(parts: StepParts): Dispatch {
  const { batch, decoder, memory } = parts;
  const size: Size = () => [Math.ceil(mostRows(parts) / 64), batch.groups, batch.layers.length];
  const { shapes, biases } = memory;
  return bind(parts, 'fold', size, decoder.layers, decoder.run, memory.batch, shapes, decoder.decoder, decoder.parameters, biases);
}

function encode(parts: StepParts, layer: LayerRecord): Dispatch {
  const { batch, points, inputs } = parts.memory;
  return bind(parts, 'encode', (tiles) => [tiles], recordOf(parts, layer), batch, points, inputs[layer.index]);
}

/** One hidden layer. */
function forward(parts: StepParts, layer: LayerRecord): Dispatch[] {
  const { decoder, memory, plan } = parts;
  const { index } = layer;
  const [inputs, outputs] = [memory.inputs[index], memory.inputs[index + 1]];
  const [slopes, sums, inverses] = [memory.slopes[index], memory.sums[index], memory.inverses[index]];
  const first = [recordOf(parts, layer), decoder.run, memory.batch];
  const size: Size = (tiles) => [layer.outputStride / plan.tile.columns, tiles];
  const multiply = bind(parts, 'forward', size, ...first, inputs, decoder.weights, memory.biases, outputs, slopes, sums);
  if (layer.normalization !== LAYER_NORM) return [multiply];
  return [multiply, bind(parts, 'layerNormForward', (tiles) => [tiles], ...first, decoder.parameters, sums, inverses, outputs, slopes)];
}

function head(parts: StepParts, layer: LayerRecord): Dispatch {
  const { decoder, memory } = parts;
  const { targets, biases, tileSums } = memory;
  const first = [recordOf(parts, layer), decoder.run, memory.batch];
  const inputs = memory.inputs[layer.index];
  return bind(parts, 'head', (tiles) => [tiles], ...first, targets, inputs, decoder.weights, biases, deltasOf(parts, layer), tileSums);
}

/** Gradients by a hidden layer's sums, from those of the layer after it; then those by its weights. */
function backward(parts: StepParts, layer: LayerRecord): Dispatch[] {
  const { decoder, memory, plan, batch } = parts;
  const { tile, settings } = plan;
  const { tileSums, partials } = memory;
  const after = batch.layers[layer.index + 1];
  const gates = settings.spec.activation === 'relu' ? memory.inputs[after.index] : memory.slopes[layer.index];
  const [record, deltas] = [recordOf(parts, layer), deltasOf(parts, layer)];
  const size: Size = (tiles) => [layer.outputStride / tile.columns, tiles];
  const first = [recordOf(parts, after), record, decoder.run];
  const multiply = bind(parts, 'backward', size, ...first, deltasOf(parts, after), decoder.weights, gates, deltas, tileSums);
  const sliced: Size = () => [layer.inputStride / tile.columns, layer.outputStride / tile.rows, layer.slices];
  const byWeights = bind(parts, 'weightGradient', sliced, record, memory.batch, deltas, memory.inputs[layer.index], partials);
  if (layer.normalization !== LAYER_NORM) return [multiply, byWeights];
  const [sums, inverses] = [memory.sums[layer.index], memory.inverses[layer.index]];
  const common = [record, decoder.run, memory.batch, decoder.parameters];
  return [multiply, bind(parts, 'layerNormBackward', (tiles) => [tiles], ...common, sums, inverses, deltas, tileSums), byWeights];
}

function sumGroups(parts: StepParts): Dispatch {
  const { batch, tileSums, groupSums } = parts.memory;
  const size: Size = () => [parts.plan.run.sumStride / 64, parts.batch.groups];
  return bind(parts, 'sumGroups', size, parts.decoder.run, batch, tileSums, groupSums);
}

function collect(parts: StepParts): Dispatch {
  const { layers, run, parameters, gradients, squares } = parts.decoder;
  const { batch, shapes, partials, groupSums } = parts.memory;
  const written = [gradients, squares, parts.losses];
  return bind(parts, 'collect', rowsOfLayers(parts), layers, run, batch, shapes, parameters, partials, groupSums, ...written);
}

function latentGradient(parts: StepParts): Dispatch {
  const { decoder, memory, plan, batch } = parts;
  const size: Size = () => [Math.ceil(plan.run.codeLength / 64), batch.groups];
  const { groupSums, latentGradients } = memory;
  return bind(parts, 'latentGradient', size, decoder.layers, decoder.run, memory.batch, decoder.decoder, groupSums, latentGradients);
}

function adjustLatents(parts: StepParts): Dispatch {
  const { decoder, memory, plan } = parts;
  const { shapeCount } = plan.run;
  const size: Size = () => [Math.min(SHAPES_ALONG_X, shapeCount), Math.ceil(shapeCount / SHAPES_ALONG_X)];
  return bind(parts, 'adjustLatents', size, decoder.run, memory.batch, memory.shapes, memory.latentGradients, ...stateOf(decoder));
}

function adjustDecoder(parts: StepParts): Dispatch {
  const { decoder, memory } = parts;
  const { layers, run, gradients, squares, weights } = decoder;
  const written = [...stateOf(decoder), decoder.decoder, weights];
  return bind(parts, 'adjustDecoder', rowsOfLayers(parts), layers, run, memory.batch, gradients, squares, ...written);
}

const stateOf = ({ parameters, firstMoments, secondMoments }: DecoderMemory) => [parameters, firstMoments, secondMoments];

const deltasOf = ({ memory }: StepParts, { index }: LayerRecord) => memory.deltas[index % 2];

const recordOf = ({ decoder }: DecoderParts, { index }: LayerRecord): GPUBufferBinding => ({
  buffer: decoder.layers,
  offset: UNIFORM_ALIGNMENT * index,
  size: UNIFORM_ALIGNMENT,
});

const mostRows = ({ plan }: DecoderParts) => Math.max(...plan.layers.map(({ outputs }) => outputs));

/** A workgroup for each row of each layer's weights. */
function rowsOfLayers(parts: DecoderParts): Size {
  const rows = mostRows(parts);
  return () => [rows, parts.plan.layers.length];
}

/** Buffers in the order of the kernel's bindings. */
function bind(
  { device, pipelines }: DecoderParts,
  name: KernelName,
  size: Size,
  ...buffers: readonly (GPUBuffer | GPUBufferBinding)[]
): Dispatch {
  const pipeline = pipelines[name];
  if (!pipeline) throw new NeuralSdfError('INVALID_ARGUMENT', `training kernel ${name} was not compiled for this decoder`, { name });
  const bindings = device.createBindGroup({
    label: `neural-sdf training ${name}`,
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: 'buffer' in buffer ? buffer : { buffer } })),
  });
  return { pipeline, bindings, size };
}

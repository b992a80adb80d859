import { NeuralSdfError } from '../../errors.js';
import type { BatchMemory } from './batch-memory.js';
import type { BatchPlan } from './batch-plan.js';
import type { Pipelines } from './compile-kernels.js';
import type { KernelName } from './compose-kernels.js';
import type { DecoderMemory } from './decoder-memory.js';
import type { Plan } from './plan.js';
import { UNIFORM_ALIGNMENT } from './uniforms.js';

/** One kernel with its buffers. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  /** Workgroups, for a chunk of so many tiles. */
  readonly size: (tiles: number) => [x: number, y?: number, z?: number];
}

export interface StepDispatches {
  /** Before the first chunk. */
  readonly begin: readonly Dispatch[];
  readonly chunk: readonly Dispatch[];
  /** After the last. */
  readonly end: readonly Dispatch[];
}

/** Shapes go along x up to here, then along y: see adjust-latents.wgsl. */
const SHAPES_ALONG_X = 0x8000;

/** Everything that a step runs, in its order. */
export function planDispatches(
  device: GPUDevice,
  pipelines: Pipelines,
  plan: Plan,
  batch: BatchPlan,
  decoder: DecoderMemory,
  memory: BatchMemory,
  losses: GPUBuffer,
): StepDispatches {
  const { tile, settings } = plan;
  const { layers } = batch;
  const last = layers.length - 1;
  const layerAt = (index: number): GPUBufferBinding => ({
    buffer: decoder.layers,
    offset: UNIFORM_ALIGNMENT * index,
    size: UNIFORM_ALIGNMENT,
  });
  const across = (stride: number) => stride / tile.columns;
  const dispatch = (name: KernelName, size: Dispatch['size'], ...buffers: Bindable[]) => bind(device, pipelines, name, size, buffers);
  const isRectified = settings.spec.activation === 'relu';
  const isNormalized = (index: number) => layers[index].normalization === 2;
  const deltas = (index: number) => memory.deltas[index % 2];
  const rowsOfLayers: Dispatch['size'] = () => [Math.max(...layers.map(({ outputs }) => outputs)), layers.length];

  const encode = layers
    .filter(({ point }) => point > 0)
    .map(({ index }) => dispatch('encode', (tiles) => [tiles], layerAt(index), memory.batch, memory.points, memory.inputs[index]));

  const forward = layers.slice(0, -1).flatMap(({ index, outputStride }) => {
    const [inputs, outputs] = [memory.inputs[index], memory.inputs[index + 1]];
    const [slopes, sums, inverses] = [memory.slopes[index], memory.sums[index], memory.inverses[index]];
    const common = [layerAt(index), decoder.run, memory.batch];
    const multiply = dispatch(
      'forward',
      (tiles) => [across(outputStride), tiles],
      ...[...common, inputs, decoder.weights, memory.biases, outputs, slopes, sums],
    );
    if (!isNormalized(index)) return [multiply];
    const normalize = dispatch('layerNormForward', (tiles) => [tiles], ...[...common, decoder.parameters, sums, inverses, outputs, slopes]);
    return [multiply, normalize];
  });

  const head = dispatch(
    'head',
    (tiles) => [tiles],
    ...[
      layerAt(last),
      decoder.run,
      memory.batch,
      memory.targets,
      memory.inputs[last],
      decoder.weights,
      memory.biases,
      deltas(last),
      memory.tileSums,
    ],
  );

  const backward = layers
    .slice(1)
    .reverse()
    .flatMap(({ index }) => {
      const before = layers[index - 1];
      const gates = isRectified ? memory.inputs[index] : memory.slopes[index - 1];
      const multiply = dispatch(
        'backward',
        (tiles) => [across(before.outputStride), tiles],
        ...[layerAt(index), layerAt(index - 1), decoder.run, deltas(index), decoder.weights, gates, deltas(index - 1), memory.tileSums],
      );
      const [sums, inverses] = [memory.sums[index - 1], memory.inverses[index - 1]];
      const normalize = () =>
        dispatch(
          'layerNormBackward',
          (tiles) => [tiles],
          ...[layerAt(index - 1), decoder.run, memory.batch, decoder.parameters, sums, inverses, deltas(index - 1), memory.tileSums],
        );
      const gradient = dispatch(
        'weightGradient',
        () => [across(before.inputStride), before.outputStride / tile.rows, before.slices],
        ...[layerAt(index - 1), memory.batch, deltas(index - 1), memory.inputs[index - 1], memory.partials],
      );
      return [multiply, ...(isNormalized(index - 1) ? [normalize()] : []), gradient];
    });

  const common = [decoder.layers, decoder.run, memory.batch];
  const state = [decoder.parameters, decoder.firstMoments, decoder.secondMoments];
  const { shapes, groupSums, latentGradients } = memory;
  const { shapeCount, spec } = settings;
  return {
    begin: [
      dispatch(
        'fold',
        () => [Math.ceil(Math.max(...layers.map(({ outputs }) => outputs)) / 64), batch.groups, layers.length],
        ...[...common, shapes, decoder.decoder, decoder.parameters, memory.biases],
      ),
    ],
    chunk: [
      ...encode,
      ...forward,
      head,
      ...backward,
      dispatch('sumGroups', () => [plan.run.sumStride / 64, batch.groups], decoder.run, memory.batch, memory.tileSums, groupSums),
    ],
    end: [
      dispatch(
        'collect',
        rowsOfLayers,
        ...[...common, shapes, decoder.parameters, memory.partials, groupSums, decoder.gradients, decoder.squares, losses],
      ),
      dispatch(
        'latentGradient',
        () => [Math.ceil(spec.codeLength / 64), batch.groups],
        ...[...common, decoder.decoder, groupSums, latentGradients],
      ),
      dispatch(
        'adjustLatents',
        () => [Math.min(SHAPES_ALONG_X, shapeCount), Math.ceil(shapeCount / SHAPES_ALONG_X)],
        ...[decoder.run, memory.batch, shapes, latentGradients, ...state],
      ),
      dispatch(
        'adjustDecoder',
        rowsOfLayers,
        ...[...common, decoder.gradients, decoder.squares, ...state, decoder.decoder, decoder.weights],
      ),
    ],
  };
}

/** After a state was written. */
export function planWeighing(device: GPUDevice, pipelines: Pipelines, plan: Plan, decoder: DecoderMemory): Dispatch {
  const rows = Math.max(...plan.layers.map(({ outputs }) => outputs));
  const buffers = [decoder.layers, decoder.parameters, decoder.decoder, decoder.weights];
  return bind(device, pipelines, 'weighDecoder', () => [rows, plan.layers.length], buffers);
}

type Bindable = GPUBuffer | GPUBufferBinding;

/** Bindings in the order of the kernel's. */
function bind(device: GPUDevice, pipelines: Pipelines, name: KernelName, size: Dispatch['size'], buffers: readonly Bindable[]): Dispatch {
  const pipeline = pipelines[name];
  if (!pipeline) throw new NeuralSdfError('INVALID_ARGUMENT', `training kernel ${name} was not compiled for this decoder`, { name });
  const bindings = device.createBindGroup({
    label: `neural-sdf training ${name}`,
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: 'buffer' in buffer ? buffer : { buffer } })),
  });
  return { pipeline, bindings, size };
}

export function encodeDispatches(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], tiles: number): void {
  for (const { pipeline, bindings, size } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(...size(tiles));
  }
}

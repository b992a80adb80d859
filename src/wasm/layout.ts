import { ACTIVATIONS } from '../decoder/activation.js';
import { type DecoderSpec, encodedPointLength, type LayerPlan, planLayers } from '../decoder/spec.js';
import { emptyLayer, emptyPlan, LAYER_BYTES, type LayerRecord, PLAN_BYTES, type PlanRecord, writeRecords } from './layout-fields.js';

/** `PHASES` and `COUNTER_BYTES` of kernels/step.ts. */
const PHASES = 6;
const COUNTER_BYTES = 128;
/** As kernels/activation.ts has them. */
const ACTIVATION_CODES: readonly LayerPlan['activation'][] = [...ACTIVATIONS, 'linear'];
/** A chunk of kernels/update.ts has a sum of squares of its own. */
const CHUNK_BYTES = 16384;

/** `BLOCK_ROWS` of kernels/multiply.ts. */
const BLOCK_ROWS = 5;

export function padTo(multiple: number, value: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** `panelStride` of kernels/layout.ts. */
function panelStride(rows: number): number {
  return padTo(8, rows + 4) * 32 + 64;
}

/** Hands out addresses, each on a cache line. */
export class Arena {
  constructor(private _next: number) {}

  take(bytes: number): number {
    const at = this._next;
    this._next = padTo(64, at + bytes);
    return at;
  }

  get end(): number {
    return this._next;
  }
}

export interface LayoutOptions {
  readonly spec: DecoderSpec;
  readonly shapeCount: number;
  readonly threads: number;
  /** Samples of a tile at most, a multiple of 8. */
  readonly tileSamples: number;
  /** With moments, gradients and weight norm; without: effective weights only. */
  readonly training: boolean;
  /** Layers whose outputs dropout may drop; the last one's never are. */
  readonly droppedLayers?: readonly number[];
  /** Room for the widths of ReLUs' kinks; their derivatives are ramps then. */
  readonly blurred?: boolean;
}

/** One tensor of the training state: bytes from the start of the parameters, and its floats. */
export interface TensorPlace {
  readonly offset: number;
  readonly length: number;
}

export interface Layout {
  readonly plan: PlanRecord;
  readonly layers: readonly LayerRecord[];
  /** In the training state's order, latents last. */
  readonly tensors: readonly TensorPlace[];
  /** Address of the plan. */
  readonly address: number;
  /** Bytes of the counters at `plan.counters`, which are zero before every step; the last word says that a thread has failed. */
  readonly counterBytes: number;
  /** First free address. */
  readonly end: number;
}

/** Places a decoder, and what training it needs, in a memory. */
export function layOut(options: LayoutOptions): Layout {
  const { spec, training } = options;
  const arena = new Arena(64);
  const address = arena.take(PLAN_BYTES);
  const plan = emptyPlan();
  const plans = planLayers(spec);
  plan.layers = arena.take(plans.length * LAYER_BYTES);
  plan.layerCount = plans.length;
  plan.octaves = spec.fourierOctaves;
  plan.encodedLength = encodedPointLength(spec);
  plan.activationScale = spec.activationScale;
  plan.innerTanh = Number(spec.innerTanh);
  plan.outputTanh = Number(spec.outputTanh);
  plan.codeLength = spec.codeLength;
  plan.codeStride = padTo(16, spec.codeLength * 4);
  plan.shapeCount = options.shapeCount;

  const layers = plans.map((layer, index) => describeLayer(layer, options, index));
  const tensors = placeTensors(plan, layers, options.shapeCount);
  placeSums(plan, layers);
  for (const layer of layers) {
    const rows = padTo(BLOCK_ROWS, layer.outputs);
    layer.weights = arena.take(rows * layer.depth * 4);
    layer.transposed = arena.take(padTo(BLOCK_ROWS, layer.hidden) * layer.outputs * 4);
    layer.transposedPoint = arena.take(padTo(BLOCK_ROWS, layer.point) * layer.outputs * 4);
    if (options.blurred && layer.shaped) layer.kinks = arena.take(layer.outputs * 4);
    layer.latentWeights = arena.take(layer.latent ? layer.outputs * plan.codeStride : 0);
    layer.gradient = plan.sliceGradientStride;
    plan.sliceGradientStride += rows * padTo(8, layer.rows) * 4;
  }
  plan.parameters = arena.take(plan.parameterBytes);
  const counterBytes = PHASES * COUNTER_BYTES + 4;
  if (training) {
    plan.gradients = arena.take(plan.parameterBytes);
    plan.firstMoments = arena.take(plan.parameterBytes);
    plan.secondMoments = arena.take(plan.parameterBytes);
    plan.squares = arena.take(Math.ceil(plan.latents / CHUNK_BYTES) * 8);
    plan.counters = arena.take(counterBytes);
  }
  placeWorkspaces(plan, layers, options, arena);
  return { plan, layers, tensors, address, counterBytes, end: arena.end };
}

function describeLayer(
  layer: LayerPlan,
  { spec, training, droppedLayers = [], blurred = false }: LayoutOptions,
  index: number,
): LayerRecord {
  const record = emptyLayer();
  const hidden = layer.activation !== 'linear';
  record.hidden = layer.hidden;
  record.point = layer.point ? encodedPointLength(spec) : 0;
  record.depth = record.point + layer.hidden;
  record.hiddenRow = padTo(8, record.point);
  record.pointRow = record.hiddenRow - record.point;
  record.rows = record.hiddenRow + layer.hidden;
  record.outputs = layer.outputs;
  record.columns = layer.inputs;
  record.latent = layer.latent ? spec.codeLength : 0;
  record.activation = ACTIVATION_CODES.indexOf(layer.activation);
  record.normalized = Number(training && layer.normalization === 'weight');
  record.layerNorm = Number(layer.normalization === 'layer');
  record.dropped = Number(hidden && droppedLayers.includes(index));
  record.shaped = Number(hidden && (layer.activation !== 'relu' || record.layerNorm > 0 || record.dropped > 0 || blurred));
  return record;
}

/** The training state's order; the latents begin on a whole vector, since Adam has a rate of its own for them. */
function placeTensors(plan: PlanRecord, layers: readonly LayerRecord[], shapeCount: number): TensorPlace[] {
  const tensors: TensorPlace[] = [];
  let at = 0;
  const place = (length: number) => {
    tensors.push({ offset: at, length });
    at += length * 4;
    return tensors[tensors.length - 1].offset;
  };
  for (const layer of layers) {
    layer.v = place(layer.outputs * layer.columns);
    if (layer.normalized) layer.g = place(layer.outputs);
    layer.bias = place(layer.outputs);
    if (layer.layerNorm) {
      layer.gain = place(layer.outputs);
      layer.shift = place(layer.outputs);
    }
  }
  at = padTo(16, at);
  plan.latents = place(shapeCount * plan.codeLength);
  plan.parameterBytes = padTo(16, at);
  return tensors;
}

/** Biases of all layers first, which groups have too. */
function placeSums(plan: PlanRecord, layers: readonly LayerRecord[]): void {
  let next = 0;
  const take = (layer: LayerRecord) => {
    const at = next;
    next += padTo(BLOCK_ROWS, layer.outputs) * 4;
    return at;
  };
  for (const layer of layers) layer.biasOffset = take(layer);
  next = padTo(16, next);
  plan.biasStride = next;
  for (const layer of layers) {
    if (!layer.layerNorm) continue;
    layer.gainSums = take(layer);
    layer.shiftSums = take(layer);
  }
  plan.sumStride = padTo(16, next);
}

function placeWorkspaces(plan: PlanRecord, layers: readonly LayerRecord[], options: LayoutOptions, arena: Arena): void {
  const panels = options.tileSamples / 8;
  const workspace = new Arena(0);
  for (const layer of layers) {
    layer.input = workspace.take(panels * panelStride(layer.rows));
    if (layer.shaped) layer.slopes = workspace.take(panels * panelStride(layer.outputs));
    if (layer.layerNorm) layer.standardized = workspace.take(panels * panelStride(layer.outputs + 1));
  }
  const widest = Math.max(...layers.map((layer) => Math.max(layer.outputs, layer.rows)));
  plan.output = workspace.take(panels * panelStride(1));
  plan.deltaA = workspace.take(panels * panelStride(widest));
  plan.deltaB = workspace.take(panels * panelStride(widest));
  plan.transposedInput = workspace.take(panels * panelStride(widest));
  plan.transposedDelta = workspace.take(panels * panelStride(widest));
  plan.encodedGradient = workspace.take(panels * panelStride(plan.encodedLength));
  const longest = Math.max(...layers.map((layer) => layer.columns));
  plan.scratch = workspace.take(Math.max(plan.codeStride, BLOCK_ROWS * longest * 4));
  plan.tileSamples = options.tileSamples;
  plan.workspaceStride = workspace.end;
  plan.workspaces = arena.take(plan.workspaceStride * options.threads);
}

/** Writes the structures where the kernels read them. */
export function writeLayout({ address, plan, layers }: Layout, memory: WebAssembly.Memory): void {
  writeRecords(memory, address, plan, layers);
}

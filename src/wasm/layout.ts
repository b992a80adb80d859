import { type DecoderSpec, encodedPointLength, type LayerPlan, planLayers } from '../decoder/spec.js';

/** Fields of kernels/layout.ts, in its order; each is 4 bytes. */
const LAYER_FIELDS = [
  'hidden',
  'hiddenRows',
  'point',
  'depth',
  'outputs',
  'columns',
  'latent',
  'rectified',
  'normalized',
  'biasOffset',
  'weights',
  'transposed',
  'latentWeights',
  'input',
  'gradient',
  'v',
  'g',
  'bias',
] as const;

const PLAN_FIELDS = [
  'layers',
  'layerCount',
  'octaves',
  'encodedLength',
  'outputTanh',
  'saturatedLoss',
  'delta',
  'codeLength',
  'codeStride',
  'biasStride',
  'shapeCount',
  'parameters',
  'gradients',
  'firstMoments',
  'secondMoments',
  'latents',
  'parameterBytes',
  'workspaces',
  'workspaceStride',
  'output',
  'deltaA',
  'deltaB',
  'transposedInput',
  'transposedDelta',
  'encodedGradient',
  'sliceGradients',
  'sliceGradientStride',
  'slices',
  'groups',
  'samplesPerShape',
  'tilesPerGroup',
  'tileSamples',
  'tiles',
  'shapes',
  'codes',
  'biases',
  'tileSums',
  'tileLosses',
  'points',
  'distances',
] as const;

export type LayerRecord = Record<(typeof LAYER_FIELDS)[number], number>;
export type PlanRecord = Record<(typeof PLAN_FIELDS)[number], number>;

export function padTo(multiple: number, value: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** `panelStride` of kernels/layout.ts. */
function panelStride(rows: number): number {
  return padTo(8, rows) * 32 + 64;
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
  /** Address of the counter that threads take slices from: an Int32, which the kernels leave alone. */
  readonly nextSlice: number;
  /** First free address. */
  readonly end: number;
}

/** Places a decoder, and what training it needs, in a memory. */
export function layOut(options: LayoutOptions): Layout {
  const { spec, training } = options;
  const plans = planLayers(spec);
  const encoded = encodedPointLength(spec);
  const arena = new Arena(64);
  const address = arena.take(PLAN_FIELDS.length * 4);
  const nextSlice = arena.take(4);
  const plan = Object.fromEntries(PLAN_FIELDS.map((field) => [field, 0])) as PlanRecord;
  plan.layers = arena.take(plans.length * LAYER_FIELDS.length * 4);
  plan.layerCount = plans.length;
  plan.octaves = spec.fourierOctaves;
  plan.encodedLength = encoded;
  plan.outputTanh = Number(spec.outputTanh);
  plan.codeLength = spec.codeLength;
  plan.codeStride = padTo(16, spec.codeLength * 4);
  plan.shapeCount = options.shapeCount;

  const layers = plans.map((layer) => describeLayer(layer, spec.codeLength, encoded, training));
  const tensors = placeTensors(plan, layers, options.shapeCount);
  for (const layer of layers) {
    const rows = padTo(4, layer.outputs);
    layer.biasOffset = plan.biasStride;
    plan.biasStride += rows * 4;
    layer.weights = arena.take(rows * layer.depth * 4);
    layer.transposed = arena.take(padTo(4, layer.depth) * layer.outputs * 4);
    layer.latentWeights = arena.take(layer.latent ? layer.outputs * plan.codeStride : 0);
    layer.gradient = plan.sliceGradientStride;
    plan.sliceGradientStride += rows * padTo(8, layer.depth) * 4;
  }
  plan.parameters = arena.take(plan.parameterBytes);
  if (training) {
    plan.gradients = arena.take(plan.parameterBytes);
    plan.firstMoments = arena.take(plan.parameterBytes);
    plan.secondMoments = arena.take(plan.parameterBytes);
  }
  placeWorkspaces(plan, layers, options, arena);
  return { plan, layers, tensors, address, nextSlice, end: arena.end };
}

function describeLayer(layer: LayerPlan, codeLength: number, encoded: number, training: boolean): LayerRecord {
  const record = Object.fromEntries(LAYER_FIELDS.map((field) => [field, 0])) as LayerRecord;
  record.hidden = layer.hidden;
  record.hiddenRows = padTo(8, layer.hidden);
  record.point = layer.point ? encoded : 0;
  record.depth = record.hiddenRows + record.point;
  record.outputs = layer.outputs;
  record.columns = layer.inputs;
  record.latent = layer.latent ? codeLength : 0;
  record.rectified = Number(layer.rectified);
  record.normalized = Number(training && layer.normalized);
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
  }
  at = padTo(16, at);
  plan.latents = place(shapeCount * plan.codeLength);
  plan.parameterBytes = padTo(16, at);
  return tensors;
}

function placeWorkspaces(plan: PlanRecord, layers: readonly LayerRecord[], options: LayoutOptions, arena: Arena): void {
  const panels = options.tileSamples / 8;
  const workspace = new Arena(0);
  for (const layer of layers) layer.input = workspace.take(panels * panelStride(layer.depth));
  const widest = Math.max(...layers.map((layer) => Math.max(layer.outputs, layer.depth)));
  plan.output = workspace.take(panels * panelStride(1));
  plan.deltaA = workspace.take(panels * panelStride(widest));
  plan.deltaB = workspace.take(panels * panelStride(widest));
  plan.transposedInput = workspace.take(panels * panelStride(widest));
  plan.transposedDelta = workspace.take(panels * panelStride(widest));
  plan.encodedGradient = workspace.take(panels * panelStride(plan.encodedLength));
  plan.tileSamples = options.tileSamples;
  plan.workspaceStride = workspace.end;
  plan.workspaces = arena.take(plan.workspaceStride * options.threads);
}

/** Writes the structures where the kernels read them. */
export function writeLayout(layout: Layout, memory: WebAssembly.Memory): void {
  const words = new Uint32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const write = (at: number, values: readonly number[]) => words.set(values, at / 4);
  write(
    layout.address,
    PLAN_FIELDS.map((field) => layout.plan[field]),
  );
  floats[layout.address / 4 + PLAN_FIELDS.indexOf('delta')] = layout.plan.delta;
  layout.layers.forEach((layer, index) => {
    write(
      layout.plan.layers + index * LAYER_FIELDS.length * 4,
      LAYER_FIELDS.map((field) => layer[field]),
    );
  });
}

import activation from '../../../shaders/training/activation.wgsl';
import adam from '../../../shaders/training/adam.wgsl';
import adjustDecoder from '../../../shaders/training/adjust-decoder.wgsl';
import adjustLatents from '../../../shaders/training/adjust-latents.wgsl';
import backward from '../../../shaders/training/backward.wgsl';
import batchRows from '../../../shaders/training/batch-rows.wgsl';
import collect from '../../../shaders/training/collect.wgsl';
import dropout from '../../../shaders/training/dropout.wgsl';
import emit from '../../../shaders/training/emit.wgsl';
import encode from '../../../shaders/training/encode.wgsl';
import fold from '../../../shaders/training/fold.wgsl';
import forward from '../../../shaders/training/forward.wgsl';
import groupSums from '../../../shaders/training/group-sums.wgsl';
import head from '../../../shaders/training/head.wgsl';
import latentGradient from '../../../shaders/training/latent-gradient.wgsl';
import latentMask from '../../../shaders/training/latent-mask.wgsl';
import layerNormBackward from '../../../shaders/training/layer-norm-backward.wgsl';
import layerNormForward from '../../../shaders/training/layer-norm-forward.wgsl';
import multiplyMatrices from '../../../shaders/training/multiply-matrices.wgsl';
import preciseWave from '../../../shaders/training/precise-wave.wgsl';
import reduce from '../../../shaders/training/reduce.wgsl';
import safeTanh from '../../../shaders/training/safe-tanh.wgsl';
import weigh from '../../../shaders/training/weigh.wgsl';
import weighDecoder from '../../../shaders/training/weigh-decoder.wgsl';
import weightGradient from '../../../shaders/training/weight-gradient.wgsl';
import { ACTIVATIONS, type Activation } from '../../decoder/activation.js';
import { LAYER_NORM_EPSILON } from '../../decoder/layer-norm.js';
import { DECODER_LIMITS, type LayerPlan } from '../../decoder/spec.js';
import { type LeftRows, multiplyText } from '../../gpu/matrix/multiply-text.js';
import { TILE_DEPTH, type Tile, tileThreads } from '../../gpu/matrix/tile.js';
import { ADAM } from '../engine.js';
import { BATCH_FIELDS, LAYER_FIELDS, RUN_FIELDS, structText } from './uniforms.js';

/** Operands of the products; sums are float32 either way. */
export type OperandType = 'f32' | 'f16';

/** In the order of their numbers in WGSL. */
export const NORMALIZATIONS = ['none', 'weight', 'layer'] as const satisfies LayerPlan['normalization'][];
export const LAYER_NORM = NORMALIZATIONS.indexOf('layer');

/** The kernels of a step, by the names of their entry points, in the order in which they run. */
export const KERNELS = [
  'weighDecoder',
  'fold',
  'encode',
  'forward',
  'layerNormForward',
  'head',
  'backward',
  'layerNormBackward',
  'weightGradient',
  'sumGroups',
  'collect',
  'latentGradient',
  'adjustLatents',
  'adjustDecoder',
] as const;
export type KernelName = (typeof KERNELS)[number];

/** What of the kernels' text is fixed: everything else they are told in uniforms, so that runs may share pipelines. */
export interface KernelOptions {
  readonly tile: Tile;
  readonly operand: OperandType;
  readonly activation: Activation;
}

/** One kernel as a WGSL module. */
export function composeKernel(name: KernelName, { tile, operand, activation: kind }: KernelOptions): string {
  const start = [declarations(operand, tile), tileConstants(tile)];
  const rows = [...start, batchRows];
  const activated = [...rows, dropout, activationConstants(kind), activation, preciseWave, emit];
  const latents = [...start, dropout, latentMask];
  const weighing = [...start, reduce, weigh];
  const optimizer = adamConstants + adam;
  const parts: Record<KernelName, readonly string[]> = {
    weighDecoder: [...weighing, weighDecoder],
    fold: [...latents, fold],
    encode: [...rows, preciseWave, encode],
    forward: [...activated, multiplyText(tile, 'product'), forward],
    layerNormForward: [...activated, layerNormForward],
    head: [...rows, safeTanh, head],
    // ReLU or not is all it needs to know.
    backward: [...start, activationConstants(kind === 'relu' ? 'relu' : 'sine'), multiplyText(tile, 'product'), backward],
    layerNormBackward: [...rows, layerNormBackward],
    weightGradient: [...start, multiplyText(tile, 'depth'), weightGradient],
    sumGroups: [...start, groupSums],
    collect: [...latents, reduce, collect],
    latentGradient: [...latents, latentGradient],
    adjustLatents: [...start, reduce, optimizer, adjustLatents],
    adjustDecoder: [...weighing, optimizer, adjustDecoder],
  };
  return parts[name].join('\n');
}

/** The product alone: what `measureMultiply` times. */
export function composeMultiply(tile: Tile, operand: OperandType, leftRows: LeftRows): string {
  const flag = `const LEFT_IS_TRANSPOSED = ${leftRows === 'depth'};`;
  return [declarations(operand, tile), tileConstants(tile), flag, multiplyText(tile, leftRows), multiplyMatrices].join('\n');
}

function declarations(operand: OperandType, { units }: Tile): string {
  const directives = [
    ...(operand === 'f16' ? ['enable f16;'] : []),
    // Threads of a subgroup agree on where it is, which the analysis cannot know.
    ...(units ? ['enable subgroups, chromium_experimental_subgroup_matrix;', 'diagnostic(off, chromium.subgroup_matrix_uniformity);'] : []),
  ];
  const normalizations = NORMALIZATIONS.map((name, i) => `const ${name.toUpperCase()}_NORM = ${i}u;`).join(' ');
  return `${directives.join('\n')}
alias Operand = ${operand};
alias Operand4 = vec4<Operand>;
alias MatrixOperand = ${units ? 'Operand' : 'Operand4'};
const MAX_LAYERS = ${DECODER_LIMITS.layers + 1}u;
${normalizations}
${structText('Layer', LAYER_FIELDS)}${structText('Run', RUN_FIELDS)}${structText('Batch', BATCH_FIELDS)}`;
}

function tileConstants(tile: Tile): string {
  return `const TILE_ROWS = ${tile.rows}u;
const TILE_VECTORS = ${tile.columns / 4}u;
const TILE_DEPTH = ${TILE_DEPTH}u;
const THREAD_ROWS = ${tile.threadRows}u;
const THREADS = ${tileThreads(tile).count}u;
`;
}

function activationConstants(activation: Activation): string {
  const names = ACTIVATIONS.map((name, i) => `const ${name.toUpperCase()} = ${i}u;`);
  return `${names.join(' ')}
const ACTIVATION = ${activation.toUpperCase()};
const LAYER_NORM_EPSILON = ${LAYER_NORM_EPSILON};
`;
}

const adamConstants = `const BETA1 = ${ADAM.beta1};
const BETA2 = ${ADAM.beta2};
const EPSILON = ${ADAM.epsilon};
`;

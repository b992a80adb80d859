import assemble from '../../../shaders/bricks/assemble.wgsl';
import encode from '../../../shaders/bricks/encode.wgsl';
import head from '../../../shaders/bricks/head.wgsl';
import kernel from '../../../shaders/bricks/kernel.wgsl';
import layerText from '../../../shaders/bricks/layer.wgsl';
import layerNorm from '../../../shaders/bricks/layer-norm.wgsl';
import preciseWave from '../../../shaders/training/precise-wave.wgsl';
import safeTanh from '../../../shaders/training/safe-tanh.wgsl';
import { ACTIVATIONS } from '../../decoder/activation.js';
import type { FoldedDecoder } from '../../decoder/folding.js';
import { LAYER_NORM_EPSILON } from '../../decoder/layer-norm.js';
import { multiplyText } from '../matrix/multiply-text.js';
import { TILE_DEPTH, type Tile, tileThreads } from '../matrix/tile.js';
import { floatLiteral } from '../wgsl-literal.js';

/** Kernels that evaluate a decoder, by the names of their entry points. */
export type EvaluationKernel = 'encode' | 'multiplyLayer' | 'normalizeLayer' | 'writeDistances';

/**
 * One of the kernels as a WGSL module.
 * @param stride numbers from one row of activations to the next
 */
export function composeEvaluation(name: EvaluationKernel, folded: FoldedDecoder, tile: Tile, stride: number): string {
  const activation = folded.layers[0].activation;
  const start = `alias MatrixOperand = vec4f;
alias Operand4 = vec4f;
const STRIDE = ${stride}u;
const TILE_ROWS = ${tile.rows}u;
const TILE_VECTORS = ${tile.columns / 4}u;
const TILE_DEPTH = ${TILE_DEPTH}u;
const THREAD_ROWS = ${tile.threadRows}u;
const THREADS = ${tileThreads(tile).count}u;
${ACTIVATIONS.map((each, i) => `const ${each.toUpperCase()} = ${i}u;`).join(' ')}
const ACTIVATION = ${activation.toUpperCase()};
const ACTIVATION_SCALE = ${floatLiteral(folded.activationScale)};
const LAYER_NORM_EPSILON = ${LAYER_NORM_EPSILON};
const INNER_TANH = ${folded.innerTanh};
const OUTPUT_TANH = ${folded.outputTanh};
`;
  const parts: Record<EvaluationKernel, readonly string[]> = {
    encode: [encode],
    multiplyLayer: [multiplyText(tile, 'product'), layerText],
    normalizeLayer: [layerNorm],
    writeDistances: [safeTanh, head],
  };
  return [start, kernel, preciseWave, ...parts[name]].join('\n');
}

/** Makes a table of lattices from distances: `assembleCoarse` and `assembleBricks`. */
export function composeAssembly(): string {
  return assemble;
}

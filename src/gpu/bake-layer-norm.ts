import type { FoldedLayer } from '../decoder/folding.js';
import { LAYER_NORM_EPSILON, type LayerNorm } from '../decoder/layer-norm.js';
import { rowVectors, vectorLiteral } from './bake-product.js';
import { floatLiteral } from './wgsl-literal.js';

/**
 * Layer norm forward: from a layer's sums s{layer}_{vector} to its pre-activations a{layer}_{vector}; n and v, normalised values and
 * 1 / standard deviation, stay for the way back.
 */
export function writeLayerNorm(layer: FoldedLayer, { gain, shift }: LayerNorm, index: number): string {
  const rows = rowVectors(layer);
  const mean = meanOf(layer, (row) => `dot(s${index}_${row}, vec4f(1.))`);
  let text = `let m${index} = ${mean};\n`;
  // Components past the edge are zero, but not once the mean is taken off.
  const tail = layer.outputs % 4;
  const mask = vectorLiteral(Array(tail).fill(1), 0);
  for (const row of rows) {
    const centered = `s${index}_${row} - m${index}`;
    text += `let c${index}_${row} = ${tail > 0 && row === rows.length - 1 ? `(${centered}) * ${mask}` : centered};\n`;
  }
  const variance = meanOf(layer, (row) => `dot(c${index}_${row}, c${index}_${row})`);
  text += `let v${index} = inverseSqrt(${variance} + ${floatLiteral(LAYER_NORM_EPSILON)});\n`;
  for (const row of rows) {
    text += `let n${index}_${row} = c${index}_${row} * v${index};\n`;
    text += `let a${index}_${row} = n${index}_${row} * ${vectorLiteral(gain, row)} + ${vectorLiteral(shift, row)};\n`;
  }
  return text;
}

/** And back, as `layerNormGradient`: from g{layer}_{vector}, d / d pre-activation, to d{layer}_{vector}, d / d sum. */
export function writeLayerNormGradient(layer: FoldedLayer, { gain }: LayerNorm, index: number): string {
  const rows = rowVectors(layer);
  let text = rows.map((row) => `let q${index}_${row} = g${index}_${row} * ${vectorLiteral(gain, row)};\n`).join('');
  text += `let u${index} = ${meanOf(layer, (row) => `dot(q${index}_${row}, vec4f(1.))`)};\n`;
  text += `let w${index} = ${meanOf(layer, (row) => `dot(q${index}_${row}, n${index}_${row})`)};\n`;
  for (const row of rows) {
    text += `let d${index}_${row} = v${index} * (q${index}_${row} - u${index} - n${index}_${row} * w${index});\n`;
  }
  return text;
}

function meanOf(layer: FoldedLayer, term: (row: number) => string): string {
  return `(${rowVectors(layer).map(term).join('\n+ ')}) * ${floatLiteral(1 / layer.outputs)}`;
}

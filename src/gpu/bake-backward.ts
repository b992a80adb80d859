import type { FoldedDecoder } from '../decoder/folding.js';
import { LEAST_KINK_WIDTH } from '../decoder/kink-widths.js';
import type { BakedActivation } from './bake-activation.js';
import { writeEncodingGradient } from './bake-encoding.js';
import { writeLayerNormGradient } from './bake-layer-norm.js';
import { product, rowVectors, vectors } from './bake-product.js';
import { floatLiteral } from './wgsl-literal.js';

/**
 * Reverse mode from the distance down to the point, after `writeForward` in the same function: g{layer}_{vector} is d distance /
 * d pre-activation (0 at a ReLU's kink, as the reference has it, or ramped over `kinkWidths`).
 */
export function writeBackward(folded: FoldedDecoder, activation: BakedActivation, kinkWidths?: readonly Float32Array[]): string {
  const { layers } = folded;
  const last = layers.length - 1;
  const factors = [...(folded.outputTanh ? ['distance'] : []), ...(folded.innerTanh ? ['inner'] : [])].map((y) => `1. - ${y} * ${y}`);
  let text = `let g${last}_0 = ${factors.length > 1 ? `(${factors.join(') * (')})` : (factors[0] ?? '1.')};\n`;
  const pointTerms: string[][] = Array.from({ length: vectors(3 + 6 * folded.fourierOctaves) }, () => []);
  for (let index = last; index >= 0; index--) {
    const layer = layers[index];
    const rows = rowVectors(layer);
    if (layer.layerNorm) text += writeLayerNormGradient(layer, layer.layerNorm, index);
    const gradient = (row: number) => `${layer.layerNorm ? 'd' : 'g'}${index}_${row}`;
    for (let column = 0; column < vectors(layer.point); column++) {
      for (const row of rows) pointTerms[column].push(product(layer, { row, column }, gradient(row), 'point', true));
    }
    for (let column = 0; column < vectors(layer.hidden); column++) {
      const terms = rows.map((row) => product(layer, { row, column }, gradient(row), 'hidden', true)).filter((term) => term !== '');
      const sum = terms.length > 0 ? terms.join('\n+ ') : 'vec4f()';
      const below = `${index - 1}_${column}`;
      const passed = kinkWidths
        ? `(${sum}) * ${writeRamp(`a${below}`, kinkWidths[index - 1], column)}`
        : activation.times(sum, `a${below}`, `h${below}`, below);
      text += `let g${below} = ${passed};\n`;
    }
  }
  for (const [column, terms] of pointTerms.entries()) {
    const present = terms.filter((term) => term !== '');
    text += `let gx${column} = ${present.length > 0 ? present.join('\n+ ') : 'vec4f()'};\n`;
  }
  return `${text}${writeEncodingGradient(folded.fourierOctaves)}return vec4f(gradient, distance);\n`;
}

/** A ReLU's derivative, from 0 to 1 over a band around its kink. */
function writeRamp(preActivation: string, widths: Float32Array, vector: number): string {
  const slopes = [0, 1, 2, 3].map((i) => floatLiteral(1 / Math.max(widths[4 * vector + i] ?? 1, LEAST_KINK_WIDTH)));
  return `clamp(${preActivation} * vec4f(${slopes.join(', ')}) + 0.5, vec4f(), vec4f(1.))`;
}

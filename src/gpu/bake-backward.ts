import type { FoldedDecoder, FoldedLayer } from '../decoder/folding.js';
import { LEAST_KINK_WIDTH } from '../decoder/kink-widths.js';
import type { BakedActivation } from './bake-activation.js';
import type { BakeOptions } from './bake-decoder.js';
import { writeEncodingGradient } from './bake-encoding.js';
import { writeLayerNormGradient } from './bake-layer-norm.js';
import { componentsOf, type Factor, isOutput, type Part, vectors, weightAt, writeProduct, writeTerm } from './bake-product.js';
import { floatLiteral } from './wgsl-literal.js';

/**
 * Reverse mode from the distance down to the point, after `writeForward` in the same function: g{layer}_{vector} is d distance /
 * d pre-activation (0 at a ReLU's kink, as the reference has it, or ramped over `kinkWidths`), b{layer}_{vector} d distance / d activation.
 */
export function writeBackward(folded: FoldedDecoder, activation: BakedActivation, { kinkWidths, parts }: BakeOptions): string {
  const { layers } = folded;
  const last = layers.length - 1;
  const factors = [...(folded.outputTanh ? ['distance'] : []), ...(folded.innerTanh ? ['inner'] : [])].map((y) => `1. - ${y} * ${y}`);
  const points = vectors(3 + 6 * folded.fourierOctaves);
  let text = '';
  for (let vector = 0; vector < points; vector++) text += `var gx${vector} = vec4f();\n`;
  text += `let g${last}_0 = ${factors.length > 1 ? `(${factors.join(') * (')})` : (factors[0] ?? '1.')};\n`;
  for (let index = last; index >= 0; index--) {
    const layer = layers[index];
    if (layer.layerNorm) text += writeLayerNormGradient(layer, layer.layerNorm, index);
    const toPoint = gradientsOf(layer, index, 'point');
    for (let vector = 0; vector < vectors(layer.point); vector++) {
      for (const factor of toPoint) text += writeTerm(`gx${vector}`, vector, factor);
    }
    const below = vectors(layer.hidden);
    if (below === 0) continue;
    text += writeProduct(`b${index - 1}_`, Array(below).fill('vec4f()'), gradientsOf(layer, index, 'hidden'), parts);
    for (let vector = 0; vector < below; vector++) {
      const at = `${index - 1}_${vector}`;
      const passed = kinkWidths
        ? `b${at} * ${writeRamp(`a${at}`, kinkWidths[index - 1], vector)}`
        : activation.times(`b${at}`, `a${at}`, `h${at}`, at);
      text += `let g${at} = ${passed};\n`;
    }
  }
  return `${text}${writeEncodingGradient(folded.fourierOctaves)}return vec4f(gradient, distance);\n`;
}

/** The rows of a layer as what its gradient goes down by: the same weights, transposed. */
function gradientsOf(layer: FoldedLayer, index: number, part: Part): Factor[] {
  const name = (vector: number) => `${layer.layerNorm ? 'd' : 'g'}${index}_${vector}`;
  const rows = isOutput(layer) ? [name(0)] : componentsOf(name, layer.outputs);
  return rows.map((scalar, row) => ({ scalar, weight: (column) => weightAt(layer, part, row, column) }));
}

/** A ReLU's derivative, from 0 to 1 over a band around its kink. */
function writeRamp(preActivation: string, widths: Float32Array, vector: number): string {
  const slopes = [0, 1, 2, 3].map((i) => floatLiteral(1 / Math.max(widths[4 * vector + i] ?? 1, LEAST_KINK_WIDTH)));
  return `clamp(${preActivation} * vec4f(${slopes.join(', ')}) + 0.5, vec4f(), vec4f(1.))`;
}

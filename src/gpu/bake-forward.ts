import type { FoldedDecoder, FoldedLayer } from '../decoder/folding.js';
import type { BakedActivation } from './bake-activation.js';
import { writeEncoding } from './bake-encoding.js';
import { writeLayerNorm } from './bake-layer-norm.js';
import {
  componentsOf,
  type Factor,
  isOutput,
  type Part,
  rowVectors,
  vectorLiteral,
  vectors,
  weightAt,
  writeProduct,
} from './bake-product.js';

/**
 * From `p` to `distance`. Names a{layer}_{vector} for pre-activations, h{layer}_{vector} for activations, x{vector} for the encoded
 * point; s{layer}_{vector} for what a layer norm is given.
 */
export function writeForward(folded: FoldedDecoder, activation: BakedActivation, isParted = false): string {
  let text = writeEncoding(folded.fourierOctaves);
  let biasAt = 0;
  for (const [index, layer] of folded.layers.entries()) {
    const { layerNorm } = layer;
    const rows = rowVectors(layer);
    if (isOutput(layer)) {
      text += `let h${index}_0 = ${writeOutput(layer, index, biasAt)};\n`;
    } else {
      const biases = rows.map((row) => `decoderBias[${biasAt + row}]`);
      text += writeProduct(`${layerNorm ? 's' : 'a'}${index}_`, biases, inputsOf(layer, index), isParted);
      if (layerNorm) text += writeLayerNorm(layer, layerNorm, index);
      text += rows.map((row) => activation.value(`a${index}_${row}`, `h${index}_${row}`, `${index}_${row}`)).join('');
    }
    biasAt += rows.length;
  }
  let result = `h${folded.layers.length - 1}_0`;
  if (folded.innerTanh) {
    text += `let inner = decoderTanh(${result});\n`;
    result = 'inner';
  }
  return `${text}let distance = ${folded.outputTanh ? `decoderTanh(${result})` : result};\n`;
}

function inputsOf(layer: FoldedLayer, index: number): Factor[] {
  const part = (kind: Part, name: (vector: number) => string, count: number) =>
    componentsOf(name, count).map((scalar, column) => ({ scalar, weight: (row: number) => weightAt(layer, kind, row, column) }));
  return [...part('hidden', (vector) => `h${index - 1}_${vector}`, layer.hidden), ...part('point', (vector) => `x${vector}`, layer.point)];
}

/** One row: dot products. */
function writeOutput(layer: FoldedLayer, index: number, bias: number): string {
  const terms = [`decoderBias[${bias}].x`];
  const part = (kind: Part, name: string, count: number) => {
    const row = Array.from({ length: count }, (_, column) => weightAt(layer, kind, 0, column));
    for (let vector = 0; vector < vectors(count); vector++) terms.push(`dot(${vectorLiteral(row, vector)}, ${name}${vector})`);
  };
  part('hidden', `h${index - 1}_`, layer.hidden);
  part('point', 'x', layer.point);
  return terms.join('\n+ ');
}

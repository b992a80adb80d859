import type { FoldedDecoder, FoldedLayer } from '../decoder/folding.js';
import type { BakedActivation } from './bake-activation.js';
import { writeEncoding } from './bake-encoding.js';
import { writeLayerNorm } from './bake-layer-norm.js';
import { isOutput, product, rowVectors, vectors } from './bake-product.js';

/**
 * From `p` to `distance`. Names a{layer}_{vector} for pre-activations, h{layer}_{vector} for activations, x{vector} for the encoded
 * point; s{layer}_{vector} for what a layer norm is given.
 */
export function writeForward(folded: FoldedDecoder, activation: BakedActivation): string {
  let text = writeEncoding(folded.fourierOctaves);
  let biasAt = 0;
  for (const [index, layer] of folded.layers.entries()) {
    const { layerNorm } = layer;
    const rows = rowVectors(layer);
    const writeSum = (row: number) => `let ${layerNorm ? 's' : 'a'}${index}_${row} = ${sumOf(layer, index, row, biasAt + row)};\n`;
    const writeActivated = (row: number) => activation.value(`a${index}_${row}`, `h${index}_${row}`, `${index}_${row}`);
    if (isOutput(layer)) text += `${writeSum(0)}let h${index}_0 = a${index}_0;\n`;
    else if (layerNorm) text += rows.map(writeSum).join('') + writeLayerNorm(layer, layerNorm, index) + rows.map(writeActivated).join('');
    else for (const row of rows) text += writeSum(row) + writeActivated(row);
    biasAt += rows.length;
  }
  let result = `h${folded.layers.length - 1}_0`;
  if (folded.innerTanh) {
    text += `let inner = decoderTanh(${result});\n`;
    result = 'inner';
  }
  return `${text}let distance = ${folded.outputTanh ? `decoderTanh(${result})` : result};\n`;
}

function sumOf(layer: FoldedLayer, index: number, row: number, bias: number): string {
  const terms = [`decoderBias[${bias}]${isOutput(layer) ? '.x' : ''}`];
  for (let column = 0; column < vectors(layer.hidden); column++)
    terms.push(product(layer, { row, column }, `h${index - 1}_${column}`, 'hidden'));
  for (let column = 0; column < vectors(layer.point); column++) terms.push(product(layer, { row, column }, `x${column}`, 'point'));
  return terms.filter((term) => term !== '').join('\n+ ');
}

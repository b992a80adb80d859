import type { FoldedDecoder, FoldedLayer } from '../decoder/folding.js';
import { NeuralSdfError } from '../errors.js';
import type { BakedDecoder } from './bake-decoder.js';
import { writeEncoding, writeEncodingGradient } from './bake-encoding.js';
import { vectors } from './bake-product.js';

/** A decoder whose weights follow the biases in its table. */
export interface BufferedDecoder extends BakedDecoder {
  /** vec4 entries. */
  readonly weightVectors: number;
}

/** Blocks of 4 x 4 along a layer's columns: hidden ones first, then those of the encoded point. */
const blockColumns = ({ hidden, point }: FoldedLayer): number => vectors(hidden) + vectors(point);

/** vec4 entries of one layer's weights. */
const layerVectors = (layer: FoldedLayer): number => 4 * vectors(layer.outputs) * blockColumns(layer);

/**
 * Writes a folded decoder as WGSL that reads its weights from `sdfBias`, behind the biases, so that new weights need no new shader: what
 * shows a decoder while it trains. Loops over storage and private arrays run several times slower than `bakeDecoder`'s literals.
 *
 * The table: biasVectors of biases, then per layer [outputs / 4][columns / 4][4] vec4f, entry c of a block being column c of four rows.
 * @throws NeuralSdfError DECODER_UNSUPPORTED for anything but ReLU without layer norm, which bakeDecoder takes
 */
export function bakeBufferedDecoder(folded: FoldedDecoder): BufferedDecoder {
  if (folded.layers.some(({ activation, layerNorm }) => layerNorm || (activation !== 'relu' && activation !== 'linear'))) {
    throw new NeuralSdfError('DECODER_UNSUPPORTED', 'only ReLU decoders without layer norm can be traced while they train');
  }
  const biasVectors = folded.layers.reduce((sum, layer) => sum + vectors(layer.outputs), 0);
  const weightVectors = folded.layers.reduce((sum, layer) => sum + layerVectors(layer), 0);
  const forward = writeForward(folded, biasVectors);
  const wgsl = `var<private> decoderBias: array<vec4f, ${biasVectors}>;
fn decoderWeights(at: i32) -> mat4x4f { return mat4x4f(sdfBias[at], sdfBias[at + 1], sdfBias[at + 2], sdfBias[at + 3]); }
fn decoderTanh(x: f32) -> f32 {
let e = exp(-2. * abs(x));
return sign(x) * (1. - e) / (1. + e);
}
fn decoderDistance(p: vec3f) -> f32 {
${forward}return distance;
}
fn decoderGradient(p: vec3f) -> vec4f {
${forward}${writeBackward(folded, biasVectors)}}
`;
  return { wgsl, biasVectors, weightVectors };
}

/** Where each layer's weights start in the table, vec4 entries. */
function weightOffsets(folded: FoldedDecoder, biasVectors: number): number[] {
  let at = biasVectors;
  return folded.layers.map((layer) => {
    at += layerVectors(layer);
    return at - layerVectors(layer);
  });
}

/**
 * The weights part of the table.
 * @param out [4 * weightVectors]
 */
export function packWeights(folded: FoldedDecoder, out: Float32Array): void {
  let at = 0;
  for (const { outputs, hidden, point, weight } of folded.layers) {
    const width = hidden + point;
    const place = (rowBlock: number, first: number, count: number, block: number) => {
      for (let c = 0; c < 4; c++) {
        for (let r = 0; r < 4; r++) {
          const [row, column] = [4 * rowBlock + r, 4 * block + c];
          out[at++] = row < outputs && column < count ? weight[row * width + first + column] : 0;
        }
      }
    };
    for (let rowBlock = 0; rowBlock < vectors(outputs); rowBlock++) {
      for (let block = 0; block < vectors(hidden); block++) place(rowBlock, 0, hidden, block);
      for (let block = 0; block < vectors(point); block++) place(rowBlock, hidden, point, block);
    }
  }
}

/** Names h{layer} for activations, x for the encoded point: arrays of vec4f. */
function writeForward(folded: FoldedDecoder, biasVectors: number): string {
  const points = vectors(3 + 6 * folded.fourierOctaves);
  let text = `${writeEncoding(folded.fourierOctaves)}var x = array<vec4f, ${points}>(${[...Array(points).keys()].map((i) => `x${i}`).join(', ')});\n`;
  const offsets = weightOffsets(folded, biasVectors);
  let biasAt = 0;
  for (const [index, layer] of folded.layers.entries()) {
    const rows = vectors(layer.outputs);
    const [hidden, columns] = [vectors(layer.hidden), blockColumns(layer)];
    text += `var h${index}: array<vec4f, ${rows}>;
for (var row = 0; row < ${rows}; row++) {
var sum = decoderBias[${biasAt} + row];
let first = ${offsets[index]} + row * ${4 * columns};
`;
    if (hidden > 0) text += `for (var c = 0; c < ${hidden}; c++) { sum += decoderWeights(first + 4 * c) * h${index - 1}[c]; }\n`;
    if (columns > hidden)
      text += `for (var c = 0; c < ${columns - hidden}; c++) { sum += decoderWeights(first + 4 * (c + ${hidden})) * x[c]; }\n`;
    text += `h${index}[row] = ${layer.activation === 'relu' ? 'max(sum, vec4f())' : 'sum'};\n}\n`;
    biasAt += rows;
  }
  const linear = `h${folded.layers.length - 1}[0].x`;
  const inner = folded.innerTanh ? `decoderTanh(${linear})` : linear;
  return `${text}let inner = ${inner};\nlet distance = ${folded.outputTanh ? 'decoderTanh(inner)' : 'inner'};\n`;
}

/** g{layer}: d distance / d activation; the block that went forward, transposed: a vector times it. */
function writeBackward(folded: FoldedDecoder, biasVectors: number): string {
  const { layers } = folded;
  const last = layers.length - 1;
  const offsets = weightOffsets(folded, biasVectors);
  const points = vectors(3 + 6 * folded.fourierOctaves);
  const slopes = [folded.outputTanh ? '(1. - distance * distance)' : '1.', ...(folded.innerTanh ? ['(1. - inner * inner)'] : [])];
  let text = `var gx: array<vec4f, ${points}>;
var g${last} = array<vec4f, 1>(vec4f(${slopes.join(' * ')}, 0., 0., 0.));\n`;
  for (let index = last; index >= 0; index--) {
    const layer = layers[index];
    const rows = vectors(layer.outputs);
    const [hidden, columns] = [vectors(layer.hidden), blockColumns(layer)];
    const at = `${offsets[index]} + row * ${4 * columns}`;
    if (columns > hidden) {
      text += `for (var row = 0; row < ${rows}; row++) {
for (var c = 0; c < ${columns - hidden}; c++) { gx[c] += g${index}[row] * decoderWeights(${at} + 4 * (c + ${hidden})); }
}\n`;
    }
    if (hidden > 0) {
      text += `var g${index - 1}: array<vec4f, ${hidden}>;
for (var c = 0; c < ${hidden}; c++) {
var sum = vec4f();
for (var row = 0; row < ${rows}; row++) { sum += g${index}[row] * decoderWeights(${at} + 4 * c); }
g${index - 1}[c] = select(vec4f(), sum, h${index - 1}[c] > vec4f());
}\n`;
    }
  }
  for (let i = 0; i < points; i++) text += `let gx${i} = gx[${i}];\n`;
  return `${text}${writeEncodingGradient(folded.fourierOctaves)}return vec4f(gradient, distance);\n`;
}

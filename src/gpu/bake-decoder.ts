import type { FoldedDecoder, FoldedLayer } from '../decoder/folding.js';
import { floatLiteral } from './wgsl-literal.js';

/** A decoder as WGSL text; what changes from shape to shape stays outside it, in the bias table. */
export interface BakedDecoder {
  /**
   * Declares `var<private> decoderBias: array<vec4f, biasVectors>` (fill it first, from wherever the table lives),
   * `fn decoderDistance(p: vec3f) -> f32` and, when asked for, `fn decoderGradient(p: vec3f) -> vec4f` (xyz d distance /
   * d point, w distance). Point and distance in model units.
   */
  readonly wgsl: string;
  /** vec4 entries of the bias table: each layer's rows, padded to fours. */
  readonly biasVectors: number;
}

export interface BakeOptions {
  /** Also write decoderGradient. It doubles the code and so the compile time; leave it out where only distances are needed. */
  readonly gradient?: boolean;
  /**
   * Per layer [outputs]: the band of pre-activations over which decoderGradient ramps a ReLU's derivative instead of
   * switching it, from `measureKinkWidths`. Without it the gradient is the exact one.
   */
  readonly kinkWidths?: readonly Float32Array[];
}

const vectors = (rows: number): number => Math.ceil(rows / 4);

/** A 4x4 block of a layer's weights; rows and columns past the edge are zero. */
interface Block {
  readonly row: number;
  readonly column: number;
}

/**
 * Writes a folded decoder as straight-line WGSL with its weights as literals: measured on software GPUs, the only form
 * without private arrays or loops in the inner product, and 5 to 40 times faster than those. The bias table is copied to
 * private memory once by the caller, because reading it where it is used costs 2.5 times as much.
 */
export function bakeDecoder(folded: FoldedDecoder, options: BakeOptions = {}): BakedDecoder {
  const biasVectors = folded.layers.reduce((sum, layer) => sum + vectors(layer.outputs), 0);
  const forward = writeForward(folded);
  const functions = [`fn decoderDistance(p: vec3f) -> f32 {\n${forward}return distance;\n}`];
  if (options.gradient) functions.push(`fn decoderGradient(p: vec3f) -> vec4f {\n${forward}${writeBackward(folded, options.kinkWidths)}}`);
  if (folded.outputTanh) functions.unshift(SAFE_TANH);
  return { wgsl: `var<private> decoderBias: array<vec4f, ${biasVectors}>;\n${functions.join('\n')}\n`, biasVectors };
}

/** WGSL's own tanh is indeterminate above 88 on some devices. */
const SAFE_TANH = `fn decoderTanh(x: f32) -> f32 {
let e = exp(-2. * abs(x));
return sign(x) * (1. - e) / (1. + e);
}`;

/**
 * The table that a baked decoder reads as `decoderBias`.
 * @param biases [biasCount], from foldBiases
 * @param out [4 * biasVectors], made when not given
 */
export function packBiases(folded: FoldedDecoder, biases: Float32Array, out?: Float32Array): Float32Array {
  const packed = out ?? new Float32Array(4 * folded.layers.reduce((sum, layer) => sum + vectors(layer.outputs), 0));
  let at = 0;
  for (const layer of folded.layers) {
    packed.set(biases.subarray(layer.biasOffset, layer.biasOffset + layer.outputs), at);
    at += 4 * vectors(layer.outputs);
  }
  return packed;
}

/** Names a{layer}_{vector} for pre-activations, h{layer}_{vector} for activations, x{vector} for the encoded point. */
function writeForward(folded: FoldedDecoder): string {
  let text = writeEncoding(folded.fourierOctaves);
  let biasAt = 0;
  for (const [index, layer] of folded.layers.entries()) {
    for (let row = 0; row < vectors(layer.outputs); row++) {
      const scalar = layer.outputs === 1;
      const terms = [`decoderBias[${biasAt++}]${scalar ? '.x' : ''}`];
      for (let column = 0; column < vectors(layer.hidden); column++)
        terms.push(product(layer, { row, column }, `h${index - 1}_${column}`, 'hidden'));
      for (let column = 0; column < vectors(layer.point); column++) terms.push(product(layer, { row, column }, `x${column}`, 'point'));
      const sum = terms.filter((term) => term !== '').join('\n+ ');
      text += `let a${index}_${row} = ${sum};\n`;
      text += `let h${index}_${row} = ${layer.rectified ? `max(a${index}_${row}, ${scalar ? '0.' : 'vec4f()'})` : `a${index}_${row}`};\n`;
    }
  }
  const linear = `h${folded.layers.length - 1}_0`;
  return `${text}let distance = ${folded.outputTanh ? `decoderTanh(${linear})` : linear};\n`;
}

function writeEncoding(octaves: number): string {
  let text = '';
  const components = ['p.x', 'p.y', 'p.z'];
  for (let k = 0; k < octaves; k++) {
    const angle = `p * ${floatLiteral(Math.PI * 2 ** k)}`;
    text += `let sin${k} = sin(${angle});\nlet cos${k} = cos(${angle});\n`;
    for (const wave of ['sin', 'cos']) for (const axis of 'xyz') components.push(`${wave}${k}.${axis}`);
  }
  for (let i = 0; i < components.length; i += 4) {
    const four = [0, 1, 2, 3].map((j) => components[i + j] ?? '0.');
    text += `let x${i / 4} = vec4f(${four.join(', ')});\n`;
  }
  return text;
}

/**
 * Reverse mode from the distance down to the point: g{layer}_{vector} is d distance / d activation, masked by ReLU
 * (gradient 0 at the kink, as the reference has it, or ramped over `kinkWidths`).
 */
function writeBackward(folded: FoldedDecoder, kinkWidths?: readonly Float32Array[]): string {
  const { layers } = folded;
  const last = layers.length - 1;
  let text = `let g${last}_0 = ${folded.outputTanh ? '1. - distance * distance' : '1.'};\n`;
  const pointTerms: string[][] = Array.from({ length: vectors(3 + 6 * folded.fourierOctaves) }, () => []);
  for (let index = last; index >= 0; index--) {
    const layer = layers[index];
    const rows = [...Array(vectors(layer.outputs)).keys()];
    for (let column = 0; column < vectors(layer.point); column++) {
      for (const row of rows) pointTerms[column].push(product(layer, { row, column }, `g${index}_${row}`, 'point', true));
    }
    for (let column = 0; column < vectors(layer.hidden); column++) {
      const terms = rows.map((row) => product(layer, { row, column }, `g${index}_${row}`, 'hidden', true)).filter((term) => term !== '');
      const sum = terms.length > 0 ? terms.join('\n+ ') : 'vec4f()';
      const below = `${index - 1}_${column}`;
      const masked = kinkWidths
        ? `(${sum}) * ${writeRamp(`a${below}`, kinkWidths[index - 1], column)}`
        : `select(${layers[index - 1].outputs === 1 ? '0.' : 'vec4f()'}, ${sum}, h${below} > ${layers[index - 1].outputs === 1 ? '0.' : 'vec4f()'})`;
      text += `let g${below} = ${masked};\n`;
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
  // A unit that never moves has no kink to blur; its width must not divide by zero.
  const slopes = [0, 1, 2, 3].map((i) => floatLiteral(1 / Math.max(widths[4 * vector + i] ?? 1, 1e-6)));
  return widths.length === 1
    ? `clamp(${preActivation} * ${slopes[0]} + 0.5, 0., 1.)`
    : `clamp(${preActivation} * vec4f(${slopes.join(', ')}) + 0.5, vec4f(), vec4f(1.))`;
}

function writeEncodingGradient(octaves: number): string {
  const component = (i: number) => `gx${i >> 2}.${'xyzw'[i & 3]}`;
  const three = (i: number) => `vec3f(${component(i)}, ${component(i + 1)}, ${component(i + 2)})`;
  let text = 'gx0.xyz';
  for (let k = 0; k < octaves; k++) {
    const first = 3 + 6 * k;
    text += `\n+ ${floatLiteral(Math.PI * 2 ** k)} * (cos${k} * ${three(first)} - sin${k} * ${three(first + 3)})`;
  }
  return `let gradient = ${text};\n`;
}

/**
 * `mat4x4f(block) * vector`, transposed for the backward pass; '' where the whole block is zero. A layer of one row, the
 * output, is a dot product: a matrix with three rows of zeros would cost four times as much.
 */
function product(layer: FoldedLayer, block: Block, vector: string, part: 'hidden' | 'point', transposed = false): string {
  const columns = part === 'hidden' ? layer.hidden : layer.point;
  const offset = part === 'hidden' ? 0 : layer.hidden;
  const width = layer.hidden + layer.point;
  const at = (row: number, column: number) => (row < layer.outputs && column < columns ? layer.weight[row * width + offset + column] : 0);
  if (layer.outputs === 1) {
    const row = `vec4f(${[0, 1, 2, 3].map((c) => floatLiteral(at(0, 4 * block.column + c))).join(',')})`;
    return transposed ? `${row} * ${vector}` : `dot(${row}, ${vector})`;
  }
  // WGSL's matrices list columns: entry [c][r] multiplies component c into component r.
  const entries: number[] = [];
  for (let c = 0; c < 4; c++) {
    for (let r = 0; r < 4; r++) {
      entries.push(transposed ? at(4 * block.row + c, 4 * block.column + r) : at(4 * block.row + r, 4 * block.column + c));
    }
  }
  return entries.every((value) => value === 0) ? '' : `mat4x4f(${entries.map(floatLiteral).join(',')}) * ${vector}`;
}

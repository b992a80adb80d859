import { Random } from '../random.js';
import type { Decoder } from './decoder.js';
import { encodePoint } from './encoding.js';
import { type FoldedDecoder, foldBiases, foldDecoder } from './folding.js';
import { applyLayerNorm, type LayerNorm, layerNormGradient } from './layer-norm.js';

/** Ball that a normal is blurred over, as a share of the half extent: a ReLU decoder's facets go, its edges stay. */
const NORMAL_BLUR = 0.012;
/** Of a unit that never moves: it must not divide by zero. */
export const LEAST_KINK_WIDTH = 1e-6;
const POINTS = 128;

/**
 * What every normal of an asset is blurred by, traced or baked, so that one stands in for the other unseen.
 * @param latent of a typical shape, an asset's first, [codeLength]
 * @param halfExtent of the asset's cube, model units
 * @returns as `measureKinkWidths`
 */
export function normalKinkWidths(decoder: Decoder, latent: ArrayLike<number>, halfExtent: number): Float32Array[] | undefined {
  return measureKinkWidths(foldDecoder(decoder), foldBiases(decoder, latent), NORMAL_BLUR * halfExtent);
}

/**
 * How far to blur each ReLU's kink for shading. A ReLU decoder is piecewise smooth, and its normals jump where a unit
 * switches: in lighting, creases. Ramping the unit's derivative over the band of pre-activations that a ball of `radius`
 * sweeps blurs the normal over about that ball, at no cost; the surface itself stays where it is.
 * @param biases [biasCount] of a typical shape: only the size of the gradients is read off it
 * @param radius model units
 * @returns per layer [outputs] the band's width: 2 * radius * root mean square of |d pre-activation / d point| in the cube; undefined for
 * sine, softplus and ELU, whose normals do not jump
 */
export function measureKinkWidths(folded: FoldedDecoder, biases: Float32Array, radius: number): Float32Array[] | undefined {
  if (folded.layers[0].activation !== 'relu') return undefined;
  const random = new Random(1);
  const squares = folded.layers.map((layer) => new Float64Array(layer.outputs));
  for (let i = 0; i < POINTS; i++)
    addSquaredGradients(folded, biases, [random.range(-1, 1), random.range(-1, 1), random.range(-1, 1)], squares);
  return squares.map((layer) => Float32Array.from(layer, (square) => 2 * radius * Math.sqrt(square / POINTS)));
}

/** Forward mode with three tangents: |d pre-activation / d point|^2 of every unit at one point, added up. */
function addSquaredGradients(folded: FoldedDecoder, biases: Float32Array, point: readonly number[], into: Float64Array[]): void {
  const { fourierOctaves, layers } = folded;
  const length = 3 + 6 * fourierOctaves;
  const encoded = new Float64Array(length);
  encodePoint(point[0], point[1], point[2], fourierOctaves, encoded);
  const encodedTangents = [0, 1, 2].map((axis) => encodingTangent(encoded, fourierOctaves, axis));
  let values: Float64Array = new Float64Array(0);
  let tangents = encodedTangents;
  for (const [index, { outputs, hidden, point: pointColumns, weight, biasOffset, layerNorm }] of layers.entries()) {
    const width = hidden + pointColumns;
    const sums = new Float64Array(outputs);
    const slopes = [0, 1, 2].map(() => new Float64Array(outputs));
    for (let row = 0; row < outputs; row++) {
      sums[row] = biases[biasOffset + row];
      for (let column = 0; column < width; column++) {
        const w = weight[row * width + column];
        const inHidden = column < hidden;
        const at = inHidden ? column : column - hidden;
        sums[row] += w * (inHidden ? values : encoded)[at];
        for (let axis = 0; axis < 3; axis++) slopes[axis][row] += w * (inHidden ? tangents : encodedTangents)[axis][at];
      }
    }
    if (layerNorm) normalizeTangents(sums, slopes, layerNorm);
    for (let row = 0; row < outputs; row++) {
      into[index][row] += slopes[0][row] ** 2 + slopes[1][row] ** 2 + slopes[2][row] ** 2;
      if (sums[row] > 0) continue;
      sums[row] = 0;
      for (const slope of slopes) slope[row] = 0;
    }
    values = sums;
    tangents = slopes;
  }
}

/** Layer norm of values and their tangents, in place. Without gain its Jacobian is symmetric, so that the way back goes forward as well. */
function normalizeTangents(values: Float64Array, tangents: readonly Float64Array[], layerNorm: LayerNorm): void {
  const { gain } = layerNorm;
  const normalized = values.slice();
  const inverse = applyLayerNorm(normalized, layerNorm, values);
  const ones = new Float64Array(values.length).fill(1);
  for (const tangent of tangents) {
    layerNormGradient(tangent, normalized, inverse, ones);
    for (let row = 0; row < tangent.length; row++) tangent[row] *= gain[row];
  }
}

/** d encoded point / d one coordinate. */
function encodingTangent(encoded: Float64Array, octaves: number, axis: number): Float64Array {
  const tangent = new Float64Array(encoded.length);
  tangent[axis] = 1;
  for (let k = 0, frequency = Math.PI, at = 3; k < octaves; k++, frequency *= 2, at += 6) {
    tangent[at + axis] = frequency * encoded[at + 3 + axis];
    tangent[at + 3 + axis] = -frequency * encoded[at + axis];
  }
  return tangent;
}

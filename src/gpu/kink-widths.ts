import { encodePoint } from '../decoder/encoding.js';
import type { FoldedDecoder } from '../decoder/folding.js';
import { Random } from '../random.js';

const POINTS = 128;

/**
 * How far to blur each ReLU's kink for shading. A ReLU decoder is piecewise smooth, and its normals jump where a unit
 * switches: in lighting, creases. Ramping the unit's derivative over the band of pre-activations that a ball of `radius`
 * sweeps blurs the normal over about that ball, at no cost; the surface itself stays where it is.
 * @param biases [biasCount] of a typical shape: only the size of the gradients is read off it
 * @param radius model units
 * @returns per layer [outputs] the band's width: 2 * radius * root mean square of |d pre-activation / d point| in the cube
 */
export function measureKinkWidths(folded: FoldedDecoder, biases: Float32Array, radius: number): Float32Array[] {
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
  for (const [index, { outputs, hidden, point: pointColumns, weight, biasOffset }] of layers.entries()) {
    const width = hidden + pointColumns;
    const next = new Float64Array(outputs);
    const nextTangents = [0, 1, 2].map(() => new Float64Array(outputs));
    for (let row = 0; row < outputs; row++) {
      let sum = biases[biasOffset + row];
      const slope = [0, 0, 0];
      for (let column = 0; column < width; column++) {
        const w = weight[row * width + column];
        const inHidden = column < hidden;
        const at = inHidden ? column : column - hidden;
        sum += w * (inHidden ? values : encoded)[at];
        for (let axis = 0; axis < 3; axis++) slope[axis] += w * (inHidden ? tangents : encodedTangents)[axis][at];
      }
      into[index][row] += slope[0] ** 2 + slope[1] ** 2 + slope[2] ** 2;
      next[row] = Math.max(0, sum);
      for (let axis = 0; axis < 3; axis++) nextTangents[axis][row] = sum > 0 ? slope[axis] : 0;
    }
    values = next;
    tangents = nextTangents;
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

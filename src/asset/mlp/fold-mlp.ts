import type { DecoderLayer } from '../../decoder/decoder.js';
import { type DecoderSpec, encodedPointLength, planLayers } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import type { MlpSpec } from './mlp-spec.js';
import type { Matrix } from './mlp-tensors.js';

/** How far a ratio that has to be 1, or a power of 2, may be from it: JSON has frequencies and sizes in decimals. */
const TOLERANCE = 1e-6;

/** The activation's scale of most hidden layers: these keep their bits. */
export function commonScale({ layers }: MlpSpec): number {
  const counts = new Map<number, number>();
  for (const { scale } of layers.slice(0, -1)) counts.set(scale, (counts.get(scale) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/**
 * Octaves between the perceptron's frequencies, in model units, and ours, pi 2^k.
 * @throws NeuralSdfError INVALID_SPEC where no octave of ours has such a frequency
 */
export function octaveShift({ encoding, box }: MlpSpec): number {
  const octaves = Math.log2((encoding.frequency * box.halfSize) / Math.PI);
  const shift = Math.round(octaves);
  if (shift >= 0 && Math.abs(octaves - shift) < TOLERANCE) return shift;
  throw new NeuralSdfError(
    'INVALID_SPEC',
    `MLP spec: encoding.frequency ${encoding.frequency} is no pi 2^k once the box is scaled to model units; a box.halfSize of ${Math.PI / encoding.frequency}, or twice, four times that, makes it one`,
    { field: 'box.halfSize' },
  );
}

/**
 * A layer of the decoder: the perceptron's own weights, in our columns [hidden | latent | encoded point], with everything folded in that a
 * decoder does not say otherwise. Let p be a point of the perceptron, x the model's: p = center + halfSize x.
 * @throws NeuralSdfError SHAPE_MISMATCH, INVALID_SPEC
 */
export function foldLayer(mlp: MlpSpec, spec: DecoderSpec, index: number, matrix: Matrix, bias: Float32Array): DecoderLayer {
  const { inputs, inputScale } = mlp.layers[index];
  const plan = planLayers(spec)[index];
  const last = index === mlp.layers.length - 1;
  const { factor, offset } = last
    ? outputFold(mlp)
    : { factor: mlp.activation === 'elu' ? 1 : mlp.layers[index].scale / spec.activationScale, offset: 0 };
  const lengths = { hidden: plan.hidden, latent: spec.codeLength, point: (mlp.encoding.point ? 3 : 0) + 6 * mlp.encoding.octaves };
  const expected = inputs.reduce((sum, input) => sum + lengths[input], 0);
  if (matrix.columns !== expected) {
    const parts = inputs.map((input) => `${input} ${lengths[input]}`).join(' + ');
    throw new NeuralSdfError(
      'SHAPE_MISMATCH',
      `MLP layer ${index}: a weight of ${matrix.rows} x ${matrix.columns}, its inputs are ${parts}`,
      {
        layer: index,
        columns: matrix.columns,
        expected,
      },
    );
  }
  const starts = { hidden: 0, latent: plan.hidden, point: plan.inputs - encodedPointLength(spec) };
  // Of softplus, whose scale divides its value too.
  const before = index > 0 && mlp.activation === 'softplus' ? spec.activationScale / mlp.layers[index - 1].scale : 1;
  const firstRow = last ? (mlp.output.row ?? 0) : 0;
  const weight = new Float32Array(plan.outputs * plan.inputs);
  const biases = new Float32Array(plan.outputs);
  for (let row = 0; row < plan.outputs; row++) {
    let from = (firstRow + row) * matrix.columns;
    let sum = bias[firstRow + row];
    for (const input of inputs) {
      const columns = Float64Array.from(matrix.values.subarray(from, from + lengths[input]));
      from += lengths[input];
      const { values, constant } = input === 'point' ? foldPoint(mlp, spec, columns) : { values: columns, constant: 0 };
      const scale = factor * inputScale * (input === 'hidden' ? before : 1);
      weight.set(
        values.map((value) => value * scale),
        row * plan.inputs + starts[input],
      );
      sum += inputScale * constant;
    }
    biases[row] = factor * sum + offset;
  }
  return { weight, bias: biases };
}

/**
 * Columns of the perceptron's encoded point as columns of ours: w . e(p) = values . e(x) + constant.
 * @param columns [3 where the point enters itself, + 6 octaves]
 */
function foldPoint(mlp: MlpSpec, spec: DecoderSpec, columns: Float64Array): { values: Float64Array; constant: number } {
  const { encoding, box } = mlp;
  const values = new Float64Array(encodedPointLength(spec));
  let constant = 0;
  let from = 0;
  if (encoding.point) {
    for (; from < 3; from++) {
      values[from] = columns[from] * box.halfSize;
      constant += columns[from] * box.center[from];
    }
  }
  for (let k = 0; k < encoding.octaves; k++, from += 6) {
    const to = 3 + 6 * (k + octaveShift(mlp));
    for (let axis = 0; axis < 3; axis++) {
      // sin(t + phase) and cos(t + phase), with t what the model's own point gives.
      const phase = encoding.frequency * 2 ** k * box.center[axis];
      const [sine, cosine] = [columns[from + axis], columns[from + 3 + axis]];
      values[to + axis] = sine * Math.cos(phase) - cosine * Math.sin(phase);
      values[to + 3 + axis] = sine * Math.sin(phase) + cosine * Math.cos(phase);
    }
  }
  return { values, constant };
}

/** What makes model units, negative inside, of the last layer. */
function outputFold({ output, box }: MlpSpec): { factor: number; offset: number } {
  const sign = output.inside === 'negative' ? 1 : -1;
  const scale = output.scale / box.halfSize;
  if (!output.tanh) return { factor: sign * scale, offset: (sign * output.bias) / box.halfSize };
  if (Math.abs(scale - 1) > TOLERANCE || output.bias !== 0) {
    throw new NeuralSdfError(
      'INVALID_SPEC',
      `MLP spec: after a tanh no decoder scales or shifts, and in model units this output is scaled by ${scale} and shifted by ${output.bias}; without output.tanh the surface is the same`,
      { field: 'output.tanh' },
    );
  }
  return { factor: sign, offset: 0 };
}

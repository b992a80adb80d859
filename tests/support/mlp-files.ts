import { writeTorchFile } from '../../src/asset/pytorch/write-torch-file.js';
import { writeSafetensors } from '../../src/asset/safetensors.js';
import { writeNpz } from '../../src/dataset/npz.js';
import { Random } from '../../src/random.js';

/** A perceptron as its authors would write it down, apart from how it is stored. */
export interface Perceptron {
  readonly widths: readonly number[];
  /** Of each layer, the output among them. */
  readonly inputs: readonly (readonly string[])[];
  readonly inputScales?: readonly number[];
  readonly activation: 'relu' | 'sine' | 'elu' | 'softplus';
  /** Of each hidden layer. */
  readonly scales: readonly number[];
  readonly codeLength?: number;
  readonly octaves?: number;
  readonly frequency?: number;
  readonly encodesPoint?: boolean;
  readonly outputs?: number;
  readonly tanh?: boolean;
}

/** float32 [rows, columns]. */
interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface WrittenPerceptron {
  /** w0, b0, w1, … and codes. */
  readonly tensors: Map<string, Tensor>;
  /** The first output for a point and a code, in float64, straight from the formula. */
  evaluate(point: readonly number[], code: ArrayLike<number>, row?: number): number;
}

/** Random weights of a size at which every layer matters. */
export function randomPerceptron(mlp: Perceptron, seed: number, shapes = 2): WrittenPerceptron {
  const random = new Random(seed);
  const { widths, inputs, octaves = 0, codeLength = 0, encodesPoint = true, outputs = 1 } = mlp;
  const pointLength = (encodesPoint ? 3 : 0) + 6 * octaves;
  const rows = [...widths, outputs];
  const tensors = new Map<string, Tensor>();
  rows.forEach((count, layer) => {
    const lengths: Record<string, number> = { hidden: rows[layer - 1], latent: codeLength, point: pointLength };
    const columns = inputs[layer].reduce((sum, input) => sum + lengths[input], 0);
    // SIREN's own bounds, so that sines neither saturate nor vanish.
    const scale = mlp.activation === 'sine' ? (mlp.scales[layer] ?? 1) : 1;
    const bound = (layer === 0 && mlp.activation === 'sine' ? 30 / scale / columns : Math.sqrt(6 / columns)) / (layer === 0 ? 1 : scale);
    const draw = (length: number) => Float32Array.from({ length }, () => random.range(-bound, bound));
    tensors.set(`w${layer}`, { shape: [count, columns], data: draw(count * columns) });
    tensors.set(`b${layer}`, { shape: [count], data: draw(count) });
  });
  if (codeLength > 0) {
    tensors.set('codes', {
      shape: [shapes, codeLength],
      data: Float32Array.from({ length: shapes * codeLength }, () => 0.5 * random.normal()),
    });
  }
  return { tensors, evaluate: (point, code, row = 0) => evaluate(mlp, tensors, point, code, row) };
}

function evaluate(
  mlp: Perceptron,
  tensors: ReadonlyMap<string, Tensor>,
  point: readonly number[],
  code: ArrayLike<number>,
  row: number,
): number {
  const encoded = (mlp.encodesPoint ?? true) ? [...point] : [];
  for (let k = 0; k < (mlp.octaves ?? 0); k++) {
    const angles = point.map((value) => (mlp.frequency ?? Math.PI) * 2 ** k * value);
    encoded.push(...angles.map(Math.sin), ...angles.map(Math.cos));
  }
  let hidden: number[] = [];
  for (const [layer, inputs] of mlp.inputs.entries()) {
    const parts: Record<string, ArrayLike<number>> = { hidden, latent: code, point: encoded };
    const input = inputs.flatMap((name) => Array.from(parts[name], (value) => value * (mlp.inputScales?.[layer] ?? 1)));
    const { shape, data } = tensors.get(`w${layer}`) as Tensor;
    const bias = (tensors.get(`b${layer}`) as Tensor).data;
    const sums = Array.from({ length: shape[0] }, (_, i) =>
      input.reduce((sum, value, column) => sum + data[i * shape[1] + column] * value, bias[i]),
    );
    const last = layer === mlp.widths.length;
    hidden = last ? sums : sums.map((sum) => activated(mlp.activation, mlp.scales[layer], sum));
  }
  return mlp.tanh ? Math.tanh(hidden[row]) : hidden[row];
}

/** As the papers have them, not as our code computes them. */
function activated(activation: Perceptron['activation'], scale: number, x: number): number {
  if (activation === 'sine') return Math.sin(scale * x);
  if (activation === 'softplus') return scale * x > 30 ? x : Math.log(1 + Math.exp(scale * x)) / scale;
  if (activation === 'elu') return x > 0 ? x : scale * (Math.exp(x) - 1);
  return Math.max(x, 0);
}

/** JSON of what a perceptron says about itself; layers by the names that `randomPerceptron` gives. */
export function describePerceptron(mlp: Perceptron, more: object = {}): string {
  const { activation, scales, codeLength, octaves, frequency, encodesPoint, tanh } = mlp;
  return JSON.stringify({
    activation,
    layers: mlp.inputs.map((inputs, layer) => ({
      weight: `w${layer}`,
      bias: `b${layer}`,
      inputs,
      ...(mlp.inputScales && { inputScale: mlp.inputScales[layer] }),
      ...(layer < scales.length && { scale: scales[layer] }),
    })),
    ...(activation === 'elu' && { scale: scales[0] }),
    ...(codeLength && { codes: 'codes' }),
    ...(octaves && { encoding: { octaves, ...(frequency && { frequency }), ...(encodesPoint === false && { point: false }) } }),
    ...(tanh && { output: { tanh } }),
    ...more,
  });
}

/** The same tensors, each in the other order of dimensions. */
export function transposedTensors(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const [rows, columns] = tensor.shape;
      if (!name.startsWith('w')) return [name, tensor];
      const data = Float32Array.from(tensor.data, (_, i) => tensor.data[(i % rows) * columns + Math.floor(i / rows)]);
      return [name, { shape: [columns, rows], data }];
    }),
  );
}

/** Each kind of file that perceptrons come in. */
export const TENSOR_FILES: Record<string, (tensors: ReadonlyMap<string, Tensor>) => Uint8Array> = {
  npz: (tensors) => writeNpz(Object.fromEntries(tensors)),
  safetensors: writeSafetensors,
  pth: (tensors) => writeTorchFile(0, 'model_state_dict', { parameters: tensors, modules: [''] }),
};

/** Radius of `ballSiren` along the axes, in its own units; 2.4 % less along the cube's diagonals. */
export const BALL_RADIUS = 1.2;

/**
 * A SIREN whose surface is known: -cos of each coordinate, then sin of k (their sum + 3 - T), which is 0 where the sum is T - 3. Weights
 * [inputs, outputs], positive inside, in a cube of half size 2 around (1, 0, 0): all of it is to be folded away.
 */
export function ballSiren(): { readonly tensors: Map<string, Tensor>; readonly spec: string } {
  const [frequency, k, center, halfSize] = [0.75, 0.01, [1, 0, 0], 2];
  const angle = frequency * BALL_RADIUS;
  // sin(frequency (x - c) - pi / 2) = -cos(frequency (x - c))
  const shift = center.map((c) => -c - Math.PI / 2 / frequency);
  const slope = 30 * k * frequency * Math.sin(angle);
  const tensor = (shape: number[], ...values: number[]): Tensor => ({ shape, data: Float32Array.from(values) });
  const tensors = new Map([
    ['w0', tensor([3, 3], 1, 0, 0, 0, 1, 0, 0, 0, 1)],
    ['b0', tensor([3], ...shift)],
    ['w1', tensor([3, 2], k, -k, k, -k, k, -k)],
    ['b1', tensor([2], k * (2 + Math.cos(angle)), -k * (2 + Math.cos(angle)))],
    ['w2', tensor([2, 1], -0.5 / slope, 0.5 / slope)],
  ]);
  const spec = {
    activation: 'sine',
    scale: 30,
    layers: [{ weight: 'w0', bias: 'b0', scale: frequency }, { weight: 'w1', bias: 'b1' }, { weight: 'w2' }],
    weights: 'in-out',
    output: { inside: 'positive' },
    box: { center, halfSize },
  };
  return { tensors, spec: JSON.stringify(spec) };
}

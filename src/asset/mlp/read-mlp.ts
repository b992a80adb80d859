import { createDecoder, type Decoder, firstNotFinite } from '../../decoder/decoder.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec, encodedPointLength } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { EXTENSION_LIMITS } from '../extension-schema.js';
import type { Normalization } from '../neural-shapes.js';
import { readNamedTensors } from '../tensor-file.js';
import { commonScale, foldLayer, octaveShift } from './fold-mlp.js';
import { type MlpSpec, parseMlpSpec } from './mlp-spec.js';
import { type Matrix, MlpTensors } from './mlp-tensors.js';

export interface MlpFiles {
  /** JSON, as in assets/MLP.md. */
  readonly spec: string;
  /** .npz, .safetensors, or what torch.save wrote. */
  readonly tensors: Uint8Array;
}

/** A perceptron in our terms. */
export interface ImportedMlp {
  readonly decoder: Decoder;
  /** [codeLength] each; one of a single zero where the perceptron takes none. */
  readonly latents: readonly Float32Array[];
  /** As many as `latents`, where the spec names them. */
  readonly names?: readonly string[];
  /** Truncation distance, model units. */
  readonly delta: number;
  /** From model units back to the perceptron's own. */
  readonly normalization: Normalization;
  /** The description that came with it. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * Reads a plain multilayer perceptron (SIREN, IGR and their like) as a decoder that computes the same, in model units. What the decoder
 * has no word for is folded into weights: units, sign and scale of the distance, the order of inputs, frequencies that differ by layer.
 * @throws NeuralSdfError INVALID_SPEC for a description that is wrong, or asks for what no decoder computes; CHECKPOINT_INVALID,
 * CHECKPOINT_UNSAFE for the tensors' file; SHAPE_MISMATCH, NOT_FINITE, ASSET_UNSUPPORTED for tensors that do not fit
 */
export function readMlp(files: MlpFiles): ImportedMlp {
  const mlp = parseMlpSpec(files.spec);
  const tensors = new MlpTensors(readNamedTensors(files.tensors), mlp.weights);
  const codes = mlp.codes === undefined ? { rows: 1, columns: 1, values: new Float32Array(1) } : tensors.matrix(mlp.codes);
  const latents = latentsOf(codes, mlp);
  const weights = mlp.layers.map(({ weight }) => tensors.weight(weight));
  const biases = mlp.layers.map(({ bias }, index) =>
    bias === undefined ? new Float32Array(weights[index].rows) : tensors.vector(bias, weights[index].rows),
  );
  tensors.refuseUnread(mlp.unused);
  const spec = decoderSpecOf(mlp, weights, codes.columns);
  const layers = weights.map((weight, index) => foldLayer(mlp, spec, index, weight, biases[index]));
  const { center, halfSize } = mlp.box;
  const [x, y, z] = center.map((value) => 0 - value);
  return {
    decoder: createDecoder(spec, layers),
    latents,
    names: mlp.shapes,
    delta: mlp.delta / halfSize,
    normalization: { offset: [x, y, z], scale: 1 / halfSize },
    spec: mlp.json,
  };
}

function latentsOf({ rows, columns, values }: Matrix, { codes, shapes }: MlpSpec): Float32Array[] {
  if (rows < 1 || rows > EXTENSION_LIMITS.shapes || columns < 1) {
    throw new NeuralSdfError('SHAPE_MISMATCH', `tensor ${codes} holds ${rows} latent codes of ${columns} values`, { name: codes });
  }
  if (shapes && shapes.length !== rows) {
    throw new NeuralSdfError('INVALID_SPEC', `MLP spec: shapes lists ${shapes.length} names, there are ${rows} latent codes`, {
      field: 'shapes',
    });
  }
  const bad = firstNotFinite(values);
  if (bad >= 0) throw new NeuralSdfError('NOT_FINITE', `latent code ${Math.floor(bad / columns)} holds ${values[bad]}`, { at: bad });
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

/**
 * A decoder with room for every input that a layer takes. Before a layer that takes the point it concatenates both point and latent code,
 * and where only the latent is taken again, it concatenates that before all: columns that the perceptron lacks are zero, and those of the
 * latent cost nothing once folded.
 */
function decoderSpecOf(mlp: MlpSpec, weights: readonly Matrix[], codeLength: number): DecoderSpec {
  const { layers, output } = mlp;
  const rows = weights[layers.length - 1].rows;
  if (output.row === undefined ? rows !== 1 : output.row >= rows) {
    throw new NeuralSdfError(
      'INVALID_SPEC',
      `MLP spec: the last layer has ${rows} rows; "output": {"row": n} must say which is the distance`,
      {
        field: 'output.row',
        rows,
      },
    );
  }
  const later = layers.slice(1);
  const latentIn = later.flatMap(({ inputs }, index) => (inputs.includes('point') ? [index + 1] : []));
  const spec: DecoderSpec = {
    ...DEFAULT_DECODER_SPEC,
    codeLength,
    latentIn,
    latentInAll: later.some(({ inputs }) => inputs.includes('latent') && !inputs.includes('point')),
    fourierOctaves: mlp.encoding.octaves > 0 ? mlp.encoding.octaves + octaveShift(mlp) : 0,
    normLayers: [],
    weightNorm: false,
    activation: mlp.activation,
    activationScale: commonScale(mlp),
    outputTanh: output.tanh,
  };
  const narrowed = codeLength + encodedPointLength(spec);
  return { ...spec, dims: weights.slice(0, -1).map((weight, index) => weight.rows + (latentIn.includes(index + 1) ? narrowed : 0)) };
}

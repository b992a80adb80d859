import { activate } from './activation.js';
import type { Decoder } from './decoder.js';
import { encodePoint } from './encoding.js';
import { type FoldedDecoder, foldBiases, foldDecoder } from './folding.js';
import { applyLayerNorm } from './layer-norm.js';

/** Many query points of one shape at a time: what meshing, metrics and picking ask of a decoder. */
export interface DistanceEvaluator {
  /**
   * @param points [n, 3], model units
   * @param out [n] signed distance, model units
   */
  evaluate(points: Float32Array, out: Float32Array): void;
}

/** Also answers the gradient, as the WebAssembly evaluator does. */
export interface GradientEvaluator extends DistanceEvaluator {
  /**
   * @param points [n, 3], model units
   * @param outDistances [n] signed distance, model units
   * @param outGradients [n, 3] d distance / d point
   */
  evaluateGradient(points: Float32Array, outDistances: Float32Array, outGradients: Float32Array): void;
}

/** Plain JavaScript in float32: the fallback wherever neither wasm nor a GPU serves, and their reference in tests. */
export class PlainEvaluator implements DistanceEvaluator {
  private readonly _folded: FoldedDecoder;
  private readonly _biases: Float32Array;
  private readonly _encoded: Float32Array;
  private readonly _activations: Float32Array[];

  /** @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE */
  constructor(decoder: Decoder, latent: ArrayLike<number>) {
    this._folded = foldDecoder(decoder);
    this._biases = foldBiases(decoder, latent);
    this._encoded = new Float32Array(3 + 6 * decoder.spec.fourierOctaves);
    this._activations = this._folded.layers.map((layer) => new Float32Array(layer.outputs));
  }

  evaluate(points: Float32Array, out: Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.distance(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
  }

  /** One query point. */
  distance(x: number, y: number, z: number): number {
    const { layers, fourierOctaves, activationScale, innerTanh, outputTanh } = this._folded;
    const encoded = this._encoded;
    encodePoint(x, y, z, fourierOctaves, encoded);
    let previous = encoded;
    for (let index = 0; index < layers.length; index++) {
      const { outputs, hidden, point, weight, activation, layerNorm, biasOffset } = layers[index];
      const output = this._activations[index];
      const width = hidden + point;
      for (let row = 0; row < outputs; row++) {
        let sum = this._biases[biasOffset + row];
        const first = row * width;
        for (let column = 0; column < hidden; column++) sum += weight[first + column] * previous[column];
        for (let column = 0; column < point; column++) sum += weight[first + hidden + column] * encoded[column];
        output[row] = sum;
      }
      if (layerNorm) applyLayerNorm(output, layerNorm, output);
      for (let row = 0; row < outputs; row++) output[row] = activate(activation, activationScale, output[row]);
      previous = output;
    }
    const inner = innerTanh ? Math.tanh(previous[0]) : previous[0];
    return outputTanh ? Math.tanh(inner) : inner;
  }
}

import { activate } from '../../src/decoder/activation.js';
import type { Decoder } from '../../src/decoder/decoder.js';
import { encodePoint } from '../../src/decoder/encoding.js';
import { foldDecoder } from '../../src/decoder/folding.js';
import { applyLayerNorm } from '../../src/decoder/layer-norm.js';
import { planLayers } from '../../src/decoder/spec.js';

/**
 * `referenceDistance` of one shape at many points, in float64 throughout: the latent code is multiplied out once, not at every point,
 * which is most of the work where the code is long. Differs from it by the order of the sums alone.
 * @param latent [codeLength]
 * @returns signed distance at a point, model units
 */
export function foldedTruth(decoder: Decoder, latent: ArrayLike<number>): (x: number, y: number, z: number) => number {
  const { layers, fourierOctaves, activationScale, innerTanh, outputTanh } = foldDecoder(decoder);
  const biases = planLayers(decoder.spec).map((plan, index) => {
    const { weight, bias } = decoder.layers[index];
    return Float64Array.from({ length: plan.outputs }, (_, row) => {
      let sum = bias[row];
      if (plan.latent) for (let i = 0; i < latent.length; i++) sum += weight[row * plan.inputs + plan.hidden + i] * latent[i];
      return sum;
    });
  });
  const encoded = new Float64Array(3 + 6 * fourierOctaves);
  const activations = layers.map(({ outputs }) => new Float64Array(outputs));
  return (x, y, z) => {
    encodePoint(x, y, z, fourierOctaves, encoded);
    let previous = encoded;
    for (const [index, { outputs, hidden, point, weight, activation, layerNorm }] of layers.entries()) {
      const output = activations[index];
      for (let row = 0, at = 0; row < outputs; row++) {
        let sum = biases[index][row];
        for (let column = 0; column < hidden; column++) sum += weight[at++] * previous[column];
        for (let column = 0; column < point; column++) sum += weight[at++] * encoded[column];
        output[row] = sum;
      }
      if (layerNorm) applyLayerNorm(output, layerNorm, output);
      for (let row = 0; row < outputs; row++) output[row] = activate(activation, activationScale, output[row]);
      previous = output;
    }
    const inner = innerTanh ? Math.tanh(previous[0]) : previous[0];
    return outputTanh ? Math.tanh(inner) : inner;
  };
}

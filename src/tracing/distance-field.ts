import type { Decoder } from '../decoder/decoder.js';
import { PlainEvaluator } from '../decoder/evaluator.js';
import { referenceGradient } from '../decoder/reference.js';

/** What a ray is marched through: one shape, as it was when the field was made. Edited shapes are fields as well. */
export interface DistanceField {
  /** Signed distance at a point, model units. */
  distance(x: number, y: number, z: number): number;
  /** d distance / d point, not normalised. */
  gradient(x: number, y: number, z: number): readonly [number, number, number];
}

/** One shape of a decoder: distances in float32, folded once, gradients by the float64 reference. */
export class DecoderField implements DistanceField {
  private readonly _evaluator: PlainEvaluator;
  private readonly _latent: Float32Array;

  /**
   * @param latent [codeLength], copied
   * @throws NeuralSdfError LATENT_LENGTH, NOT_FINITE
   */
  constructor(
    private readonly _decoder: Decoder,
    latent: ArrayLike<number>,
  ) {
    this._latent = Float32Array.from(latent);
    this._evaluator = new PlainEvaluator(_decoder, this._latent);
  }

  distance(x: number, y: number, z: number): number {
    return this._evaluator.distance(x, y, z);
  }

  gradient(x: number, y: number, z: number): [number, number, number] {
    return referenceGradient(this._decoder, this._latent, [x, y, z]).point;
  }
}

import type { DecoderSpec } from '../decoder/spec.js';

/**
 * One step's samples, grouped by shape, so that an engine folds each latent code once a group instead of once a sample.
 * Sample j of group i is row i * samplesPerShape + j.
 */
export interface TrainingBatch {
  /** [groups] index of each group's shape in the latent table */
  readonly shapes: Uint32Array;
  readonly samplesPerShape: number;
  /** [groups * samplesPerShape, 3], model units */
  readonly points: Float32Array;
  /** [groups * samplesPerShape] signed distance, model units, not clamped yet; 0 for the points of stencils */
  readonly distances: Float32Array;
  /** Of a group's rows, the last 4 * this many are stencils of the eikonal term (see eikonal.ts), not samples. Default 0. */
  readonly stencilsPerShape?: number;
}

/**
 * 'clamped-l1' is eq. 4 of Park 2019, |clamp(f) - clamp(s)|: its gradient is 0 wherever |f| > delta, and a run whose
 * predictions all land there never recovers. 'saturated-l1' clamps f only on the side where s itself is saturated:
 *   s >= delta: max(0, delta - f);   s <= -delta: max(0, f + delta);   otherwise |f - s|.
 */
export type TrainingLoss = 'clamped-l1' | 'saturated-l1';

/**
 * Dropout while training (Srivastava 2014): what is dropped becomes 0, the rest is scaled by 1 / (1 - probability). The masks are
 * those of dropout.ts, the same in every engine.
 */
export interface Dropout {
  /** Hidden layers whose outputs are dropped (`dropout`). */
  readonly layers: readonly number[];
  /** 0 to below 1 (`dropout_prob`). */
  readonly probability: number;
  /** Of the latent code's numbers where the code enters layer 0; 0.2 for `latent_dropout`. One mask a group, so that the code still folds. */
  readonly latentProbability: number;
}

/** |gradient| = 1 as a term of the loss (Gropp 2020), by finite differences: see eikonal.ts. */
export interface Eikonal {
  /** Factor of the mean of (|gradient| - 1)^2. */
  readonly weight: number;
  /** Half-width of the stencil, model units. */
  readonly step: number;
}

/** Fixed for a run. */
export interface EngineSettings {
  readonly spec: DecoderSpec;
  readonly shapeCount: number;
  readonly loss: TrainingLoss;
  /** Truncation distance, model units. */
  readonly delta: number;
  /** Longest latent code allowed (`CodeBound`): each is scaled back to it after a step; Infinity for none. */
  readonly codeBound: number;
  readonly dropout?: Dropout;
  readonly eikonal?: Eikonal;
  /** Longest gradient by the decoder's parameters, all together (`GradientClipNorm`): a longer one is scaled back to it. */
  readonly gradientClip?: number;
}

/** May change from step to step. */
export interface StepSettings {
  /** Adam's learning rate for weights and biases. */
  readonly decoderRate: number;
  /** Adam's learning rate for the latent codes. */
  readonly latentRate: number;
  /** Factor of mean over samples of |latent|, the prior of eq. 9 as the authors' code has it; 0 for none. */
  readonly regularization: number;
  /** Unsigned 32 bits that this step's dropout masks are drawn from; needed where there is dropout. */
  readonly dropoutSeed?: number;
}

/**
 * Every number a run depends on, in float32, in this order: per layer v [outputs, inputs] (`weight` where its weights are
 * not normalised), g [outputs] (only where they are: w = g v / |v|, per row), bias [outputs], gain and shift [outputs] (only where
 * its outputs are: layer norm); then latents [shapeCount, codeLength].
 */
export interface TrainingState {
  /** Adam steps taken. */
  step: number;
  parameters: Float32Array[];
  /** Adam's first moments, as `parameters`. */
  firstMoments: Float32Array[];
  /** Adam's second moments, as `parameters`. */
  secondMoments: Float32Array[];
}

export interface StepReport {
  /** Mean loss over the samples, without the prior and the eikonal term, model units. */
  loss: number;
}

/** Adam as PyTorch has it: beta 0.9 and 0.999, epsilon 1e-8 after the square root, bias-corrected. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Who computes a step. Engines differ in speed only: a test holds each to the float64 reference. */
export interface TrainingEngine {
  /** Shown to the user, for example 'wasm (relaxed SIMD), 2 threads'. */
  readonly description: string;
  /** Forward, loss, backward, Adam: one step. Loss may lag or be sampled where reading it back would stall the device. */
  step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport>;
  /** A copy of the whole state. */
  readState(): Promise<TrainingState>;
  /** Sets the whole state. @throws NeuralSdfError SHAPE_MISMATCH */
  writeState(state: TrainingState): Promise<void>;
  dispose(): void;
}

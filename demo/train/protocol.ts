import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { ShapeSamples } from '../../src/dataset/samples.js';
import type { Decoder } from '../../src/decoder/decoder.js';
import type { DecoderSpec } from '../../src/decoder/spec.js';
import type { TriangleMesh } from '../../src/mesh.js';
import type { TrainingState } from '../../src/training/engine.js';
import type { TrainingProgress } from '../../src/training/run-clock.js';
import type { TrainingSettings } from '../../src/training/settings.js';

/** A mesh to train on: a file's bytes, or triangles. */
export interface MeshSource {
  /** Of the file, ending and all. */
  readonly name: string;
  readonly content: Uint8Array | TriangleMesh;
}

/** A mesh as it is trained on. */
export interface PreparedShape {
  readonly name: string;
  /** In model units. */
  readonly mesh: TriangleMesh;
  readonly samples: ShapeSamples;
  /** For people. */
  readonly warnings: readonly string[];
}

export interface TrainingJob {
  readonly spec: DecoderSpec;
  readonly settings: TrainingSettings;
  readonly seconds: number;
  readonly seed: number;
}

/** What a decoder in training looks like at a moment. */
export interface Snapshot {
  readonly decoder: Decoder;
  /** [codeLength] each */
  readonly latents: readonly Float32Array[];
}

/** To the worker. It answers each `request` with its results, or with an error; in between come reports. */
export type Request =
  | { readonly kind: 'prepare'; readonly sources: readonly MeshSource[] }
  | { readonly kind: 'train'; readonly job: TrainingJob; readonly samples: readonly ShapeSamples[] }
  | { readonly kind: 'stop' }
  | { readonly kind: 'assemble'; readonly job: TrainingJob; readonly state: TrainingState; readonly shapes: readonly PreparedShape[] };

export interface Results {
  readonly prepare: readonly PreparedShape[];
  readonly train: TrainingState;
  readonly stop: undefined;
  readonly assemble: { readonly shapes: NeuralShapes; readonly chamferX1000: readonly number[] };
}

/** From the worker. */
export type Answer =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress; readonly engine: string }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'result'; readonly of: Request['kind']; readonly value: unknown }
  | { readonly kind: 'error'; readonly of: Request['kind']; readonly message: string };

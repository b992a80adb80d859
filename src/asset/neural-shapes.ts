import type { Decoder } from '../decoder/decoder.js';
import type { TriangleMesh } from '../mesh.js';

/** Takes model units back to the units of the mesh that was prepared: original = point / scale - offset. */
export interface Normalization {
  /** Added to an original vertex first (DeepSDF's `offset`). */
  readonly offset: readonly [number, number, number];
  /** Then multiplied (DeepSDF's `scale`). */
  readonly scale: number;
}

/** One shape the decoder knows. */
export interface NeuralShape {
  readonly name: string;
  /** [codeLength] */
  readonly latent: Float32Array;
  readonly normalization?: Normalization;
  /** The surface by marching cubes, for viewers without the extension, colliders and far levels of detail. */
  readonly bakedMesh?: TriangleMesh;
}

/** What a .glb with our extension holds: one decoder and the shapes it was trained on or fitted to. */
export interface NeuralShapes {
  readonly decoder: Decoder;
  readonly shapes: readonly NeuralShape[];
  /** Truncation distance the decoder was trained with (Park 2019 eq. 4), model units: beyond it, distances are not to be trusted. */
  readonly delta: number;
  /** Share of min(f, delta) that a sphere tracing step may take; measured per asset (99.9 % of steps are safe). */
  readonly stepScale: number;
  /** Half the side of the cube around the origin that holds every surface, model units. */
  readonly halfExtent: number;
  /** Settings and figures of the training run, free form, shown by `info`. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

import type { BakeForm } from '../../src/gpu/choose-bake.js';

/** Settings that shape the code, so that meshes which share a decoder share them. */
export interface TraceOptions {
  /**
   * Cells along each side of the grid that empty space is leapt over by; default 32, at most 64, raised where `delta` asks for it. Filling
   * it costs gridResolution^3 evaluations a latent edit.
   */
  readonly gridResolution?: number;
  /** Cap on decoder evaluations along a ray; default 64. */
  readonly maxEvaluations?: number;
  /**
   * Keeps the weights in a buffer, so that `updateDecoder` can exchange them at any time, as while the decoder trains. Slower to trace than
   * weights baked into the shader. The same as `bake: 'buffer'`.
   */
  readonly live?: boolean;
  /**
   * How the decoder is put before the shader; default 'auto', by its width and the adapter (src/gpu/choose-bake.ts): 'literals' in the
   * shader's text; 'buffer', read from a buffer; 'bricks', distances on lattices near the surface, filled over several frames, for
   * decoders of any width.
   */
  readonly bake?: BakeForm | 'auto';
  /** Finest level of bricks, cells along the box: 32 to 256 at the default gridResolution. Default: what suits the adapter. */
  readonly brickResolution?: number;
}

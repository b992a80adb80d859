/** Stable codes: scripts and tests match on these, never on a message. */
export type NeuralSdfErrorCode =
  | 'INVALID_SPEC'
  | 'INVALID_ARGUMENT'
  | 'SHAPE_MISMATCH'
  | 'NOT_FINITE'
  | 'MESH_EMPTY'
  | 'MESH_INVALID'
  | 'MESH_TRUNCATED'
  | 'MESH_NOT_FINITE'
  | 'MESH_NOT_WATERTIGHT'
  | 'MESH_UNSUPPORTED_FORMAT'
  | 'SHAPE_REJECTED'
  | 'SAMPLES_INVALID'
  | 'ASSET_INVALID'
  | 'ASSET_UNSUPPORTED'
  | 'CHECKPOINT_INVALID'
  | 'CHECKPOINT_UNSAFE'
  | 'DECODER_UNSUPPORTED'
  | 'LATENT_LENGTH'
  | 'SHAPE_NOT_FOUND'
  | 'EMPTY_SHAPE'
  | 'RESOLUTION_TOO_LARGE'
  | 'BACKEND_UNAVAILABLE'
  | 'WEBGPU_UNAVAILABLE'
  | 'DEVICE_LOST'
  | 'TRAINING_COLLAPSED'
  | 'FILE_NOT_FOUND'
  | 'WRITE_FAILED';

/** The only error this library throws on purpose. `details` holds the values the message was made from. */
export class NeuralSdfError extends Error {
  override readonly name = 'NeuralSdfError';

  constructor(
    readonly code: NeuralSdfErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

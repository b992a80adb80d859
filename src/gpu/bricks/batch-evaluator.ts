/** Evaluates a decoder at batches of query points, into a buffer on the GPU. */
export interface BatchEvaluator {
  readonly device: GPUDevice;
  /** Most query points of a batch. */
  readonly mostRows: number;
  /** Whether a batch has been evaluated when `evaluate` returns, on the calling thread; else the device's queue has it. */
  readonly isImmediate: boolean;
  /**
   * Queues the evaluation of a batch.
   * @param latent [codeLength]; kept from batch to batch, so that only another array is another shape
   * @param samples per query point x, y, z in model units and, as an unsigned integer, the slot of `distances` that its distance goes to;
   * slots ascend, and nothing lies between them that is needed
   * @param count at most mostRows
   * @param distances storage buffer of float32
   */
  evaluate(latent: Float32Array, samples: ArrayBuffer, count: number, distances: GPUBuffer): void;
  dispose(): void;
}

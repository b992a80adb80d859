import type { DistanceStore } from './distance-store.js';

/** How an evaluator is best fed. */
export interface Feeding {
  /** That a batch should take when it is as slow as the slowest of the last, milliseconds; most take less. */
  readonly milliseconds: number;
  /** Query points of a batch before anything was measured. */
  readonly firstRows: number;
  /** Batches that are worked at side by side. */
  readonly lanes: number;
  /** Batches to have under way, at least. */
  readonly ahead: number;
  /** Milliseconds of work to have under way: more than none where nobody waits for the device or the thread meanwhile. */
  readonly queued: number;
  /** Whether a batch's distances are found by what is submitted after `evaluate` has returned; else only once it has settled. */
  readonly isOrdered: boolean;
}

/** Evaluates a decoder at batches of query points, into a buffer on the GPU. */
export interface BatchEvaluator {
  /** In a few words, for a log. */
  readonly description: string;
  readonly device: GPUDevice;
  /** Most query points of a batch. */
  readonly mostRows: number;
  readonly feeding: Feeding;
  /**
   * Evaluates a batch.
   * @param latent [codeLength]; kept from batch to batch, so that only another array is another shape
   * @param samples per query point x, y, z in model units and, as an unsigned integer, the slot that its distance goes to; slots ascend, and
   * nothing lies between them that is needed. Read before this returns
   * @param count at most mostRows
   * @returns milliseconds that the device, or the thread, was busy with it
   */
  evaluate(latent: Float32Array, samples: ArrayBuffer, count: number, into: DistanceStore): Promise<number>;
  /** Lets others have what evaluation runs on, before the next batch. */
  rest(): Promise<unknown>;
  dispose(): void;
}

import type { Decoder } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import { loadKernels } from './module.js';
import { startThread, type Thread } from './start-thread.js';
import { createWasmEvaluator, type EvaluatorImage } from './wasm-evaluator.js';

/** A memory of its own for each. */
const MOST_THREADS = 4;

interface Job {
  /** [n, 3] */
  readonly points: Float32Array;
  /** Where it is another than the last. */
  readonly latent: Float32Array | undefined;
}

/** Distances of one job. */
export interface Evaluated {
  /** [n] signed distance, model units */
  readonly distances: Float32Array;
  /** That the thread worked on it. */
  readonly milliseconds: number;
}

type Answer = Evaluated | { readonly error: string } | { readonly ready: true };

/** The program of a worker: first the image of an evaluator's memory, then jobs. */
const PROGRAM = `
  let kernels, memory, image;
  const evaluate = ({ points, latent }) => {
    const start = performance.now();
    if (latent) {
      new Float32Array(memory.buffer, image.latent, latent.length).set(latent);
      kernels.foldGroups(image.plan);
    }
    const distances = new Float32Array(points.length / 3);
    for (let first = 0; first < distances.length; first += image.chunk) {
      const count = Math.min(image.chunk, distances.length - first);
      new Float32Array(memory.buffer, image.points, 3 * count).set(points.subarray(3 * first, 3 * (first + count)));
      kernels.evaluatePoints(image.plan, image.points, count, image.distances, 0);
      distances.set(new Float32Array(memory.buffer, image.distances, count), first);
    }
    return { distances, milliseconds: performance.now() - start };
  };
  const serve = (message) => {
    try {
      if (!message.module) return evaluate(message);
      image = message.image;
      const pages = Math.ceil(image.bytes.byteLength / 65536);
      memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      new Uint8Array(memory.buffer).set(image.bytes);
      image.bytes = undefined;
      kernels = new WebAssembly.Instance(message.module, { env: { memory } }).exports;
      if (message.pairs) kernels.usePairs();
      return { ready: true };
    } catch (error) {
      return { error: String(error) };
    }
  };
`;

interface Waiting {
  resolve(answer: Evaluated): void;
  reject(error: Error): void;
}

class EvaluationThread {
  private readonly _thread: Thread;
  private readonly _waiting: Waiting[] = [];
  private _latent: Float32Array | undefined;
  /** Why it answers no more. */
  private _end: NeuralSdfError | undefined;

  constructor(index: number) {
    const unavailable = (reason: string) =>
      new NeuralSdfError('BACKEND_UNAVAILABLE', `wasm evaluation: worker ${index} failed: ${reason}`, { worker: index });
    const settle = (answer: Answer) => {
      const waiting = this._waiting.shift();
      if ('error' in answer) waiting?.reject(unavailable(answer.error));
      else waiting?.resolve(answer as Evaluated);
      // Between jobs an idle thread must not keep the process alive.
      if (this._waiting.length === 0) this._thread.unref?.();
    };
    this._thread = startThread(PROGRAM, settle, (reason) => this._die(unavailable(reason)));
  }

  /** Jobs that it has not answered. */
  get pending(): number {
    return this._waiting.length;
  }

  open(module: WebAssembly.Module, pairs: boolean, image: EvaluatorImage): Promise<unknown> {
    return this._ask({ module, pairs, image });
  }

  evaluate(points: Float32Array, latent: Float32Array): Promise<Evaluated> {
    const job: Job = { points, latent: latent === this._latent ? undefined : latent };
    this._latent = latent;
    return this._ask(job);
  }

  private _ask(message: unknown): Promise<Evaluated> {
    return new Promise((resolve, reject) => {
      if (this._end) throw this._end;
      this._thread.postMessage(message);
      this._waiting.push({ resolve, reject });
      this._thread.ref?.();
    });
  }

  private _die(end: NeuralSdfError): void {
    this._end ??= end;
    for (const { reject } of this._waiting.splice(0)) reject(end);
  }

  dispose(): void {
    this._thread.terminate();
    this._die(new NeuralSdfError('BACKEND_UNAVAILABLE', 'wasm evaluation: disposed of'));
  }
}

/** Signed distances of a decoder's shapes by our WebAssembly kernels, on threads of their own: the calling one only hands out and collects. */
export class EvaluationThreads {
  private constructor(private readonly _threads: readonly EvaluationThread[]) {}

  /**
   * @param count default: a thread a core, four at most
   * @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD, or where no worker can be started
   */
  static async create(decoder: Decoder, count = defaultThreads()): Promise<EvaluationThreads> {
    const { module, pairs } = await loadKernels();
    const image = (await createWasmEvaluator(decoder, new Float32Array(decoder.spec.codeLength))).image();
    const threads: EvaluationThread[] = [];
    try {
      for (let i = 0; i < count; i++) threads.push(new EvaluationThread(i));
      await Promise.all(threads.map((thread) => thread.open(module, pairs, image)));
      return new EvaluationThreads(threads);
    } catch (cause) {
      for (const thread of threads) thread.dispose();
      if (cause instanceof NeuralSdfError) throw cause;
      throw new NeuralSdfError('BACKEND_UNAVAILABLE', `wasm evaluation: no worker can be started: ${cause}`, {}, { cause });
    }
  }

  get count(): number {
    return this._threads.length;
  }

  /**
   * A job for the thread that has least to do; each does its own in turn.
   * @param points [n, 3], model units
   * @param latent [codeLength]; kept from job to job, so that only another array is another shape
   * @throws NeuralSdfError BACKEND_UNAVAILABLE where its thread dies, or has died, or all are disposed of
   */
  evaluate(points: Float32Array, latent: Float32Array): Promise<Evaluated> {
    let least = this._threads[0];
    for (const thread of this._threads) if (thread.pending < least.pending) least = thread;
    return least.evaluate(points, latent);
  }

  dispose(): void {
    for (const thread of this._threads) thread.dispose();
  }
}

function defaultThreads(): number {
  const inPage = typeof navigator === 'undefined' ? undefined : navigator.hardwareConcurrency;
  const inNode = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:os')?.availableParallelism();
  return Math.max(1, Math.min(MOST_THREADS, inPage ?? inNode ?? 1));
}

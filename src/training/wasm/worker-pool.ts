import { NeuralSdfError } from '../../errors.js';
import { startThread, type Thread } from '../../wasm/start-thread.js';

/** What all threads share. */
interface Common {
  readonly module: WebAssembly.Module;
  readonly pairs: boolean;
  readonly memory: WebAssembly.Memory;
  /** Address of the plan. */
  readonly plan: number;
  /** Address of an Int32 that tells the others of a thread that failed, as they would wait for it. */
  readonly failed: number;
}

/** The program of a worker: the kernels over the shared memory, then its part of one step per message. */
const PROGRAM = `
  let kernels, common;
  const serve = (message) => {
    try {
      if (typeof message === 'number') kernels.runStep(common.plan, message);
      else {
        common = message;
        kernels = new WebAssembly.Instance(common.module, { env: { memory: common.memory } }).exports;
        if (common.pairs) kernels.usePairs();
      }
      return null;
    } catch (error) {
      Atomics.store(new Int32Array(common.memory.buffer), common.failed / 4, 1);
      return String(error);
    }
  };
`;

/** Threads that take part in the engine's steps, beside the calling thread. */
export class WorkerPool {
  private readonly _threads: Thread[] = [];
  /** Who waits for each thread's answer. */
  private readonly _waiting: ({ resolve: () => void; reject: (error: Error) => void } | undefined)[] = [];

  private constructor() {}

  /** @throws NeuralSdfError BACKEND_UNAVAILABLE where a worker cannot be started */
  static async create(count: number, common: Common): Promise<WorkerPool> {
    const pool = new WorkerPool();
    try {
      for (let i = 0; i < count; i++) {
        const settle = (answer: string | null) => pool._settle(i, answer);
        pool._threads.push(startThread(PROGRAM, settle, settle));
      }
      await Promise.all(pool._threads.map((_, i) => pool._ask(i, common)));
      return pool;
    } catch (error) {
      pool.dispose();
      throw error;
    }
  }

  /** Settles when every thread has done its part of the step. Thread 0 is the caller. */
  async run(): Promise<void> {
    await Promise.all(this._threads.map((_, i) => this._ask(i, i + 1)));
  }

  dispose(): void {
    for (const thread of this._threads) thread.terminate();
  }

  private _ask(index: number, message: unknown): Promise<void> {
    const thread = this._threads[index];
    return new Promise((resolve, reject) => {
      this._waiting[index] = { resolve, reject };
      thread.ref?.();
      thread.postMessage(message);
    });
  }

  private _settle(index: number, answer: string | null): void {
    const waiting = this._waiting[index];
    this._waiting[index] = undefined;
    // Between steps an idle thread must not keep the process alive.
    this._threads[index].unref?.();
    if (answer === null) waiting?.resolve();
    else waiting?.reject(new NeuralSdfError('BACKEND_UNAVAILABLE', `wasm engine: worker ${index} failed: ${answer}`, { worker: index }));
  }
}

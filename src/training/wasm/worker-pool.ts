import { NeuralSdfError } from '../../errors.js';

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

/** What the pool needs of a browser's Worker and of Node's. */
interface Thread {
  postMessage(message: unknown): void;
  terminate(): unknown;
  /** Node only: whether a thread at work keeps the process alive. */
  ref?(): void;
  unref?(): void;
}

/**
 * The whole program of a worker: the kernels over the shared memory, then its part of one step per message. As text, because a bundler
 * would have to be told about a second entry.
 */
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
  if (typeof require === 'function') {
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (message) => parentPort.postMessage(serve(message)));
  } else {
    self.onmessage = (event) => self.postMessage(serve(event.data));
  }
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
      for (let i = 0; i < count; i++) pool._threads.push(startThread((answer) => pool._settle(i, answer)));
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

function startThread(settle: (answer: string | null) => void): Thread {
  // Node's module is asked for at run time, so that a bundle for browsers does not look for it.
  const node = typeof process !== 'undefined' ? process.getBuiltinModule?.('node:worker_threads') : undefined;
  if (node) {
    const worker = new node.Worker(PROGRAM, { eval: true });
    worker.on('message', settle);
    worker.on('error', (error) => settle(String(error)));
    return worker;
  }
  const url = URL.createObjectURL(new Blob([PROGRAM], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = (event) => settle(event.data);
  worker.onerror = (event) => settle(event.message || 'it could not be started (does a content security policy allow blob: workers?)');
  return worker;
}

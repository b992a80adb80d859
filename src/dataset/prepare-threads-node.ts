import { Worker } from 'node:worker_threads';
import { NeuralSdfError, type NeuralSdfErrorCode } from '../errors.js';
import type { prepareMesh } from './prepare-mesh-node.js';
import type { PreparedMesh, PrepareMeshOptions } from './prepared-mesh.js';
import type { Instance } from './split.js';

/** What a thread is asked. */
export interface ThreadJob {
  readonly file: string;
  readonly instance: Instance;
  readonly outDir: string;
  readonly options: PrepareMeshOptions;
}

/** What a thread answers: progress, and at last the result, its error taken apart because a message carries no classes. */
export type ThreadAnswer =
  | { readonly done: number }
  | {
      readonly mesh: Omit<PreparedMesh, 'error'>;
      readonly error?: { readonly code: NeuralSdfErrorCode; readonly message: string; readonly details: Readonly<Record<string, unknown>> };
    };

/** Threads that prepare a mesh each. One is started when it is first needed, and serves again afterwards. */
export class PrepareThreads {
  private readonly _idle: Worker[] = [];
  private readonly _all: Worker[] = [];

  /** As `prepareMesh`, on another thread. @throws NeuralSdfError BACKEND_UNAVAILABLE when it cannot be had, or ran out of memory */
  readonly prepare: typeof prepareMesh = async (file, instance, outDir, options, onProgress) => {
    const worker = this._idle.pop() ?? (await this._start());
    const answer = await new Promise<PreparedMesh>((resolve, reject) => {
      const settle = (end: () => void) => {
        worker.off('message', onMessage).off('error', onError);
        end();
      };
      const onMessage = (message: ThreadAnswer) => {
        if ('done' in message) return onProgress?.(message.done);
        const { mesh, error } = message;
        settle(() => resolve(error ? { ...mesh, error: new NeuralSdfError(error.code, error.message, error.details) } : mesh));
      };
      const onError = (error: NodeJS.ErrnoException) => settle(() => reject(explain(error)));
      worker.on('message', onMessage).on('error', onError);
      const job: ThreadJob = { file, instance, outDir, options };
      worker.postMessage(job);
    });
    this._idle.push(worker);
    return answer;
  };

  async stop(): Promise<void> {
    await Promise.all(this._all.map((worker) => worker.terminate()));
  }

  private async _start(): Promise<Worker> {
    // Its program is loaded here as well, for nothing but its own address: in a bundle it is a chunk whose name no source knows.
    const { programUrl, PREPARE_THREAD } = await import('./prepare-worker-node.js');
    const worker = new Worker(new URL(programUrl), { workerData: PREPARE_THREAD });
    this._all.push(worker);
    return worker;
  }
}

/** What the machine refuses is told from what is a bug of ours, which keeps its stack. */
function explain(error: NodeJS.ErrnoException): Error {
  if (!error.code?.startsWith('ERR_WORKER')) return error;
  return new NeuralSdfError(
    'BACKEND_UNAVAILABLE',
    `a thread that prepares meshes stopped (${error.message}): use fewer threads`,
    { reason: error.code },
    { cause: error },
  );
}

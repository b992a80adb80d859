import { Worker } from 'node:worker_threads';
import type { NeuralShapes } from '../asset/neural-shapes.js';
import type { ShapeSamples } from '../dataset/samples.js';
import { NeuralSdfError, type NeuralSdfErrorCode } from '../errors.js';
import type { TargetJob, TargetSampler } from './targets.js';
import type { TeacherSampleOptions } from './teacher-samples.js';

/** What a thread is started with. */
export interface TargetThreadData {
  /** Tells a thread that is to run the program from others that load its module. */
  readonly program: string;
  readonly teacher: NeuralShapes;
  readonly options: TeacherSampleOptions;
}

/** What a thread answers to a TargetJob; an error is taken apart because a message carries no classes. */
export type TargetAnswer =
  | { readonly samples?: ShapeSamples }
  | { readonly error: { readonly code: NeuralSdfErrorCode; readonly message: string } };

/** Threads that sample a teacher, one shape each at a time. They answer what `createTargetSampler` answers. */
export class TargetThreads {
  private constructor(private readonly _idle: Worker[]) {}

  /** @throws NeuralSdfError BACKEND_UNAVAILABLE */
  static async start(teacher: NeuralShapes, options: TeacherSampleOptions, threads: number): Promise<TargetThreads> {
    // Its program is loaded here as well, for nothing but its own address: in a bundle it is a chunk whose name no source knows.
    const { programUrl, TARGET_THREAD } = await import('./target-worker-node.js');
    const { decoder, delta, stepScale, halfExtent, shapes } = teacher;
    // Baked meshes stay here.
    const bare = { decoder, delta, stepScale, halfExtent, shapes: shapes.map(({ name, latent }) => ({ name, latent })) };
    const data: TargetThreadData = { program: TARGET_THREAD, teacher: bare, options };
    return new TargetThreads(Array.from({ length: threads }, () => new Worker(new URL(programUrl), { workerData: data })));
  }

  /** At most as many at the same time as there are threads. */
  readonly sample: TargetSampler = async (job: TargetJob) => {
    const worker = this._idle.pop()!;
    const answer = await new Promise<TargetAnswer>((resolve, reject) => {
      const settle = (end: () => void) => {
        worker.off('message', onMessage).off('error', onError);
        end();
      };
      const onMessage = (message: TargetAnswer) => settle(() => resolve(message));
      const onError = (error: Error) =>
        settle(() =>
          reject(
            new NeuralSdfError(
              'BACKEND_UNAVAILABLE',
              `a thread that evaluates the teacher stopped: ${error.message}`,
              {},
              { cause: error },
            ),
          ),
        );
      worker.on('message', onMessage).on('error', onError);
      worker.postMessage(job);
    });
    this._idle.push(worker);
    if ('error' in answer) throw new NeuralSdfError(answer.error.code, answer.error.message, { name: job.name });
    return answer.samples;
  };

  async stop(): Promise<void> {
    await Promise.all(this._idle.map((worker) => worker.terminate()));
  }
}

import { parentPort, workerData } from 'node:worker_threads';
import { NeuralSdfError } from '../errors.js';
import type { TargetAnswer, TargetThreadData } from './target-threads-node.js';
import { createTargetSampler, type TargetJob } from './targets.js';

/** Handed to a thread that is to run this program: other threads may load the module, too. */
export const TARGET_THREAD = 'neural-sdf distill';

/** Where a thread finds this program. The module is only ever imported on demand, so that a bundler keeps it in a file of its own. */
export const programUrl = import.meta.url;

if (workerData?.program === TARGET_THREAD) {
  const { teacher, options } = workerData as TargetThreadData;
  const sampler = createTargetSampler(teacher, options);
  const answer = (message: TargetAnswer) => parentPort?.postMessage(message);
  parentPort?.on('message', async (job: TargetJob) => {
    try {
      answer({ samples: await (await sampler)(job) });
    } catch (error) {
      if (!(error instanceof NeuralSdfError)) throw error;
      answer({ error: { code: error.code, message: error.message } });
    }
  });
}

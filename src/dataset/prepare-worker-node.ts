import { parentPort, workerData } from 'node:worker_threads';
import { prepareMesh } from './prepare-mesh-node.js';
import type { ThreadAnswer, ThreadJob } from './prepare-threads-node.js';

/** Handed to a thread that is to run this program: other threads may load the module, too. */
export const PREPARE_THREAD = 'neural-sdf prepare';

/** Where a thread finds this program. The module is only ever imported on demand, so that a bundler keeps it in a file of its own. */
export const programUrl = import.meta.url;

if (workerData === PREPARE_THREAD) {
  const answer = (message: ThreadAnswer) => parentPort?.postMessage(message);
  parentPort?.on('message', async ({ file, instance, outDir, options }: ThreadJob) => {
    const { error, ...mesh } = await prepareMesh(file, instance, outDir, options, (done) => answer({ done }));
    answer({ mesh, error: error && { code: error.code, message: error.message, details: error.details } });
  });
}

import type { ShapeSamples } from '../../src/dataset/samples.js';
import type { TrainingState } from '../../src/training/engine.js';
import type { TrainingProgress } from '../../src/training/run-clock.js';
import { engineSettings } from '../../src/training/settings.js';
import { trainAutoDecoder } from '../../src/training/train.js';
import { HandOver } from '../../src/training/webgpu/hand-over.js';
import { createWebGpuEngine } from '../../src/training/webgpu/webgpu-engine.js';
import type { TrainingJob } from './protocol.js';

export interface PageTraining {
  readonly job: TrainingJob;
  readonly samples: readonly ShapeSamples[];
  /** The scene's own. */
  readonly device: GPUDevice;
  /** A processor may play the GPU: slow, for tests. */
  readonly allowSoftware: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TrainingProgress, engine: string) => void;
  /** Some times a second. @param copy queues the copy of a shape's weights and biases into a live mesh's table; nothing is read back */
  readonly onWeights: (copy: (shape: number, table: GPUBuffer) => void) => void;
}

/** Trains on the device that draws the scene, between its frames. */
export async function trainInPage(training: PageTraining): Promise<TrainingState> {
  const { job, samples, device, allowSoftware, signal } = training;
  const settings = engineSettings(job.spec, job.settings, samples.length);
  const engine = await createWebGpuEngine(settings, { device, allowSoftware });
  const handOver = await HandOver.create(device, settings);
  try {
    const { state } = await trainAutoDecoder({
      ...job,
      samples,
      engine,
      timeBudgetSeconds: job.seconds,
      signal,
      onProgress: (progress) => {
        training.onProgress(progress, `${engine.description}, this scene's device`);
        training.onWeights((shape, table) => handOver.copy(engine.decoderBuffers(), shape, table));
      },
    });
    return state;
  } finally {
    handOver.dispose();
    engine.dispose();
  }
}

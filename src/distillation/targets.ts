import type { NeuralShapes } from '../asset/neural-shapes.js';
import type { ShapeSamples } from '../dataset/samples.js';
import { NeuralSdfError } from '../errors.js';
import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import { blendLatents } from './blend-latents.js';
import { sampleTeacher, type TeacherSampleOptions } from './teacher-samples.js';

/** One latent code, and what the teacher says around its shape. */
export interface Target {
  readonly latent: Float32Array;
  readonly samples: ShapeSamples;
}

/** What is asked of whoever samples a teacher: the calling thread, or many. */
export interface TargetJob {
  readonly name: string;
  readonly latent: Float32Array;
  readonly seed: number;
}

/** @returns undefined where the teacher has no surface for the code */
export type TargetSampler = (job: TargetJob) => Promise<ShapeSamples | undefined>;

/** Samples on the calling thread. @throws NeuralSdfError BACKEND_UNAVAILABLE without WebAssembly SIMD */
export async function createTargetSampler(teacher: NeuralShapes, options: TeacherSampleOptions): Promise<TargetSampler> {
  const evaluator = await createWasmEvaluator(teacher.decoder, teacher.shapes[0].latent);
  return async ({ name, latent, seed }) => {
    evaluator.setLatent(latent);
    try {
      return { name, ...(await sampleTeacher(evaluator, teacher, options, new Random(seed))) };
    } catch (error) {
      if (error instanceof NeuralSdfError && error.code === 'EMPTY_SHAPE') return undefined;
      throw error;
    }
  };
}

/**
 * The targets of a distillation: the teacher's shapes first, in their order, then blends of their codes. Blends without a surface are
 * left out. The same seed gives the same targets, however many samplers work at the same time.
 * @param blends codes between those of the shapes
 * @param atOnce jobs given to the sampler at the same time
 * @throws NeuralSdfError EMPTY_SHAPE naming a shape that the teacher decodes to nothing
 */
export async function collectTargets(
  { shapes }: NeuralShapes,
  sample: TargetSampler,
  {
    blends,
    seed,
    atOnce = 1,
    onProgress,
  }: { blends: number; seed: number; atOnce?: number; onProgress?: (share: number, note: string) => void },
): Promise<Target[]> {
  const codes = shapes.map(({ latent }) => latent);
  const jobs = [...codes, ...blendLatents(codes, blends, new Random(seed))].map(
    (latent, i): TargetJob => ({ name: shapes[i]?.name ?? `blend ${i - codes.length + 1}`, latent, seed: seed + i + 1 }),
  );
  const answers: (ShapeSamples | undefined)[] = [];
  let [next, done] = [0, 0];
  const work = async () => {
    while (next < jobs.length) {
      const index = next++;
      answers[index] = await sample(jobs[index]);
      onProgress?.(++done / jobs.length, jobs[index].name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, work));
  const empty = shapes.findIndex((_, i) => !answers[i]);
  if (empty >= 0) {
    throw new NeuralSdfError('EMPTY_SHAPE', `the teacher decodes '${shapes[empty].name}' to no surface: there is nothing to distil`, {
      name: shapes[empty].name,
    });
  }
  return jobs.flatMap(({ latent }, i) => (answers[i] ? [{ latent, samples: answers[i] }] : []));
}

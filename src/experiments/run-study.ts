import { sampleSurface } from '../dataset/sample-surface.js';
import type { ShapeSamples } from '../dataset/samples.js';
import { NeuralSdfError } from '../errors.js';
import { drawSamples } from '../evaluation/draw-samples.js';
import { bakeUnlessEmpty, CHAMFER_POINTS, mean, median } from '../evaluation/known-shapes.js';
import { distanceToTruth, type TrueSurface } from '../evaluation/surface-figures.js';
import type { TriangleMesh } from '../mesh.js';
import { chamferDistance } from '../metrics/chamfer-distance.js';
import { cosineSimilarity } from '../metrics/cosine-similarity.js';
import { meshAccuracy } from '../metrics/mesh-accuracy.js';
import { pointToSurface } from '../metrics/point-to-surface.js';
import { Random } from '../random.js';
import { crc32 } from '../training/crc32.js';
import type { EngineSettings, TrainingEngine } from '../training/engine.js';
import { MemorySamples } from '../training/memory-samples.js';
import { engineSettings } from '../training/settings.js';
import { decoderOfState, latentsOfState } from '../training/state.js';
import { type TrainingResult, trainAutoDecoder } from '../training/train.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import type { Study, StudyCase } from './study.js';

/** One shape that every case trains on. */
export interface StudyShape {
  readonly samples: ShapeSamples;
  readonly truth: TrueSurface;
}

/** The same for every case; one of the two ends a run. */
export interface StudyBudget {
  readonly steps?: number;
  readonly seconds?: number;
}

/** What one run of a case came to. Lengths in model units; means over the shapes unless said otherwise. */
export interface StudyRow {
  readonly series: string;
  readonly x: number;
  readonly seed: number;
  /** Of everything that the row depends on: a row of the same identity need not be made again. */
  readonly identity: string;
  /** Of the training engine. */
  readonly backend: string;
  /** The decoder became a constant: there are no figures but the worst. */
  readonly collapsed: boolean;
  readonly steps: number;
  readonly seconds: number;
  /** Moving mean at the end. */
  readonly loss: number;
  readonly chamferX1000: { readonly mean: number; readonly median: number };
  readonly surfaceDistance: number;
  readonly accuracy: number;
  /** Undefined where the true normals are not known. */
  readonly cosineSimilarity?: number;
  /** Shapes that decode to no surface. */
  readonly empty: number;
}

export interface RunStudyOptions {
  readonly budget: StudyBudget;
  /** Of the first run of each case; the others' follow. */
  readonly seed: number;
  /** Runs of each case: one run's figures differ from another's by a quarter. Default 1. */
  readonly repeats?: number;
  /** Grid cells along a side. */
  readonly resolution: number;
  createEngine(settings: EngineSettings): Promise<TrainingEngine>;
  /** Rows of an earlier call: those that still hold are taken over. */
  readonly done?: readonly StudyRow[];
  /** After each row that was made, with all so far. */
  readonly onRow?: (rows: readonly StudyRow[], row: StudyRow) => Promise<void>;
  readonly onProgress?: (share: number, note: string) => void;
  /** Aborting ends the call after the step it is at; rows made so far are kept, the one being made is not. */
  readonly signal?: AbortSignal;
}

/** Steps this short are safe in decoders of every kind measured. */
const STEP_SCALE = 0.6;

/**
 * Trains a decoder for each case of a study and scores it on the shapes it was trained on; all cases with one seed, then with the next.
 * @returns rows in the order of the runs, fewer where aborted
 * @throws NeuralSdfError what training and scoring throw, except TRAINING_COLLAPSED, which is a result
 */
export async function runStudy(study: Study, shapes: readonly StudyShape[], options: RunStudyOptions): Promise<StudyRow[]> {
  const { budget, resolution, repeats = 1, done = [] } = options;
  const samples = new MemorySamples(shapes.map((shape) => shape.samples));
  const truths = shapes.map(({ truth }) => (truth.mesh ? 'mesh' : 'samples'));
  const runs = Array.from({ length: repeats }, (_, i) => study.cases.map((studyCase) => ({ studyCase, seed: options.seed + i }))).flat();
  const rows: StudyRow[] = [];
  for (const [index, { studyCase, seed }] of runs.entries()) {
    const identity = crcOf({ ...studyCase, budget, seed, resolution, samples: samples.digest, truths });
    const known = done.find((row) => row.identity === identity);
    if (known) {
      rows.push({ ...known, seed });
      continue;
    }
    const progress = (share: number, note: string) =>
      options.onProgress?.((index + share) / runs.length, `${study.xName} ${studyCase.x}, ${studyCase.series}, seed ${seed}: ${note}`);
    const row = await runCase(studyCase, seed, identity, shapes, samples, options, progress);
    if (!row) break;
    rows.push(row);
    await options.onRow?.(rows, row);
  }
  return rows;
}

async function runCase(
  { series, x, spec, settings }: StudyCase,
  seed: number,
  identity: string,
  shapes: readonly StudyShape[],
  samples: MemorySamples,
  { budget, resolution, createEngine, signal }: RunStudyOptions,
  onProgress: (share: number, note: string) => void,
): Promise<StudyRow | undefined> {
  const forEngine = engineSettings(spec, settings, shapes.length);
  const engine = await createEngine(forEngine);
  let last = { step: 0, elapsedSeconds: 0, loss: Number.POSITIVE_INFINITY };
  const trained = await trainAutoDecoder({
    spec,
    samples,
    settings,
    engine,
    seed,
    steps: budget.steps,
    timeBudgetSeconds: budget.seconds,
    onProgress: (progress) => {
      last = progress;
      onProgress(0.9 * progress.share, `step ${progress.step}, loss ${progress.loss.toFixed(5)}`);
    },
    signal,
  })
    .catch(unlessCollapsed)
    .finally(() => engine.dispose());
  if (trained && !trained.finished) return undefined;
  const figures = trained ? await score(trained, forEngine, shapes, resolution, seed) : shapes.map(() => NOTHING);
  const of = (value: (figures: ShapeFigures) => number) => figures.map(value);
  const chamfers = of((shape) => shape.chamferX1000);
  const cosines = figures.flatMap((shape) => shape.cosineSimilarity ?? []);
  return {
    series,
    x,
    seed,
    identity,
    backend: engine.description,
    collapsed: trained === undefined,
    steps: last.step,
    seconds: last.elapsedSeconds,
    loss: last.loss,
    chamferX1000: { mean: mean(chamfers), median: median(chamfers) },
    surfaceDistance: mean(of((shape) => shape.surfaceDistance)),
    accuracy: mean(of((shape) => shape.accuracy)),
    ...(cosines.length > 0 && { cosineSimilarity: mean(cosines) }),
    empty: figures.filter((shape) => shape === NOTHING).length,
  };
}

function unlessCollapsed(error: unknown): undefined {
  if (error instanceof NeuralSdfError && error.code === 'TRAINING_COLLAPSED') return undefined;
  throw error;
}

async function score(
  { state }: TrainingResult,
  settings: EngineSettings,
  shapes: readonly StudyShape[],
  resolution: number,
  seed: number,
): Promise<ShapeFigures[]> {
  const latents = latentsOfState(settings, state);
  const evaluator = await createWasmEvaluator(decoderOfState(settings, state), latents[0]);
  const grid = { resolution, halfExtent: 1, delta: settings.delta, stepScale: STEP_SCALE, normals: false };
  const figures: ShapeFigures[] = [];
  for (const [index, { truth }] of shapes.entries()) {
    evaluator.setLatent(latents[index]);
    const baked = await bakeUnlessEmpty(evaluator, grid);
    figures.push(baked ? measure(baked.mesh, truth, new Random(seed + index)) : NOTHING);
  }
  return figures;
}

/** Of one shape; names as in StudyRow. */
interface ShapeFigures {
  readonly chamferX1000: number;
  readonly surfaceDistance: number;
  readonly accuracy: number;
  readonly cosineSimilarity?: number;
}

/** A shape that decodes to no surface: the worst of each. */
const NOTHING: ShapeFigures = {
  chamferX1000: Number.POSITIVE_INFINITY,
  surfaceDistance: Number.POSITIVE_INFINITY,
  accuracy: Number.POSITIVE_INFINITY,
  cosineSimilarity: 0,
};

/** Of the figures that `eval` takes those that a study shows: the others cost more time than small trainings do. */
function measure(mesh: TriangleMesh, truth: TrueSurface, random: Random): ShapeFigures {
  const made = sampleSurface(mesh, CHAMFER_POINTS, random);
  const wanted = drawSamples(truth.samples, CHAMFER_POINTS, random);
  const surface = distanceToTruth(truth);
  return {
    chamferX1000: 1000 * chamferDistance(made.points, wanted.points),
    surfaceDistance: pointToSurface(made.points, surface),
    accuracy: meshAccuracy(made.points, surface),
    cosineSimilarity: wanted.normals.length > 0 ? cosineSimilarity(made, wanted).signed : undefined,
  };
}

/** Where two differ they are different runs; that two different ones agree is one in four thousand million. */
function crcOf(value: unknown): string {
  // JSON has no infinity, and a bound of none is not a bound of null.
  const text = JSON.stringify(value, (_, item) => (item === Number.POSITIVE_INFINITY ? 'Infinity' : item));
  return crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
}

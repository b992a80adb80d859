import { writeShapes } from '../../asset/index.js';
import { loadNormalization, loadSurfaceSamples } from '../../dataset/index.js';
import { assembleAsset } from '../../evaluation/assemble-asset.js';
import { evaluateShape, type ShapeFigures } from '../../evaluation/known-shapes.js';
import { Random } from '../../random.js';
import { decoderOfState, type EngineSettings, trainedShapes } from '../../training/index.js';
import { createWasmEvaluator } from '../../wasm/wasm-evaluator.js';
import { writeFileAtomic } from '../../write-file-node.js';
import { spread } from '../spread.js';
import type { Terminal } from '../terminal.js';
import type { ShapeSet } from './inputs.js';
import type { TrainOptions } from './options.js';
import { provenanceOf, summaryOf, type TrainingSummary } from './result.js';
import type { TrainingData } from './run.js';

/** Finest grids of the stand-in meshes, and of those that the step scale is measured on. */
const BAKE_RESOLUTION = 64;
const STEP_SCALE_RESOLUTION = 96;

/** Scores and bakes what a run has learnt, writes the asset, and prints the result. */
export async function finishTraining(
  { training, heldOut }: TrainingData,
  engine: EngineSettings,
  run: Pick<TrainingSummary, 'outcome' | 'settings' | 'options'>,
  terminal: Terminal,
): Promise<void> {
  const { outcome, options } = run;
  const { folder, instances } = training;
  const normalizations = await Promise.all(instances.map((instance) => loadNormalization(folder, instance)));
  const trained = trainedShapes(
    engine,
    outcome.state,
    instances.map(({ name }, i) => ({ name, normalization: normalizations[i] })),
  );
  const scoring = terminal.progress('scoring and baking');
  const assembled = await assembleAsset(trained, await surfacesOf(training), {
    evaluationResolution: options.resolution,
    bakeResolution: Math.min(BAKE_RESOLUTION, options.resolution),
    stepScaleResolution: Math.min(STEP_SCALE_RESOLUTION, options.resolution),
    baked: spread(instances.length, options.baked),
    seed: options.seed,
    onProgress: (share, note) => scoring.update(share, note),
  });
  const fit = { decoder: decoderOfState(engine, outcome.state), stepScale: assembled.asset.stepScale, delta: engine.delta };
  const heldOutFigures = heldOut && outcome.heldOut ? await scoreHeldOut(heldOut.shapes, outcome.heldOut.latents, fit, options) : [];
  scoring.stop();
  const summary: TrainingSummary = { ...run, assembled, heldOutFigures };
  const provenance = provenanceOf(summary);
  await writeFileAtomic(options.output, await writeShapes({ ...assembled.asset, provenance }));
  terminal.result({ output: options.output, ...provenance }, summaryOf(summary));
}

/** One after the other: what a file is parsed from takes several times the room of its points. */
async function surfacesOf({ folder, instances }: ShapeSet): Promise<(Float32Array | undefined)[]> {
  const surfaces: (Float32Array | undefined)[] = [];
  for (const instance of instances) surfaces.push((await loadSurfaceSamples(folder, instance))?.points);
  return surfaces;
}

async function scoreHeldOut(
  shapes: ShapeSet,
  latents: readonly Float32Array[],
  { decoder, stepScale, delta }: { decoder: ReturnType<typeof decoderOfState>; stepScale: number; delta: number },
  { seed, resolution }: TrainOptions,
): Promise<ShapeFigures[]> {
  const evaluator = await createWasmEvaluator(decoder, latents[0]);
  const baking = { resolution, halfExtent: 1, delta, stepScale, normals: false };
  const figures: ShapeFigures[] = [];
  for (const [index, truth] of (await surfacesOf(shapes)).entries()) {
    if (!truth) continue;
    evaluator.setLatent(latents[index]);
    figures.push((await evaluateShape(shapes.instances[index].name, evaluator, truth, baking, new Random(seed + index))).figures);
  }
  return figures;
}

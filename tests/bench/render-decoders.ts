import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { writeShapes } from '../../src/asset/write-shapes.js';
import type { ShapeSamples } from '../../src/dataset/samples.js';
import { assembleAsset } from '../../src/evaluation/assemble-asset.js';
import { Random } from '../../src/random.js';
import { createTrainingEngine } from '../../src/training/choose-engine.js';
import { DEFAULT_TRAIN_SPEC, defaultTrainingSettings, engineSettings } from '../../src/training/settings.js';
import { decoderOfState, latentsOfState } from '../../src/training/state.js';
import { trainAutoDecoder } from '../../src/training/train.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

/** Chairs that the decoders made here are fitted to: so that all decoders of the bench show the same. */
const SOURCE = 'assets/chairs.glb';
const SHAPES = 4;
const SAMPLES = 60_000;

/** Hidden layers and seconds of training. */
const FITTED: Record<string, { readonly dims: readonly number[]; readonly seconds: number }> = {
  '4x32': { dims: [32, 32, 32, 32], seconds: 40 },
  '6x128': { dims: [128, 128, 128, 128, 128, 128], seconds: 60 },
};
const READY: Record<string, string> = { '4x64': SOURCE, '8x512': 'assets/mugs-teacher.glb' };

/** Decoders that the bench knows, narrow ones first. */
export const DECODERS = ['4x32', '4x64', '6x128', '8x512'] as const;

/** A decoder by its name; those that no asset has are fitted to the chairs' distances once and kept in .cache/. */
export async function benchDecoder(name: string): Promise<NeuralShapes> {
  if (READY[name]) return readShapes(readFileSync(READY[name]));
  if (!FITTED[name]) throw new Error(`no decoder ${name}; there are ${DECODERS.join(', ')}`);
  const path = `.cache/bench-${name}.glb`;
  if (!existsSync(path)) {
    mkdirSync('.cache', { recursive: true });
    writeFileSync(path, await writeShapes(await fitDecoder(FITTED[name])));
  }
  return readShapes(readFileSync(path));
}

async function fitDecoder({ dims, seconds }: (typeof FITTED)[string]): Promise<NeuralShapes> {
  const source = await readShapes(readFileSync(SOURCE));
  const random = new Random(3);
  const samples: ShapeSamples[] = [];
  const chosen = source.shapes.filter((_, i) => i % Math.ceil(source.shapes.length / SHAPES) === 0).slice(0, SHAPES);
  for (const shape of chosen) samples.push(await drawSamples(source, shape, random));
  const spec = { ...DEFAULT_TRAIN_SPEC, dims: [...dims], normLayers: dims.map((_, layer) => layer) };
  const settings = { ...defaultTrainingSettings(spec), delta: source.delta };
  const engine = await createTrainingEngine(engineSettings(spec, settings, samples.length), 'wasm', { threads: 2 });
  const { state } = await trainAutoDecoder({ spec, samples, settings, engine, seed: 1, timeBudgetSeconds: seconds });
  const decoder = decoderOfState(engineSettings(spec, settings, samples.length), state);
  engine.dispose();
  const latents = latentsOfState(engineSettings(spec, settings, samples.length), state);
  const shapes = chosen.map(({ name }, i) => ({ name, latent: latents[i] }));
  const { asset } = await assembleAsset(
    { decoder, shapes, delta: source.delta },
    shapes.map(() => undefined),
    { evaluationResolution: 64, bakeResolution: 128, baked: [0], seed: 1 },
  );
  return { ...asset, provenance: { command: 'npm run bench -- render', steps: 0 } };
}

/** Four points in five within delta of the surface, the others anywhere, with the source's distances. */
async function drawSamples(source: NeuralShapes, { name, latent }: NeuralShapes['shapes'][number], random: Random): Promise<ShapeSamples> {
  const evaluator = await createWasmEvaluator(source.decoder, latent);
  const count = 20 * SAMPLES;
  const points = Float32Array.from({ length: 3 * count }, () => random.range(-1, 1));
  const distances = new Float32Array(count);
  evaluator.evaluate(points, distances);
  const sides = { positive: [] as number[], negative: [] as number[] };
  for (let i = 0; i < count; i++) {
    const side = distances[i] > 0 ? sides.positive : sides.negative;
    const wanted = Math.abs(distances[i]) < 0.9 * source.delta || i % 20 === 0;
    if (wanted && side.length < 2 * SAMPLES) side.push(...points.subarray(3 * i, 3 * i + 3), distances[i]);
  }
  return { name, positive: Float32Array.from(sides.positive), negative: Float32Array.from(sides.negative) };
}

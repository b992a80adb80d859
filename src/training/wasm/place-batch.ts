import { Arena, type Layout, padTo, writeLayout } from '../../wasm/layout.js';
import { growMemory } from '../../wasm/module.js';
import { dropoutKey, dropoutThreshold, isKept, LATENT_LAYER } from '../dropout.js';
import type { EngineSettings, TrainingBatch } from '../engine.js';

/** Samples that go forward and backward together: their activations stay in the cache of a core. 64 to 512 are within 3 % of each other. */
export const TILE_SAMPLES = 128;
/** A slice has weight gradients of its own: with fewer tiles than this, adding them up would show. */
const TILES_PER_SLICE = 2;
/** Threads beyond it would have nothing to do. */
const MOST_SLICES = 16;
/** The paper's batch, and room for larger ones where the decoder is small. */
const ROOM_SAMPLES = 2 ** 20;
const LEAST_ROOM_BYTES = 2 ** 28;

/** Bytes that `placeBatch` may take. */
export function batchRoom({ plan }: Layout): number {
  // Groups do not divide into whole tiles.
  const tiles = 2 * (ROOM_SAMPLES / TILE_SAMPLES);
  return MOST_SLICES * plan.sliceGradientStride + Math.max(LEAST_ROOM_BYTES, tiles * (plan.sumStride + 8) + ROOM_SAMPLES * 32);
}

/**
 * Places a batch, and what computing it needs, behind what is fixed, since batches may differ in size; then writes the structures that the
 * kernels read.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE when the memory cannot grow that far
 */
export function placeBatch(
  layout: Layout,
  memory: WebAssembly.Memory,
  batch: TrainingBatch,
  { eikonal, dropout }: EngineSettings,
  dropoutSeed = 0,
): void {
  const { plan } = layout;
  const { shapes, samplesPerShape, stencilsPerShape = 0 } = batch;
  const arena = new Arena(layout.end);
  plan.groups = shapes.length;
  plan.samplesPerShape = samplesPerShape;
  plan.distanceRows = samplesPerShape - 4 * stencilsPerShape;
  plan.tilesPerGroup = Math.ceil(samplesPerShape / TILE_SAMPLES);
  plan.tileSamples = padTo(8, Math.ceil(samplesPerShape / plan.tilesPerGroup));
  plan.tiles = plan.groups * plan.tilesPerGroup;
  plan.slices = Math.max(1, Math.min(MOST_SLICES, Math.floor(plan.tiles / TILES_PER_SLICE)));
  plan.stencilStep = eikonal?.step ?? 1;
  plan.eikonalScale = stencilsPerShape > 0 ? ((eikonal?.weight ?? 0) * plan.distanceRows) / stencilsPerShape : 0;
  plan.shapes = arena.take(shapes.length * 4);
  plan.codes = arena.take(plan.groups * plan.codeStride);
  const latentProbability = dropout?.latentProbability ?? 0;
  plan.codeFactors = latentProbability > 0 ? arena.take(plan.groups * plan.codeStride) : 0;
  plan.droppedCodes = latentProbability > 0 ? arena.take(plan.groups * plan.codeStride) : plan.codes;
  plan.biases = arena.take(plan.groups * plan.biasStride);
  plan.tileSums = arena.take(plan.tiles * plan.sumStride);
  plan.tileLosses = arena.take(plan.tiles * 8);
  plan.points = arena.take(batch.points.length * 4);
  // The last tile reads whole panels.
  plan.distances = arena.take(batch.distances.length * 4 + 32);
  plan.sliceGradients = arena.take(plan.slices * plan.sliceGradientStride);
  growMemory(memory, arena.end);
  writeLayout(layout, memory);
  new Uint32Array(memory.buffer, plan.shapes).set(shapes);
  new Float32Array(memory.buffer, plan.points).set(batch.points);
  new Float32Array(memory.buffer, plan.distances).set(batch.distances);
  if (latentProbability > 0) placeCodeFactors(layout, memory, latentProbability, dropoutSeed);
}

/** Latent dropout: one mask a group, so that the code still folds. */
function placeCodeFactors({ plan }: Layout, memory: WebAssembly.Memory, probability: number, seed: number): void {
  const key = dropoutKey(seed, LATENT_LAYER);
  const threshold = dropoutThreshold(probability);
  const stride = plan.codeStride / 4;
  const factors = new Float32Array(memory.buffer, plan.codeFactors, plan.groups * stride);
  for (let group = 0; group < plan.groups; group++) {
    for (let i = 0; i < plan.codeLength; i++) {
      factors[group * stride + i] = isKept(key, group * plan.codeLength + i, threshold) ? 1 / (1 - probability) : 0;
    }
  }
}

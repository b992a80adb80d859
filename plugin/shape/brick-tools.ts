import type { Decoder } from '../../src/decoder/decoder.js';
import { NeuralSdfError } from '../../src/errors.js';
import type { BatchEvaluator } from '../../src/gpu/bricks/batch-evaluator.js';
import { BatchPace } from '../../src/gpu/bricks/batch-pace.js';
import { BrickAssembler } from '../../src/gpu/bricks/brick-assembler.js';
import type { BrickSettings, BrickTools } from '../../src/gpu/bricks/brick-field.js';
import { GRID_MULTIPLE } from '../../src/gpu/bricks/brick-layout.js';
import { DecoderKernels } from '../../src/gpu/bricks/decoder-kernels.js';
import { BrickProbe } from '../../src/gpu/bricks/measure-error.js';
import { composeDistanceText, type TraceConstants } from '../../src/gpu/compose-wgsl.js';
import { gridResolutionFor } from '../../src/gpu/distance-grid.js';
import { isSoftwareAdapter } from '../../src/gpu/software-adapter.js';
import { deviceOf } from '../device.js';
import type { SharedDecoder } from './shared-decoder.js';
import { ThreadedWasmBatches, WasmBatches } from './wasm-batches.js';

/** Finest level unless the options say otherwise, cells along the box: where a decoder's details end, or an adapter's patience. */
const RESOLUTION = { hardware: 256, software: 64 } as const;
/** The longest that a level may take unless its resolution was asked for, milliseconds. */
const LONGEST_LEVEL = 20_000;
const ERROR_POINTS = { hardware: 4096, software: 1024 } as const;

/** Distances between samples, unlike a decoder's own, may lie a little too high: the share of a safe step that is trusted. */
const INTERPOLATED = 0.8;

/** What fills the bricks of a decoder's shapes, compiled without blocking. */
export async function createBrickTools({ engine, decoder, baked, constants }: SharedDecoder): Promise<BrickTools> {
  const device = deviceOf(engine);
  const isSoftware = isSoftwareAdapter({ info: device.adapterInfo });
  const [evaluator, assembler, probe] = await Promise.all([
    createEvaluator(device, decoder, isSoftware),
    BrickAssembler.create(device),
    BrickProbe.create(device, composeDistanceText(baked, constants)),
  ]);
  return { evaluator, assembler, probe, pace: new BatchPace(evaluator) };
}

/** On a software adapter our WebAssembly kernels: on threads, without workers on the calling one; without SIMD the adapter after all. */
async function createEvaluator(device: GPUDevice, decoder: Decoder, isSoftware: boolean): Promise<BatchEvaluator> {
  if (!isSoftware) return DecoderKernels.create(device, decoder, false);
  for (const { create } of [ThreadedWasmBatches, WasmBatches]) {
    try {
      return await create(device, decoder);
    } catch (error) {
      if (!(error instanceof NeuralSdfError) || error.code !== 'BACKEND_UNAVAILABLE') throw error;
    }
  }
  return DecoderKernels.create(device, decoder, true);
}

export function brickSettings({ engine, constants, brickResolution }: SharedDecoder): BrickSettings {
  const kind = isSoftwareAdapter({ info: deviceOf(engine).adapterInfo }) ? 'software' : 'hardware';
  const { gridResolution: grid, halfExtent, delta, stepScale } = constants;
  return {
    grid,
    halfExtent,
    delta,
    // Samples are the decoder's own.
    stepScale: stepScale / INTERPOLATED,
    resolution: brickResolution || RESOLUTION[kind],
    longestLevel: brickResolution ? Number.POSITIVE_INFINITY : LONGEST_LEVEL,
    errorPoints: ERROR_POINTS[kind],
  };
}

/** Constants for tracing bricks: caution between their samples, and a grid that they fit into. */
export function brickConstants(constants: TraceConstants): TraceConstants {
  const careful = { ...constants, stepScale: INTERPOLATED * constants.stepScale };
  const grid = gridResolutionFor(careful, constants.gridResolution);
  return { ...careful, gridResolution: Math.ceil(grid / GRID_MULTIPLE) * GRID_MULTIPLE };
}

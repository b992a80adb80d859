import { NeuralSdfError } from '../errors.js';
import type { EngineSettings, TrainingEngine } from './engine.js';
import type { TfjsPlatform } from './tfjs/tfjs-backend.js';
import type { Precision } from './webgpu/webgpu-engine.js';

/** 'webgpu' and 'wasm' are our own kernels; 'onnxruntime' the package onnxruntime-node, where it is installed; 'cpu' tfjs in plain JavaScript. */
export const TRAINING_BACKENDS = ['auto', 'webgpu', 'onnxruntime', 'wasm', 'tfjs-webgpu', 'tfjs-wasm', 'cpu'] as const;
export type TrainingBackend = (typeof TRAINING_BACKENDS)[number];

export interface EngineOptions {
  /** Threads of the wasm kernels and of onnxruntime. */
  readonly threads?: number;
  /** For 'webgpu', a device that is there already: Babylon's, whose scene then shows the decoder as it trains. */
  readonly device?: GPUDevice;
  /** What 'webgpu' multiplies: 'float32' (default, 'auto') or 'float16'. */
  readonly precision?: Precision;
  /** Outside a browser: `nodeTfjsPlatform()`. */
  readonly platform?: TfjsPlatform;
  /** Told of each backend that 'auto' passed over, and why. */
  readonly onSkip?: (backend: TrainingBackend, reason: NeuralSdfError) => void;
}

/** Fastest first: a real GPU, onnxruntime (nearly twice our kernels), our kernels (two to three times tfjs on wasm), tfjs on wasm, plain JavaScript. */
const AUTO_ORDER = ['webgpu', 'onnxruntime', 'wasm', 'tfjs-wasm', 'cpu'] as const;

/**
 * The engine for a backend, or with 'auto' the fastest that this machine has. A software GPU is never taken.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE with the reason, INVALID_SPEC
 */
export async function createTrainingEngine(
  settings: EngineSettings,
  backend: TrainingBackend,
  options: EngineOptions = {},
): Promise<TrainingEngine> {
  if (backend !== 'auto') return create(settings, backend, options);
  const reasons: NeuralSdfError[] = [];
  for (const candidate of AUTO_ORDER) {
    try {
      return await create(settings, candidate, options);
    } catch (error) {
      if (!(error instanceof NeuralSdfError) || error.code !== 'BACKEND_UNAVAILABLE') throw error;
      options.onSkip?.(candidate, error);
      reasons.push(error);
    }
  }
  const message = `no training backend can be used: ${reasons.map((reason) => reason.message).join('; ')}`;
  throw new NeuralSdfError('BACKEND_UNAVAILABLE', message, { backends: AUTO_ORDER });
}

/** Imports on demand: tfjs is large, and whoever trains on our kernels does not need it installed. */
async function create(
  settings: EngineSettings,
  backend: Exclude<TrainingBackend, 'auto'>,
  options: EngineOptions,
): Promise<TrainingEngine> {
  if (backend === 'wasm') {
    const { createWasmEngine } = await load(backend, () => import('./wasm/wasm-engine.js'));
    return createWasmEngine(settings, { threads: options.threads });
  }
  if (backend === 'onnxruntime') {
    const { createOnnxRuntimeEngine } = await load(backend, () => import('./onnxruntime/onnxruntime-engine.js'));
    return createOnnxRuntimeEngine(settings, { threads: options.threads });
  }
  if (backend === 'webgpu') {
    const { createWebGpuEngine } = await load(backend, () => import('./webgpu/webgpu-engine.js'));
    return createWebGpuEngine(settings, { device: options.device, precision: options.precision, gpu: await options.platform?.gpu?.() });
  }
  const { createTfjsEngine } = await load(backend, () => import('./tfjs/tfjs-engine.js'));
  const tfjs = ({ 'tfjs-webgpu': 'webgpu', 'tfjs-wasm': 'wasm', cpu: 'cpu' } as const)[backend];
  return createTfjsEngine(settings, { backend: tfjs, platform: options.platform });
}

async function load<T>(backend: TrainingBackend, load: () => Promise<T>): Promise<T> {
  return load().catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `training backend '${backend}' is not installed: ${reason}`, { backend }, { cause });
  });
}

import { createTrainingEngine } from '../../src/training/choose-engine.js';
import type { EngineSettings, TrainingEngine } from '../../src/training/engine.js';
import { createOnnxRuntimeEngine } from '../../src/training/onnxruntime/onnxruntime-engine.js';
import { nodeTfjsPlatform } from '../../src/training/tfjs/tfjs-platform-node.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';
import { createWebGpuEngine } from '../../src/training/webgpu/webgpu-engine.js';
import { onnxRuntimeProductRate, tfjsProductRate, wasmProductRate } from './product-rates.js';
import { SAMPLES_PER_GROUP } from './train-cases.js';

export interface Contender {
  readonly name: string;
  /** Not of a GPU. */
  readonly threads?: number;
  /** @throws NeuralSdfError BACKEND_UNAVAILABLE where the machine does not have it */
  open(settings: EngineSettings): Promise<TrainingEngine>;
  /** GFLOP/s of the multiplication that it is built on, alone on big matrices. */
  productRate(seconds: number): Promise<number>;
  /** Fewer where a whole batch would take minutes, or more memory than there is. @param wide whether the decoder is 8x512 */
  samplesPerGroup(wide: boolean): number;
  /** Whether it also runs with dropout. */
  readonly dropout: boolean;
  /** Whether steps are only queued until something is read back. */
  readonly queued: boolean;
}

const platform = nodeTfjsPlatform();
const whole = () => SAMPLES_PER_GROUP;

/** @param cores threads of the contenders that use all of them */
export function contenders(cores: number): Contender[] {
  const wasm = (variant: 'relaxed' | 'plain', threads: number): Contender => ({
    name: `wasm, ${variant} SIMD`,
    threads,
    open: (settings) => createWasmEngine(settings, { threads, variant }),
    productRate: (seconds) => wasmProductRate(variant, threads, seconds),
    samplesPerGroup: whole,
    dropout: variant === 'relaxed' && threads === cores,
    queued: false,
  });
  const onnxRuntime = (threads: number): Contender => ({
    name: 'onnxruntime',
    threads,
    open: (settings) => createOnnxRuntimeEngine(settings, { threads }),
    productRate: (seconds) => onnxRuntimeProductRate(threads, seconds),
    samplesPerGroup: whole,
    dropout: false,
    queued: false,
  });
  return [
    wasm('relaxed', 1),
    ...(cores > 1 ? [wasm('relaxed', cores)] : []),
    wasm('plain', 1),
    onnxRuntime(1),
    ...(cores > 1 ? [onnxRuntime(cores)] : []),
    {
      name: 'tfjs wasm',
      threads: 1,
      open: (settings) => createTrainingEngine(settings, 'tfjs-wasm', { platform }),
      productRate: (seconds) => tfjsProductRate('wasm', seconds),
      samplesPerGroup: (wide) => (wide ? SAMPLES_PER_GROUP / 16 : SAMPLES_PER_GROUP),
      dropout: false,
      queued: false,
    },
    {
      name: 'tfjs cpu',
      threads: 1,
      open: (settings) => createTrainingEngine(settings, 'cpu', { platform }),
      productRate: (seconds) => tfjsProductRate('cpu', seconds),
      samplesPerGroup: (wide) => (wide ? 8 : 64),
      dropout: false,
      queued: false,
    },
    {
      name: 'webgpu',
      open: async (settings) => createWebGpuEngine(settings, { gpu: await platform.gpu?.() }),
      // The yardstick of both on a GPU is somebody else's kernel.
      productRate: (seconds) => tfjsProductRate('webgpu', seconds),
      samplesPerGroup: whole,
      dropout: true,
      queued: true,
    },
    {
      name: 'tfjs webgpu',
      open: (settings) => createTrainingEngine(settings, 'tfjs-webgpu', { platform }),
      productRate: (seconds) => tfjsProductRate('webgpu', seconds),
      samplesPerGroup: whole,
      dropout: false,
      queued: true,
    },
  ];
}

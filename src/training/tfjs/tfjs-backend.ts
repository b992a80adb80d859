import * as tf from '@tensorflow/tfjs-core';
import { NeuralSdfError } from '../../errors.js';
import { isSoftwareAdapter } from '../../gpu/software-adapter.js';

export type TfjsBackend = 'webgpu' | 'wasm' | 'cpu';

/** What tfjs cannot find by itself outside a browser. */
export interface TfjsPlatform {
  /** Where tfjs's wasm binaries lie, by file name or as one prefix; a browser serves them beside the bundle when not given. */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
  /** WebGPU, asked for when a webgpu engine is; `navigator.gpu` when not given. */
  readonly gpu?: () => Promise<GPU | undefined>;
}

/**
 * Initialises a tfjs backend, once a process.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE with the reason; for webgpu also on a software adapter, where wasm is faster
 */
export async function openTfjsBackend(backend: TfjsBackend, platform: TfjsPlatform = {}): Promise<void> {
  // Silences tfjs's advice to install tfjs-node, which a command line tool's user cannot act on.
  tf.env().set('PROD', true);
  try {
    if (backend === 'webgpu') await registerWebGpu(platform.gpu);
    else if (backend === 'wasm') await registerWasm(platform.wasmPaths);
    else await import('@tensorflow/tfjs-backend-cpu');
    if (!(await tf.setBackend(backend))) throw new Error('it did not initialise');
  } catch (cause) {
    if (cause instanceof NeuralSdfError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `tfjs backend '${backend}' cannot be used: ${reason}`, { backend }, { cause });
  }
}

/** Makes `backend` the one that the next operations run on: synchronous, since it is initialised already. */
export function activateTfjsBackend(backend: TfjsBackend): void {
  if (tf.getBackend() !== backend) void tf.setBackend(backend);
}

async function registerWasm(paths: TfjsPlatform['wasmPaths']): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  // Only before its first use, and tfjs refuses to be told twice.
  if (paths !== undefined && tf.findBackend('wasm') === null) setWasmPaths(paths as string | Record<string, string>);
}

/**
 * By hand rather than by tfjs's own registration, which passes a nested array in `requiredFeatures` (some WebGPU
 * implementations refuse it) and would take a software adapter.
 */
async function registerWebGpu(findGpu: TfjsPlatform['gpu']): Promise<void> {
  if (handRegistered) return;
  const gpu = findGpu ? await findGpu() : (globalThis.navigator as Navigator | undefined)?.gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new NeuralSdfError('BACKEND_UNAVAILABLE', 'no WebGPU adapter to train on', { backend: 'webgpu' });
  if (isSoftwareAdapter(adapter)) {
    const { architecture, description } = adapter.info;
    throw new NeuralSdfError(
      'BACKEND_UNAVAILABLE',
      `the only WebGPU adapter is a software one (${description || architecture}), where training is slower than on wasm: use wasm`,
      { backend: 'webgpu', architecture, description },
    );
  }
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: adapter.features.has('timestamp-query') ? ['timestamp-query'] : [],
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(device, adapter.info));
  handRegistered = { adapter, device };
}

/** Held for the life of the process: Dawn in Node crashes when one of them is collected. */
let handRegistered: { adapter: GPUAdapter; device: GPUDevice } | undefined;

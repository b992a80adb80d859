import { NeuralSdfError } from '../../errors.js';
import { composeKernel, KERNELS, type KernelName, LAYER_NORM, type OperandType } from './compose-kernels.js';
import type { Plan } from './plan.js';

export type Pipelines = Readonly<Partial<Record<KernelName, GPUComputePipeline>>>;

/** Pipelines of earlier engines on the same device, by their text: runs alike need not compile again. */
const compiled = new WeakMap<GPUDevice, Map<string, Promise<GPUComputePipeline>>>();

/**
 * The pipelines that a decoder's step takes, compiled without blocking the page.
 * @throws NeuralSdfError BACKEND_UNAVAILABLE with the compiler's words
 */
export async function compileKernels(device: GPUDevice, { settings, tile, layers }: Plan, operand: OperandType): Promise<Pipelines> {
  const options = { tile, operand, activation: settings.spec.activation };
  const hasLayerNorm = layers.some(({ normalization }) => normalization === LAYER_NORM);
  const needed = KERNELS.filter((name) => hasLayerNorm || !name.startsWith('layerNorm'));
  return Object.fromEntries(
    await Promise.all(needed.map(async (name) => [name, await compile(device, name, composeKernel(name, options))])),
  );
}

/** @param entryPoint names the kernel too */
export function compile(device: GPUDevice, entryPoint: string, code: string): Promise<GPUComputePipeline> {
  const known = compiled.get(device) ?? new Map<string, Promise<GPUComputePipeline>>();
  compiled.set(device, known);
  const pipeline = known.get(code) ?? compileAnew(device, entryPoint, code);
  known.set(code, pipeline);
  return pipeline;
}

async function compileAnew(device: GPUDevice, entryPoint: string, code: string): Promise<GPUComputePipeline> {
  const label = `neural-sdf training ${entryPoint}`;
  const module = device.createShaderModule({ label, code });
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint } });
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const errors = messages.filter(({ type }) => type === 'error').map(({ lineNum, message }) => `line ${lineNum}: ${message}`);
    const reason = [...errors, cause instanceof Error ? cause.message : String(cause)].join('; ');
    throw new NeuralSdfError(
      'BACKEND_UNAVAILABLE',
      `this GPU does not compile the training kernel ${entryPoint}: ${reason}`,
      {},
      { cause },
    );
  }
}

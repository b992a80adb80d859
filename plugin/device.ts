import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';

/** Babylon keeps its device to itself; the project's own kernels run on the same one. */
export function deviceOf(engine: WebGPUEngine): GPUDevice {
  return (engine as unknown as { _device: GPUDevice })._device;
}

import { NeuralSdfError } from '../errors.js';

/** Dawn frees what Node's garbage collector finds unreferenced while work is still in flight, and crashes: keep all of it. */
const kept: unknown[] = [];

/**
 * WebGPU in Node, by the `webgpu` package (Dawn): sets `navigator.gpu` and the GPU* globals once, as a browser has them.
 * @throws NeuralSdfError WEBGPU_UNAVAILABLE where the package or a Vulkan driver is missing
 */
export async function installWebGpu(): Promise<GPU> {
  const present = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (present) return present;
  const dawn = await import('webgpu').catch((cause: unknown) => {
    throw new NeuralSdfError('WEBGPU_UNAVAILABLE', "WebGPU in Node needs the package 'webgpu': npm install webgpu", {}, { cause });
  });
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]) as GPU;
  kept.push(gpu);
  // Node 20 has no navigator, Node 22 a read-only one.
  const navigator = (globalThis.navigator as Navigator | undefined) ?? {};
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true });
  return gpu;
}

/**
 * A device with all that its adapter offers in limits.
 * @throws NeuralSdfError WEBGPU_UNAVAILABLE
 */
export async function openDevice(): Promise<{ adapter: GPUAdapter; device: GPUDevice }> {
  const gpu = await installWebGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new NeuralSdfError(
      'WEBGPU_UNAVAILABLE',
      'no WebGPU adapter: install a Vulkan driver (Debian: mesa-vulkan-drivers 25 or newer from bookworm-backports)',
    );
  }
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize },
  });
  kept.push(adapter, device);
  return { adapter, device };
}

import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { deviceOf } from '../device.js';

const COPYABLE = 3; // Constants.BUFFER_CREATIONFLAG_READWRITE: written by edits, read when it is outgrown

/** A storage buffer that is written by queues and can be grown. */
export function createStorage(engine: WebGPUEngine, bytes: number, label: string): StorageBuffer {
  return new StorageBuffer(engine, bytes, COPYABLE, label);
}

/** A larger buffer with the same beginning, in the place of one that is disposed. */
export function growStorage(engine: WebGPUEngine, old: StorageBuffer, bytes: number, label: string): StorageBuffer {
  const grown = createStorage(engine, bytes, label);
  const device = deviceOf(engine);
  const encoder = device.createCommandEncoder({ label });
  const [from, to] = [resourceOf(old), resourceOf(grown)];
  encoder.copyBufferToBuffer(from, 0, to, 0, Math.min(from.size, to.size));
  device.queue.submit([encoder.finish()]);
  old.dispose();
  return grown;
}

/** WebGPU's own buffer behind Babylon's; another one after a device was lost. */
export function resourceOf(buffer: StorageBuffer): GPUBuffer {
  return buffer.getBuffer().underlyingResource as GPUBuffer;
}

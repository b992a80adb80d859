import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { deviceOf } from '../../plugin/device.js';

/** What was asked of the device since `countDevice`; buffers and textures alive rather than made. */
export interface DeviceCounts {
  renderPipelines: number;
  computePipelines: number;
  shaderModules: number;
  buffers: number;
  textures: number;
}

/** Wraps a device's factories. */
export function countDevice(engine: WebGPUEngine): DeviceCounts {
  const counts: DeviceCounts = { renderPipelines: 0, computePipelines: 0, shaderModules: 0, buffers: 0, textures: 0 };
  const device = deviceOf(engine) as unknown as Record<string, (descriptor: unknown) => unknown>;
  const wrap = (factory: string, kind: keyof DeviceCounts, alive: boolean) => {
    const original = device[factory].bind(device);
    device[factory] = (descriptor) => {
      const made = original(descriptor);
      counts[kind]++;
      if (alive) {
        const resource = made as { label: string; destroy(): void };
        const destroy = resource.destroy.bind(resource);
        let gone = false;
        resource.destroy = () => {
          if (!gone) counts[kind]--;
          gone = true;
          destroy();
        };
      }
      return made;
    };
  };
  wrap('createRenderPipeline', 'renderPipelines', false);
  wrap('createRenderPipelineAsync', 'renderPipelines', false);
  wrap('createComputePipeline', 'computePipelines', false);
  wrap('createComputePipelineAsync', 'computePipelines', false);
  wrap('createShaderModule', 'shaderModules', false);
  wrap('createBuffer', 'buffers', true);
  wrap('createTexture', 'textures', true);
  return counts;
}

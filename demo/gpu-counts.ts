/** What was made on the device so far: both stand still while shapes morph. */
export interface GpuCounts {
  pipelines: number;
  shaderModules: number;
}

/** Counts what a device is asked to make from now on. */
export function countCreations(device: GPUDevice): GpuCounts {
  const counts: GpuCounts = { pipelines: 0, shaderModules: 0 };
  const count = (method: 'createRenderPipeline' | 'createRenderPipelineAsync' | 'createShaderModule', what: keyof GpuCounts): void => {
    const original = device[method].bind(device) as (descriptor: never) => never;
    device[method] = ((descriptor: never) => {
      counts[what]++;
      return original(descriptor);
    }) as never;
  };
  count('createRenderPipeline', 'pipelines');
  count('createRenderPipelineAsync', 'pipelines');
  count('createShaderModule', 'shaderModules');
  return counts;
}

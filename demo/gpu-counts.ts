/** What was made on the device so far: both stand still while shapes morph, and while their edits are dragged. */
export interface GpuCounts {
  pipelines: number;
  shaderModules: number;
}

/** Counts what a device is asked to make from now on, in `counts`. */
export function countCreations(device: GPUDevice, counts: GpuCounts): void {
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
}

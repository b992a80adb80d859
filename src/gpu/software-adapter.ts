/** Whether an adapter (or a device, by its adapterInfo) computes on the CPU: SwiftShader, lavapipe, WARP. */
export function isSoftwareAdapter(adapter: { readonly info: GPUAdapterInfo; readonly isFallbackAdapter?: boolean }): boolean {
  const info = adapter.info as GPUAdapterInfo & { isFallbackAdapter?: boolean };
  const fallback = info.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return fallback || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(text);
}

/** Whether it is SwiftShader, Chromium's own. */
export const isSwiftShader = ({ vendor, architecture, device, description }: GPUAdapterInfo): boolean =>
  /swiftshader/i.test(`${vendor} ${architecture} ${device} ${description}`);

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where a system keeps a Chromium that speaks WebGPU, the caller's choice first. */
const CANDIDATES = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Headless Chromium on SwiftShader, its Vulkan on the processor: WebGPU on any machine. Leaving out `--use-vulkan` or `--use-gl` loses the
 * device at once. The rest keeps the browser from calling home.
 */
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--use-vulkan=swiftshader'];
const FLAGS = [
  '--no-sandbox',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** @throws Error naming the places looked at, when there is no Chromium */
export function launchChromium(options: { webgpu: boolean }): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error(`no Chromium at ${CANDIDATES.filter(Boolean).join(', ')}: install it or set CHROMIUM_PATH`);
  return chromium.launch({
    executablePath,
    args: options.webgpu ? [...FLAGS, ...WEBGPU_FLAGS] : [...FLAGS, '--disable-features=WebGPUService'],
  });
}

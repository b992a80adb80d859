import { writeFileSync } from 'node:fs';
import { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.js';
import type { WebGPUEngineOptions } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { PNG } from 'pngjs';
import { NeuralSdfError } from '../errors.js';
import { installWebGpu } from '../gpu/device-node.js';
import { installImageShims } from './headless-images-node.js';

/** Dawn frees what Node's garbage collector finds unreferenced while work is still in flight, and crashes: keep all of it. */
const kept: unknown[] = [];

export interface HeadlessOptions {
  readonly width?: number;
  readonly height?: number;
  /** Passed on to WebGPUEngine. */
  readonly engine?: WebGPUEngineOptions;
}

/**
 * A Babylon engine in Node, on the `webgpu` package (Dawn) and whatever Vulkan driver there is.
 * @throws NeuralSdfError WEBGPU_UNAVAILABLE when there is no driver, saying which to install
 */
export async function createHeadlessEngine(options: HeadlessOptions = {}): Promise<WebGPUEngine> {
  const gpu = await installWebGpu();
  installFeatureShim();
  installImageShims();
  // WebGPUEngine would wait for ever for an adapter that is not there.
  const adapter = await gpu.requestAdapter();
  if (!adapter) {
    throw new NeuralSdfError(
      'WEBGPU_UNAVAILABLE',
      'no WebGPU adapter: install a Vulkan driver (Debian, Ubuntu: mesa-vulkan-drivers, whose lavapipe needs no GPU; 25 or newer, on Debian 12 from bookworm-backports)',
    );
  }
  const engine = new WebGPUEngine(headlessCanvas(options.width ?? 640, options.height ?? 480), {
    antialias: false,
    setMaximumLimits: true,
    swapChainFormat: 'rgba8unorm',
    ...options.engine,
  });
  await engine.initAsync();
  kept.push(adapter, engine);
  return engine;
}

/** Renders until everything is ready, then once more, and reads the picture back. @returns [height, width, 4], top row first */
export async function renderToPixels(scene: Scene): Promise<{ width: number; height: number; data: Uint8Array }> {
  const engine = scene.getEngine();
  await scene.whenReadyAsync();
  // Twice: what the first frame finds not ready (a shadow map's effect, say) is compiled by the second.
  for (let frame = 0; frame < 2; frame++) {
    engine.beginFrame();
    scene.render();
    engine.endFrame();
    await scene.whenReadyAsync();
  }
  const width = engine.getRenderWidth();
  const height = engine.getRenderHeight();
  engine.beginFrame();
  scene.render();
  const read = engine.readPixels(0, 0, width, height);
  engine.endFrame();
  const data = (await read) as Uint8Array;
  return { width, height, data };
}

/**
 * Renders until everything is ready and writes the picture as PNG.
 * @returns the picture, [height, width, 4], top row first
 */
export async function renderToPng(scene: Scene, path: string): Promise<{ width: number; height: number; data: Uint8Array }> {
  const picture = await renderToPixels(scene);
  writePng(path, picture);
  return picture;
}

/** @param picture data [height, width, 4], top row first @returns a PNG file */
export function encodePng(picture: { width: number; height: number; data: Uint8Array }): Uint8Array {
  const png = new PNG({ width: picture.width, height: picture.height });
  png.data.set(picture.data);
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  return PNG.sync.write(png);
}

/** @param picture data [height, width, 4], top row first */
export function writePng(path: string, picture: { width: number; height: number; data: Uint8Array }): void {
  writeFileSync(path, encodePng(picture));
}

/** Dawn's set of features lacks the one method Babylon walks it with. */
function installFeatureShim(): void {
  const features = (globalThis as unknown as { GPUSupportedFeatures: { prototype: ReadonlySet<string> } }).GPUSupportedFeatures.prototype;
  if ('forEach' in features && typeof features.forEach === 'function') return;
  (features as { forEach: unknown }).forEach = function (this: ReadonlySet<string>, visit: (feature: string) => void) {
    for (const feature of this) visit(feature);
  };
}

/** The few members of a canvas that WebGPUEngine touches; every frame is drawn into one and the same texture. */
function headlessCanvas(width: number, height: number): HTMLCanvasElement {
  let texture: GPUTexture | undefined;
  const context = {
    configure({ device, format }: GPUCanvasConfiguration) {
      texture?.destroy();
      texture = device.createTexture({
        label: 'headless canvas',
        size: [canvas.width, canvas.height],
        format,
        usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC | GPUTextureUsage.COPY_DST | GPUTextureUsage.TEXTURE_BINDING,
      });
    },
    unconfigure() {
      texture?.destroy();
      texture = undefined;
    },
    getCurrentTexture: () => texture,
  };
  const canvas = {
    width,
    height,
    clientWidth: width,
    clientHeight: height,
    style: {},
    getContext: () => context,
    getBoundingClientRect: () => ({ left: 0, top: 0, width, height, right: width, bottom: height, x: 0, y: 0 }),
    addEventListener() {},
    removeEventListener() {},
    setAttribute() {},
    getAttribute: () => null,
    hasAttribute: () => false,
    focus() {},
    remove() {},
  };
  return canvas as unknown as HTMLCanvasElement;
}

import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { Engine } from '@babylonjs/core/Engines/engine.js';
import { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.js';
import { countCreations, type GpuCounts } from './gpu-counts.js';

/** What the page draws with. */
export interface Graphics {
  readonly engine: AbstractEngine;
  /** Name of the adapter, as far as the browser tells it. */
  readonly adapter: string;
  /** Set where shapes cannot be traced: why, as a sentence. */
  readonly withoutWebGpu?: string;
  /** A processor plays the GPU: everything is dear. */
  readonly software: boolean;
  /** On the present device; stays at zero without WebGPU. */
  readonly created: GpuCounts;
  /** The device is gone, and the next is not there yet: nothing can be drawn. */
  readonly isLost: boolean;
  /** Settles when the GPU is done with all that was submitted. */
  finished(): Promise<void>;
}

/** Some drivers never answer (requestAdapter neither resolves nor rejects). */
const ADAPTER_TIMEOUT = 10_000;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/**
 * WebGPU where there is an adapter, else WebGL2.
 * @param forceWebGl do without WebGPU even where it works
 * @throws Error when there is neither
 */
export async function createGraphics(canvas: HTMLCanvasElement, forceWebGl: boolean): Promise<Graphics> {
  const withoutWebGpu = forceWebGl ? 'WebGPU is switched off by “?webgl”.' : await whyNoWebGpu();
  return withoutWebGpu === undefined ? webGpuGraphics(canvas) : webGlGraphics(canvas, withoutWebGpu);
}

async function whyNoWebGpu(): Promise<string | undefined> {
  if (!navigator.gpu) return 'This browser has no WebGPU.';
  const timeout = new Promise<null>((resolve) => setTimeout(resolve, ADAPTER_TIMEOUT, null));
  const adapter = await Promise.race([navigator.gpu.requestAdapter().catch(() => null), timeout]);
  return adapter ? undefined : 'This browser knows WebGPU but has no graphics adapter for it.';
}

async function webGpuGraphics(canvas: HTMLCanvasElement): Promise<Graphics> {
  const adapter = (await navigator.gpu.requestAdapter())!;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter';
  const software = isFallbackAdapter || SOFTWARE.test([name, vendor, architecture].join(' '));
  // Silhouettes are smooth where there is multisampling; on a processor it is not worth its price.
  const engine = new WebGPUEngine(canvas, { antialias: !software, setMaximumLimits: true, powerPreference: 'high-performance' });
  await engine.initAsync();
  const created = { pipelines: 0, shaderModules: 0 };
  countCreations(engine._device, created);
  engine.onContextRestoredObservable.add(() => countCreations(engine._device, created));
  const watch = watchForLoss(engine);
  return {
    engine,
    adapter: name,
    software,
    created,
    get isLost() {
      return watch.isLost;
    },
    // Of a lost device, nothing more is to come.
    finished: () => engine._device.queue.onSubmittedWorkDone().catch(() => {}),
  };
}

function webGlGraphics(canvas: HTMLCanvasElement, withoutWebGpu: string): Graphics {
  let engine: Engine;
  try {
    engine = new Engine(canvas, true);
  } catch (cause) {
    throw new Error('This browser offers neither WebGPU nor WebGL, so there is nothing to draw with.', { cause });
  }
  const { renderer } = engine.getGlInfo();
  const watch = watchForLoss(engine);
  return {
    engine,
    adapter: renderer,
    withoutWebGpu,
    software: SOFTWARE.test(renderer),
    created: { pipelines: 0, shaderModules: 0 },
    get isLost() {
      return watch.isLost;
    },
    finished: () => new Promise((resolve) => requestAnimationFrame(() => resolve())),
  };
}

function watchForLoss(engine: AbstractEngine): { readonly isLost: boolean } {
  const watch = { isLost: false };
  engine.onContextLostObservable.add(() => {
    watch.isLost = true;
  });
  engine.onContextRestoredObservable.add(() => {
    watch.isLost = false;
  });
  return watch;
}

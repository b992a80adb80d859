import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DemoHook } from '../../demo/main.js';
import { bakeTriangles } from '../../plugin/baked/baked-mesh.js';
import { writeShapes } from '../../src/asset/index.js';
import { launchChromium } from '../support/chromium.js';
import { type DemoServer, startDemoServer } from '../support/demo-server.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** Small: a processor plays the GPU. */
const VIEWPORT = { width: 480, height: 320 };
/** Canvas pixels per CSS pixel along a side, the same for all pictures. */
const SHARPNESS = 0.5;
/** Without the panel and the notice, so that pixels are the scene's. */
const SCENE_ONLY = '.lil-gui.lil-root, #notice { display: none !important }';

declare global {
  interface Window {
    neuralSdfDemo: DemoHook;
    /** Counted by the test's own hands, on every device. */
    gpuCounts: Record<string, number>;
    /** That the page was given, in turn. */
    gpuDevices: GPUDevice[];
  }
}

let server: DemoServer;
let browser: Browser | undefined;

beforeAll(async () => {
  mkdirSync('tests/out', { recursive: true });
  server = await startDemoServer();
});
afterEach(() => browser?.close());
afterAll(() => server.stop());

/**
 * A page of the demo, everything that it must not do noted.
 * @param chairs a file in place of the chairs' asset
 */
async function openDemo(webgpu: boolean, chairs?: Uint8Array): Promise<{ page: Page; complaints: string[] }> {
  browser = await launchChromium({ webgpu });
  const page = await browser.newPage({ viewport: VIEWPORT });
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Babylon reports what WebGPU refuses as a warning.
    if (message.type() === 'error' || /uncaptured|error while/i.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${error.stack}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && origin !== server.url) complaints.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    window.gpuCounts = {};
    window.gpuDevices = [];
    if (typeof GPUDevice === 'undefined') return;
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
      const device = await requestDevice.call(this, descriptor);
      window.gpuDevices.push(device);
      return device;
    };
    for (const method of ['createRenderPipeline', 'createRenderPipelineAsync', 'createShaderModule'] as const) {
      const original = GPUDevice.prototype[method] as (descriptor: never) => never;
      window.gpuCounts[method] = 0;
      GPUDevice.prototype[method] = function (this: GPUDevice, descriptor: never) {
        window.gpuCounts[method]++;
        return original.call(this, descriptor);
      };
    }
  });
  if (chairs) await page.route('**/chairs.glb', (route) => route.fulfill({ body: Buffer.from(chairs) }));
  await page.goto(`${server.url}/?sharpness=${SHARPNESS}`);
  await page.evaluate(() => window.neuralSdfDemo.ready);
  await rest(page);
  return { page, complaints };
}

/** Until nothing moves and the picture is sharp. */
async function rest(page: Page): Promise<void> {
  await page.waitForFunction(() => window.neuralSdfDemo.atRest, undefined, { polling: 100, timeout: 90_000 });
}

async function picture(page: Page, name?: string): Promise<PNG> {
  return PNG.sync.read(await page.screenshot({ style: SCENE_ONLY, ...(name && { path: `tests/out/${name}.png` }) }));
}

/** Share of the pixels in a part of the picture, given in fractions of its width, that differ visibly. */
function changedShare(a: PNG, b: PNG, from: number, to: number): number {
  let changed = 0;
  let all = 0;
  for (let y = 0; y < a.height; y++) {
    for (let x = Math.round(from * a.width); x < to * a.width; x++) {
      const at = 4 * (y * a.width + x);
      const difference = [0, 1, 2].reduce((most, c) => Math.max(most, Math.abs(a.data[at + c] - b.data[at + c])), 0);
      all++;
      if (difference > 24) changed++;
    }
  }
  return changed / all;
}

/** Clicks a slider of the panel, of the chair that is picked. @param share where on it, 0 to 1 */
async function moveSlider(page: Page, name: string, share: number): Promise<void> {
  const slider = page.locator('.lil-controller', { hasText: name }).locator('.lil-slider');
  const { width, height } = (await slider.boundingBox())!;
  await slider.click({ position: { x: share * width, y: height / 2 } });
}

/** A decoder that compiles in a second or two, its shapes and their baked meshes. */
async function tinyAsset(): Promise<Uint8Array> {
  const shapes = tinyShapes();
  const baked = [];
  for (const shape of shapes.shapes) baked.push({ ...shape, bakedMesh: await bakeTriangles(shapes, shape.latent, 24) });
  return writeShapes({ ...shapes, shapes: baked });
}

/** Lets a file fall on the page. */
async function dropFile(page: Page, name: string, content: Uint8Array): Promise<void> {
  await page.evaluate(
    ({ name, content }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(content)], name));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    },
    { name, content: [...content] },
  );
}

const noticeOf = (page: Page): Promise<string | null> => page.locator('#notice').textContent();
const frames = (page: Page): Promise<number> => page.evaluate(() => window.neuralSdfDemo.frames);

describe('with WebGPU', () => {
  it('traces the chairs, morphs one without compiling, and lets balls come to rest on them', async () => {
    const { page, complaints } = await openDemo(true);
    expect(await page.evaluate(() => window.neuralSdfDemo.traced)).toBe(true);
    const before = await picture(page, 'demo-traced');
    const countsBefore = await page.evaluate(() => ({ ...window.gpuCounts }));
    const framesBefore = await frames(page);
    expect(countsBefore.createShaderModule).toBeGreaterThan(0);

    await page.mouse.click(0.85 * VIEWPORT.width, 0.48 * VIEWPORT.height);
    await page.locator('.lil-title', { hasText: 'Neural shapes' }).click();
    const picker = page.locator('.lil-controller', { hasText: 'picked piece' }).locator('select');
    expect(await picker.inputValue()).toBe('4');
    await picker.selectOption({ label: '1' });
    await moveSlider(page, 'direction 1', 0.1);
    await page.waitForFunction((drawn) => window.neuralSdfDemo.frames > drawn, framesBefore);
    await rest(page);
    const morphed = await picture(page, 'demo-morphed');
    expect(await page.evaluate(() => window.gpuCounts)).toEqual(countsBefore);
    // The first chair stands on the left; the others did not move.
    expect(changedShare(before, morphed, 0, 0.35)).toBeGreaterThan(0.02);
    expect(changedShare(before, morphed, 0.5, 1)).toBeLessThan(0.005);

    await page.getByRole('button', { name: 'drop balls' }).click();
    await page.waitForFunction(() => window.neuralSdfDemo.balls > 0);
    await rest(page);
    const balls = await picture(page, 'demo-balls');
    expect(changedShare(morphed, balls, 0, 1)).toBeGreaterThan(0.005);
    expect(complaints).toEqual([]);
  }, 240_000);

  it('says what it refuses, shows what is dropped, edits it without compiling, and survives its device', async () => {
    const asset = await tinyAsset();
    const { page, complaints } = await openDemo(true, asset);
    await dropFile(page, 'cat.png', Uint8Array.of(1, 2, 3, 4));
    await expect.poll(() => noticeOf(page)).toMatch(/“cat.png” is no .glb file/);
    await page.route('**/planes.glb', (route) => route.abort());
    await page.locator('.lil-title', { hasText: 'Neural shapes' }).click();
    const assets = page.locator('.lil-controller', { hasText: 'asset' }).locator('select');
    await assets.selectOption('planes');
    await expect.poll(() => noticeOf(page)).toMatch(/“assets\/planes.glb” could not be fetched/);
    expect(await assets.inputValue()).toBe('chairs');
    // Both on the console as well, the second by the browser too.
    expect(complaints.splice(0)).toHaveLength(3);

    await dropFile(page, 'mine.glb', asset);
    await page.waitForFunction(() => window.neuralSdfDemo.asset === 'mine.glb');
    await page.getByRole('button', { name: 'add', exact: true }).click();
    await rest(page);
    expect(await noticeOf(page)).toBe('');
    expect(await page.evaluate(() => window.neuralSdfDemo.traced)).toBe(true);
    const cut = await picture(page, 'demo-edit');
    const counts = await page.evaluate(() => ({ ...window.gpuCounts }));
    // The sphere that is taken from the torus: wider than its hole from here on.
    await moveSlider(page, 'radius', 0.55);
    await rest(page);
    const wider = await picture(page, 'demo-edit-wider');
    expect(await page.evaluate(() => window.gpuCounts)).toEqual(counts);
    expect(changedShare(cut, wider, 0, 0.35)).toBeGreaterThan(0.005);
    expect(changedShare(cut, wider, 0.4, 1)).toBeLessThan(0.005);

    await page.evaluate(() => window.gpuDevices.at(-1)?.destroy());
    await page.waitForFunction(() => window.gpuDevices.length > 1);
    await expect.poll(() => noticeOf(page), { timeout: 30_000 }).toBe('');
    await rest(page);
    const restored = await picture(page, 'demo-restored');
    expect(changedShare(wider, restored, 0, 1)).toBeLessThan(0.005);
    expect(complaints).toEqual([]);
  }, 240_000);
});

describe('without WebGPU', () => {
  it('says so, and shows baked meshes that follow the sliders', async () => {
    const { page, complaints } = await openDemo(false);
    await expect.poll(() => page.locator('#notice').textContent()).toMatch(/WebGPU.*baked meshes/);
    const before = await picture(page, 'demo-baked');
    await page.locator('.lil-title', { hasText: 'Neural shapes' }).click();
    await moveSlider(page, 'direction 1', 0.1);
    const framesBefore = await frames(page);
    await page.waitForFunction((drawn) => window.neuralSdfDemo.frames > drawn, framesBefore);
    await rest(page);
    const morphed = await picture(page, 'demo-baked-morphed');
    expect(changedShare(before, morphed, 0, 0.35)).toBeGreaterThan(0.02);
    expect(changedShare(before, morphed, 0.5, 1)).toBeLessThan(0.005);

    const sentence = (await noticeOf(page))!;
    await page.evaluate(() => {
      const canvas = document.getElementById('view') as HTMLCanvasElement;
      const context = canvas.getContext('webgl2')!.getExtension('WEBGL_lose_context')!;
      context.loseContext();
      canvas.addEventListener('webglcontextlost', () => setTimeout(() => context.restoreContext()), { once: true });
    });
    await expect.poll(() => noticeOf(page)).toMatch(/was lost/);
    await expect.poll(() => noticeOf(page), { timeout: 30_000 }).toBe(sentence);
    expect(complaints).toEqual([]);
  });
});

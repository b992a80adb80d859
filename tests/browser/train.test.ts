import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TrainHook } from '../../demo/train/main.js';
import { launchChromium } from '../support/chromium.js';
import { type DemoServer, startDemoServer } from '../support/demo-server.js';

declare global {
  interface Window {
    neuralSdfTraining: TrainHook;
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

async function openPage(webgpu: boolean, query = webgpu ? '' : '?webgl'): Promise<{ page: Page; complaints: string[] }> {
  browser = await launchChromium({ webgpu });
  const page = await browser.newPage({ viewport: { width: 800, height: 450 } });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || /uncaptured|error while/i.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${error.stack}`));
  await page.goto(`${server.url}/train.html${query}`);
  await page.evaluate(() => window.neuralSdfTraining.ready);
  return { page, complaints };
}

async function state(page: Page, wanted: TrainHook['state'], timeout: number): Promise<void> {
  await page.waitForFunction((wanted) => window.neuralSdfTraining.state === wanted, wanted, { polling: 200, timeout });
}

/** Sets lil-gui's number by its label, as a hand would. */
async function setNumber(page: Page, label: string, value: number): Promise<void> {
  const input = page.locator('.lil-controller', { hasText: label }).locator('input').first();
  await input.fill(String(value));
  await input.press('Enter');
}

/** A decoder that a processor compiles, draws and trains several times as fast as the page's own. */
async function makeSmall(page: Page): Promise<void> {
  await page.locator('.lil-controller', { hasText: 'width' }).locator('select').selectOption('32');
  await setNumber(page, 'layers', 3);
}

/** A closed tetrahedron, one corner cut off by the others' plane: small enough to write down. */
const OFF = 'OFF\n4 4 6\n1 1 1\n1 -1 -1\n-1 1 -1\n-1 -1 1\n3 0 1 2\n3 0 3 1\n3 0 2 3\n3 1 3 2\n';

describe('training in the page', () => {
  it('learns a dropped mesh while the picture follows, and ends in a traced shape and a file', async () => {
    const { page, complaints } = await openPage(true);
    await page.screenshot({ path: 'tests/out/train-open.png' });
    await page.evaluate((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'tetrahedron.off'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    }, OFF);
    await page.waitForFunction(() => document.getElementById('notice')?.textContent?.includes('tetrahedron'));
    await makeSmall(page);
    await setNumber(page, 'seconds', 20);
    await page.getByRole('button', { name: 'train', exact: true }).click();
    await state(page, 'training', 10_000);
    await page.waitForFunction(() => window.neuralSdfTraining.snapshots >= 2 && window.neuralSdfTraining.traced, undefined, {
      polling: 500,
      timeout: 120_000,
    });
    await page.screenshot({ path: 'tests/out/train-learning.png', timeout: 120_000 });
    await state(page, 'trained', 120_000);
    const { chamferX1000 } = await page.evaluate(() => window.neuralSdfTraining);
    expect(chamferX1000).toHaveLength(1);
    expect(chamferX1000[0]).toBeLessThan(1);
    await page.waitForFunction(() => window.neuralSdfTraining.traced, undefined, { polling: 500, timeout: 120_000 });
    await page.waitForTimeout(3000);
    await page.screenshot({ path: 'tests/out/train-done.png', timeout: 120_000 });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'save as .glb' }).click();
    expect((await download).suggestedFilename()).toBe('tetrahedron.glb');
    expect(complaints).toEqual([]);
  }, 400_000);

  it("learns on the scene's own device, whose picture shows the weights without a readback", async () => {
    const { page, complaints } = await openPage(true, '?page');
    await makeSmall(page);
    await setNumber(page, 'seconds', 10);
    await page.getByRole('button', { name: 'train', exact: true }).click();
    await state(page, 'trained', 200_000);
    const { snapshots, chamferX1000 } = await page.evaluate(() => window.neuralSdfTraining);
    expect(snapshots).toBeGreaterThan(0);
    // A processor plays the GPU, so that there were a few steps only: a shape, not yet the shape.
    expect(chamferX1000).toHaveLength(1);
    expect(complaints).toEqual([]);
  }, 400_000);

  it('says what is wrong with a file that is no mesh, and goes on', async () => {
    const { page } = await openPage(false);
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['hello'], 'note.txt'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    });
    await page.waitForFunction(() => document.getElementById('notice')?.textContent?.includes('.off'));
    expect(await page.evaluate(() => window.neuralSdfTraining.state)).toBe('ready');
  });
});

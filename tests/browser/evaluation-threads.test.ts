import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationThreads } from '../../src/wasm/evaluation-threads.js';
import type { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { launchChromium } from '../support/chromium.js';

/** What the bundle below hangs on the window. */
interface Bundle {
  readonly EvaluationThreads: typeof EvaluationThreads;
  readonly createWasmEvaluator: typeof createWasmEvaluator;
  makeDecoder(width: number): Parameters<typeof EvaluationThreads.create>[0];
}
declare global {
  interface Window {
    bundle: Bundle;
  }
}

const ENTRY = `
  export { EvaluationThreads } from './src/wasm/evaluation-threads.js';
  export { createWasmEvaluator } from './src/wasm/wasm-evaluator.js';
  import { initializeDecoder } from './src/decoder/decoder.js';
  import { DEFAULT_DECODER_SPEC } from './src/decoder/spec.js';
  import { Random } from './src/random.js';
  export const makeDecoder = (width) =>
    initializeDecoder({ ...DEFAULT_DECODER_SPEC, codeLength: 4, dims: [width, width, width], latentIn: [] }, new Random(1));
`;
const PAGE = 'http://page.test/';

describe('wasm evaluation on threads, in a page', () => {
  let browser: Browser;
  let script: string;
  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: ENTRY, resolveDir: process.cwd() },
      bundle: true,
      minify: true,
      write: false,
      format: 'iife',
      globalName: 'bundle',
      target: 'es2022',
    });
    script = outputFiles[0].text;
    browser = await launchChromium({ webgpu: false });
  });
  afterAll(() => browser?.close());

  /** A page of its own, that loads nothing but the bundle. */
  async function open(policy?: string): Promise<Page> {
    const page = await browser.newPage();
    const headers: Record<string, string> = policy ? { 'content-security-policy': policy } : {};
    await page.route('**/*', (route) =>
      route.request().url() === PAGE
        ? route.fulfill({ contentType: 'text/html', headers, body: '<script src="bundle.js"></script>' })
        : route.fulfill({ contentType: 'text/javascript', body: route.request().url().endsWith('bundle.js') ? script : '' }),
    );
    await page.goto(PAGE);
    return page;
  }

  it("needs nothing but the bundle, gives the calling thread's very bits, and leaves the page its turns", async () => {
    const page = await open();
    const { same, turnsOnThreads, turnsOnPage } = await page.evaluate(async () => {
      const { EvaluationThreads, createWasmEvaluator, makeDecoder } = window.bundle;
      const decoder = makeDecoder(256);
      const latent = Float32Array.of(0.1, -0.2, 0.3, 0);
      const points = Float32Array.from({ length: 3 * 8192 }, (_, i) => Math.sin(12.9 * i));
      let turns = 0;
      const clock = setInterval(() => turns++, 1);
      const threads = await EvaluationThreads.create(decoder, 1);
      turns = 0;
      const answers = await Promise.all([0, 1, 2].map(() => threads.evaluate(points, latent)));
      const turnsOnThreads = turns;
      threads.dispose();
      const evaluator = await createWasmEvaluator(decoder, latent);
      const expected = new Float32Array(8192);
      turns = 0;
      for (let i = 0; i < 3; i++) evaluator.evaluate(points, expected);
      const turnsOnPage = turns;
      clearInterval(clock);
      const same = answers.every(({ distances }) => distances.every((value, i) => value === expected[i]));
      return { same, turnsOnThreads, turnsOnPage };
    });
    expect(same).toBe(true);
    expect(turnsOnPage).toBe(0);
    expect(turnsOnThreads).toBeGreaterThan(2);
  });

  it('says so where a page forbids workers, for the caller to go on without', async () => {
    const page = await open("worker-src 'none'");
    const code = await page.evaluate(async () => {
      const { EvaluationThreads, makeDecoder } = window.bundle;
      return EvaluationThreads.create(makeDecoder(16), 2).then(
        () => 'created',
        (error: { code: string }) => error.code,
      );
    });
    expect(code).toBe('BACKEND_UNAVAILABLE');
  });
});

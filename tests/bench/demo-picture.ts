/**
 * Remakes the README's picture, the page of `npm start` at rest: npm run bench -- demo-picture
 * Minutes, where a processor plays the GPU.
 */
import type { DemoHook } from '../../demo/main.js';
import { launchChromium } from '../support/chromium.js';
import { startDemoServer } from '../support/demo-server.js';

declare global {
  interface Window {
    neuralSdfDemo: DemoHook;
  }
}

const PATH = 'assets/demo.png';
/** What the page says of a software GPU is of no use to whoever looks at the picture. */
const WITHOUT_NOTICE = '#notice { display: none !important }';

const server = await startDemoServer();
const browser = await launchChromium({ webgpu: true });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 675 } });
  await page.goto(`${server.url}/?sharpness=1`);
  await page.evaluate(() => window.neuralSdfDemo.ready);
  await page.waitForFunction(() => window.neuralSdfDemo.atRest, undefined, { polling: 500, timeout: 600_000 });
  await page.screenshot({ path: PATH, style: WITHOUT_NOTICE });
  console.log(`${PATH} written`);
} finally {
  await browser.close();
  server.stop();
}

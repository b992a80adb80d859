import { OFFERS } from './assets.js';
import { acceptFiles } from './drop.js';
import { createGraphics } from './engine.js';
import { FramePacing } from './frame-pacing.js';
import { Gallery } from './gallery.js';
import type { GpuCounts } from './gpu-counts.js';
import { hideLoading, showError, showLoading, showStandingNotice } from './messages.js';
import { recoverFromDeviceLoss } from './recovery.js';
import { Studio } from './studio.js';

/** Read-only view of the running page, for the browser test. */
export interface DemoHook {
  /** Settles once every piece is on the screen, rejects when the page could not open. */
  readonly ready: Promise<void>;
  /** Frames drawn so far. */
  readonly frames: number;
  /** Whether every piece is traced per pixel. */
  readonly traced: boolean;
  /** Nothing moves, triangles and bricks have caught up with shapes, and the picture is as sharp as it gets. */
  readonly atRest: boolean;
  /** Balls in the room. */
  readonly balls: number;
  /** The asset on show. */
  readonly asset: string;
  readonly created: Readonly<GpuCounts>;
}

async function open(): Promise<Omit<DemoHook, 'ready'>> {
  const canvas = document.getElementById('view') as HTMLCanvasElement;
  showLoading('Looking for a graphics adapter…');
  // ?webgl does without WebGPU; ?sharpness=0.5 fixes the resolution, so that pictures can be compared; ?asset=mugs opens with another asset.
  const query = new URLSearchParams(location.search);
  const graphics = await createGraphics(canvas, query.has('webgl'));
  showLoading('Lighting the studio…');
  const studio = await Studio.create(graphics.engine, canvas, graphics.software ? 512 : 2048);
  const sharpness = Number(query.get('sharpness')) || undefined;
  const pacing = new FramePacing(graphics, studio, canvas, sharpness);
  const gallery = new Gallery(graphics, studio, pacing);
  recoverFromDeviceLoss(graphics, async () => {
    // What is filtered on a device before its first frame comes out too dark.
    await pacing.nextFrame();
    await studio.restore();
    gallery.changed();
  });
  const asked = query.get('asset') ?? '';
  await gallery.present(asked in OFFERS ? asked : 'chairs');
  acceptFiles(([file]) => void gallery.presentFile(file).catch(showError), showError);

  showLoading('Compiling the decoder…');
  pacing.start();
  if (graphics.withoutWebGpu === undefined) {
    while (!gallery.show.isTraced) await pacing.nextFrame();
  } else {
    const shown = 'Shapes are shown as baked meshes, made by marching cubes, instead of being traced per pixel.';
    showStandingNotice(`${graphics.withoutWebGpu} ${shown}`);
    await Promise.all(gallery.show.pieces.map((piece) => piece.baked()));
  }
  await studio.scene.whenReadyAsync();
  gallery.changed();
  await pacing.nextFrame();
  hideLoading();
  return {
    get frames() {
      return pacing.frames;
    },
    get traced() {
      return gallery.show.isTraced;
    },
    get atRest() {
      return pacing.atRest && gallery.isSettled;
    },
    get balls() {
      return gallery.balls.count;
    },
    get asset() {
      return gallery.show.name;
    },
    created: graphics.created,
  };
}

const opened = open();
opened.catch(showError);
const hook: { -readonly [K in 'ready']: DemoHook[K] } = { ready: opened.then(() => {}) };
hook.ready.catch(() => {});
(window as unknown as { neuralSdfDemo: unknown }).neuralSdfDemo = hook;
void opened.then((running) => Object.defineProperties(hook, Object.getOwnPropertyDescriptors(running)));

import type { Graphics } from './engine.js';
import { showError, showNotice } from './messages.js';

/** After which a new device is not expected any more, milliseconds. */
const PATIENCE = 15_000;

/**
 * A device may be lost at any time: a driver is updated, a laptop changes its graphics card. Babylon asks for another one and the plugin
 * brings its shapes back; the page says what it is waiting for.
 * @param restore brings back what neither of them knows of
 */
export function recoverFromDeviceLoss({ engine }: Graphics, restore: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  engine.onContextLostObservable.add(() => {
    showNotice('The graphics device was lost. Waiting for another…');
    clearTimeout(timer);
    timer = setTimeout(() => showError(new Error('The graphics device was lost and did not come back: reload the page.')), PATIENCE);
  });
  engine.onContextRestoredObservable.add(() => {
    clearTimeout(timer);
    restore().then(() => showNotice(''), showError);
  });
}

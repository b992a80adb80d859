import type { GUI } from 'lil-gui';
import { OFFERS } from '../assets.js';
import { MOST_IN_FIELD } from '../field.js';
import type { BakedView } from '../piece.js';
import type { Show } from '../show.js';
import { addFolder, hint } from './hint.js';

export interface SceneActions {
  /** One of OFFERS. */
  present(name: string): void;
  openFile(): void;
  dropBalls(): void;
  removeBalls(): void;
  onError(error: unknown): void;
}

/** What stands in the studio: which asset, how many of it, and balls. */
export function addSceneFolder(gui: GUI, show: Show, actions: SceneActions): void {
  const folder = addFolder(gui, 'Scene');
  const offered = Object.keys(OFFERS);
  const state = { asset: show.name, field: show.field.count };
  const names = offered.includes(show.name) ? offered : [...offered, show.name];
  const asset = folder.add(state, 'asset', names).onChange((name: string) => actions.present(name));
  hint(asset, OFFERS[show.name]?.about ?? 'A file of your own.');
  hint(
    folder.add({ open: () => actions.openFile() }, 'open').name('open a .glb…'),
    'Or drop a file with neural shapes anywhere on the page.',
  );
  if (show.field.isPossible) {
    const field = folder.add(state, 'field', 0, MOST_IN_FIELD, 1).name('field of');
    field.onChange((count: number) => {
      try {
        show.field.count = count;
      } catch (error) {
        actions.onError(error);
      }
    });
    hint(field, 'So many more behind the row: instances, drawn in one call, each with its own latent code.');
  }
  hint(
    folder.add({ drop: () => actions.dropBalls() }, 'drop').name('drop balls'),
    'Havok bounces them off colliders baked from the shapes.',
  );
  hint(folder.add({ remove: () => actions.removeBalls() }, 'remove').name('remove balls'), 'Takes all balls away.');
}

/** The triangles behind the pixels. @param traced without WebGPU there is no choice */
export function addTrianglesFolder(gui: GUI, show: Show, traced: boolean): void {
  const folder = addFolder(gui, 'Triangles', true);
  const state = { baked: 'off' as BakedView, colliders: false };
  if (traced) {
    const views: BakedView[] = ['off', 'wires over it', 'instead of it'];
    const baked = folder.add(state, 'baked', views).name('baked mesh');
    baked.onChange((view: BakedView) => {
      for (const piece of show.pieces) piece.bakedView = view;
    });
    hint(baked, 'Marching cubes of the current shape; it follows edits after a pause.');
  }
  const colliders = folder.add(state, 'colliders').onChange((visible: boolean) => {
    for (const piece of show.pieces) piece.colliderVisible = visible;
  });
  hint(colliders, 'What the physics engine sees.');
}

import type { GUI } from 'lil-gui';
import { addFolder, hint } from './hint.js';

/** Rows, and what each means; those that only tracing has. */
const ROWS = {
  shapes: [
    'shapes',
    'Traced per pixel, or shown as baked meshes: while shaders compile, small on the screen, or where there is no WebGPU.',
    false,
  ],
  decoder: ['decoder', 'How its weights are put before the shader, and why.', true],
  bricks: [
    'bricks',
    'Of a wide decoder: how fine its bricks are by now, and by how much they differ from the decoder, measured near the surface.',
    true,
  ],
  picture: ['picture', 'Pixels of the canvas, and the share of the resolution at which the frame budget has shapes traced.', false],
  frame: ['frame', 'From the submission of a frame to the end of the GPU’s work.', false],
  evaluations: ['evaluations', 'Of the decoder, a pixel of the pieces’ boxes, gradients counted as two; counted on demand.', true],
  shaders: ['shaders', 'Pipelines and shader modules made so far: neither sliders nor edits add any.', true],
  adapter: ['adapter', 'What draws.', false],
} as const;

export type Reading = keyof typeof ROWS;

/** A table of what is going on. */
export class Readings {
  private readonly _values = new Map<Reading, HTMLElement>();

  /** @param onCount asked to count evaluations, or to stop; without effect where nothing is traced */
  constructor(gui: GUI, traced: boolean, onCount: (on: boolean) => void) {
    const folder = addFolder(gui, 'Numbers');
    const list = document.createElement('dl');
    list.className = 'readings';
    for (const [key, [name, meaning, onlyTraced]] of Object.entries(ROWS)) {
      if (onlyTraced && !traced) continue;
      const term = document.createElement('dt');
      const value = document.createElement('dd');
      term.textContent = name;
      term.title = meaning;
      value.textContent = '–';
      list.append(term, value);
      this._values.set(key as Reading, value);
    }
    folder.$children.append(list);
    if (!traced) return;
    hint(
      folder.add({ count: false }, 'count').name('count evaluations').onChange(onCount),
      'Compiles the shaders once more, with counters in them.',
    );
  }

  /** Rows without a value are left out. */
  set(key: Reading, value: string | undefined): void {
    const cell = this._values.get(key);
    if (!cell) return;
    const hidden = value === undefined;
    cell.hidden = hidden;
    (cell.previousElementSibling as HTMLElement).hidden = hidden;
    if (cell.textContent !== value) cell.textContent = value ?? '';
  }
}

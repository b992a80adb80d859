import type { Controller, GUI } from 'lil-gui';
import type { Show } from '../show.js';
import { addFolder, hint } from './hint.js';

/** How far a slider goes, standard deviations. */
const REACH = 2.5;
const SLIDERS = 6;

/** What the picked piece's latent code is: a preset, a place along the principal directions, a point between two presets. */
export class ShapeFolder {
  private readonly _state = {
    shape: 0,
    directions: Array.from({ length: SLIDERS }, () => 0),
    first: 0,
    second: 1,
    blend: 0,
    walk: false,
  };
  private readonly _sliders: Controller[];
  private readonly _preset: Controller;

  constructor(
    gui: GUI,
    private readonly _show: Show,
    private readonly _picked: () => number,
  ) {
    const { _state: state } = this;
    const { editor, startShapes, shapeNames } = _show;
    const names = Object.fromEntries(shapeNames.map((name, i) => [name, i]));
    state.first = startShapes[0];
    state.second = startShapes[1] ?? 0;
    const folder = addFolder(gui, 'Shape');
    this._preset = folder
      .add(state, 'shape', names)
      .name('preset')
      .onChange((i: number) => editor.choose(_picked(), i));
    hint(this._preset, 'One of the shapes that the decoder was trained on.');
    const count = Math.min(SLIDERS, editor.distribution.directions.length);
    this._sliders = Array.from({ length: count }, (_, k) =>
      hint(
        folder
          .add(state.directions, k, -REACH, REACH, 0.01)
          .name(`direction ${k + 1}`)
          .onChange((value: number) => editor.setCoordinate(_picked(), k, value)),
        `Along principal direction ${k + 1} of the latent codes, in standard deviations.`,
      ),
    );
    hint(folder.add({ random: () => editor.chooseRandom(_picked()) }, 'random').name('random shape'), 'A shape that nobody modelled.');
    hint(folder.add({ reset: () => editor.reset(_picked()) }, 'reset'), 'Back to the shape it had at first.');
    hint(
      folder
        .add(state, 'walk')
        .name('morph all')
        .onChange((on: boolean) => {
          editor.walks = on;
        }),
      'Every piece wanders from shape to shape.',
    );
    if (shapeNames.length > 1) this._addBlend(addFolder(gui, 'Blend', true), names);
  }

  /** Brings the controls to where the picked piece is. */
  follow(): void {
    const coordinates = this._show.editor.coordinates(this._picked());
    for (const [k, slider] of this._sliders.entries()) {
      if (document.activeElement && slider.domElement.contains(document.activeElement)) continue;
      this._state.directions[k] = Math.round(100 * coordinates[k]) / 100;
      slider.updateDisplay();
    }
  }

  private _addBlend(folder: GUI, names: Record<string, number>): void {
    const { _state: state } = this;
    const blend = (): void => this._show.editor.blend(this._picked(), state.first, state.second, state.blend);
    hint(folder.add(state, 'first', names).name('A').onChange(blend), 'The shape at the left end of the slider.');
    hint(folder.add(state, 'second', names).name('B').onChange(blend), 'The shape at the right end of the slider.');
    hint(folder.add(state, 'blend', 0, 1, 0.005).name('A to B').onChange(blend), 'The straight line between two latent codes.');
  }
}

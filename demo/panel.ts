import GUI, { type Controller } from 'lil-gui';
import type { BakedView, Chair } from './chair.js';
import { colorOf, setColor } from './materials.js';
import type { ShapeEditor } from './shape-editor.js';
import { PANEL_OPENS_FROM } from './studio.js';

/** How far a slider goes, standard deviations. */
const REACH = 2.5;
const SLIDERS = 8;

/** What the panel may do beside editing shapes. */
export interface PanelActions {
  pick(chair: number): void;
  dropBalls(): Promise<void>;
  removeBalls(): void;
  showColliders(visible: boolean): void;
  countEvaluations(on: boolean): void;
  changed(): void;
}

/** Text shown in the panel. */
export interface Readings {
  frame: string;
  picture: string;
  evaluations: string;
  pipelines: string;
  adapter: string;
}

/** The lil-gui panel: shows the picked chair, and edits it. */
export class Panel {
  readonly readings: Readings = { frame: '–', picture: '–', evaluations: 'not counted', pipelines: '–', adapter: '–' };
  private readonly _gui = new GUI({ title: 'Neural chairs' });
  private readonly _state = {
    chair: 0,
    shape: 0,
    directions: Array.from({ length: SLIDERS }, () => 0),
    first: 0,
    second: 1,
    blend: 0,
    walk: false,
    color: '#ffffff',
    roughness: 0.5,
    metalness: 0,
    baked: 'off' as BakedView,
    colliders: false,
    count: false,
  };
  private readonly _sliders: Controller[];
  private readonly _finish: Controller[];
  private readonly _readouts: Controller[] = [];

  constructor(
    private readonly _chairs: readonly Chair[],
    private readonly _editor: ShapeEditor,
    shapeNames: readonly string[],
    startShapes: readonly number[],
    private readonly _actions: PanelActions,
    /** Whether shapes are traced: without WebGPU there is less to choose and to count. */
    traced: boolean,
  ) {
    const state = this._state;
    state.shape = startShapes[0];
    state.first = startShapes[0];
    state.second = startShapes[1] ?? 0;
    const gui = this._gui;
    const names = Object.fromEntries(shapeNames.map((name, i) => [name, i]));

    gui.add(state, 'chair', Object.fromEntries(_chairs.map((_, i) => [`${i + 1}`, i]))).onChange((chair: number) => _actions.pick(chair));

    const shape = gui.addFolder('Shape');
    shape
      .add(state, 'shape', names)
      .name('preset')
      .onChange((i: number) => _editor.choose(state.chair, i));
    const count = Math.min(SLIDERS, _editor.distribution.directions.length);
    this._sliders = Array.from({ length: count }, (_, k) =>
      shape
        .add(state.directions, k, -REACH, REACH, 0.01)
        .name(`direction ${k + 1}`)
        .onChange((value: number) => _editor.setCoordinate(state.chair, k, value)),
    );
    shape.add({ random: () => _editor.chooseRandom(state.chair) }, 'random').name('random shape');
    shape.add({ reset: () => _editor.reset(state.chair) }, 'reset').name('reset');
    shape
      .add(state, 'walk')
      .name('morph all chairs')
      .onChange((on: boolean) => {
        _editor.walks = on;
      });

    const blend = gui.addFolder('Blend');
    const blendNow = (): void => _editor.blend(state.chair, state.first, state.second, state.blend);
    blend.add(state, 'first', names).name('A').onChange(blendNow);
    blend.add(state, 'second', names).name('B').onChange(blendNow);
    blend.add(state, 'blend', 0, 1, 0.005).name('A to B').onChange(blendNow);

    const material = gui.addFolder('Material');
    const picked = () => _chairs[state.chair].material;
    this._finish = [
      material.addColor(state, 'color').onChange((hex: string) => this._edit(() => setColor(picked(), hex))),
      material.add(state, 'roughness', 0.05, 1, 0.01).onChange((value: number) => this._edit(() => (picked().roughness = value))),
      material.add(state, 'metalness', 0, 1, 0.01).onChange((value: number) => this._edit(() => (picked().metallic = value))),
    ];

    const triangles = gui.addFolder('Triangles and balls');
    if (traced) {
      const views: BakedView[] = ['off', 'wires over it', 'instead of it'];
      triangles
        .add(state, 'baked', views)
        .name('baked mesh')
        .onChange((view: BakedView) => {
          for (const chair of _chairs) chair.bakedView = view;
        });
    }
    triangles.add(state, 'colliders').onChange((visible: boolean) => _actions.showColliders(visible));
    triangles.add({ drop: () => void _actions.dropBalls() }, 'drop').name('drop balls');
    triangles.add({ remove: () => _actions.removeBalls() }, 'remove').name('remove balls');

    const numbers = gui.addFolder('Numbers');
    if (traced)
      numbers
        .add(state, 'count')
        .name('count evaluations')
        .onChange((on: boolean) => _actions.countEvaluations(on));
    for (const [key, name] of READOUTS) {
      if (!traced && (key === 'evaluations' || key === 'pipelines')) continue;
      const row = numbers.add(this.readings, key).name(name).disable();
      row.domElement.classList.add('readout');
      this._readouts.push(row);
    }
    if (innerWidth < PANEL_OPENS_FROM) gui.close();
    this.pick(0);
  }

  /** Shows another chair. */
  pick(chair: number): void {
    const { material } = this._chairs[chair];
    Object.assign(this._state, {
      chair,
      color: colorOf(material),
      roughness: material.roughness ?? 1,
      metalness: material.metallic ?? 0,
    });
    for (const controller of [...this._finish, this._gui.controllers[0]]) controller.updateDisplay();
    this.follow();
  }

  /** Brings the sliders to where the picked chair is. */
  follow(): void {
    const coordinates = this._editor.coordinates(this._state.chair);
    for (const [k, slider] of this._sliders.entries()) {
      if (document.activeElement && slider.domElement.contains(document.activeElement)) continue;
      this._state.directions[k] = Math.round(100 * coordinates[k]) / 100;
      slider.updateDisplay();
    }
  }

  /** Shows what `readings` say now. */
  refreshReadings(): void {
    for (const readout of this._readouts) readout.updateDisplay();
  }

  private _edit(change: () => void): void {
    change();
    this._actions.changed();
  }
}

const READOUTS = [
  ['frame', 'frame'],
  ['picture', 'picture'],
  ['evaluations', 'evaluations'],
  ['pipelines', 'pipelines'],
  ['adapter', 'adapter'],
] as const;

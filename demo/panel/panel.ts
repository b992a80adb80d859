import GUI, { type Controller } from 'lil-gui';
import type { EditGizmo } from '../edit-gizmo.js';
import type { Show } from '../show.js';
import { PANEL_OPENS_FROM } from '../studio.js';
import { EditFolder } from './edit-folder.js';
import { hint } from './hint.js';
import { MaterialFolder } from './material-folder.js';
import { Readings } from './readings.js';
import { addSceneFolder, addTrianglesFolder, type SceneActions } from './scene-folder.js';
import { ShapeFolder } from './shape-folder.js';

/** What the panel may do beside editing shapes. */
export interface PanelActions extends SceneActions {
  pick(piece: number): void;
  countEvaluations(on: boolean): void;
  changed(): void;
}

/** Whether the last panel was closed; small screens start with a closed one. */
let isClosed = innerWidth < PANEL_OPENS_FROM;

/** The lil-gui panel of one show: shows the picked piece, and edits it. */
export class Panel {
  readonly readings: Readings;
  private readonly _gui = new GUI({ title: 'Neural shapes' });
  private readonly _state = { picked: 0 };
  private readonly _picker: Controller;
  private readonly _shape: ShapeFolder;
  private readonly _edits: EditFolder;
  private readonly _material: MaterialFolder;

  constructor(
    show: Show,
    gizmo: EditGizmo,
    actions: PanelActions,
    /** Whether shapes are traced: without WebGPU there is less to choose and to count. */
    traced: boolean,
  ) {
    const { _gui: gui, _state: state } = this;
    const picked = () => state.picked;
    addSceneFolder(gui, show, actions);
    this._picker = hint(
      gui
        .add(state, 'picked', Object.fromEntries(show.pieces.map((_, i) => [`${i + 1}`, i])))
        .name('picked piece')
        .onChange((piece: number) => actions.pick(piece)),
      'The piece that the panel edits; a click on one picks it too.',
    );
    this._shape = new ShapeFolder(gui, show, picked);
    this._edits = new EditFolder(gui, show, picked, gizmo, actions.onError);
    this._material = new MaterialFolder(gui, show, picked, actions.changed, traced);
    addTrianglesFolder(gui, show, traced);
    this.readings = new Readings(gui, traced, (on) => actions.countEvaluations(on));
    gui.$title.addEventListener('click', () => {
      isClosed = gui._closed;
    });
    if (isClosed) gui.close();
    this.pick(0);
  }

  /** Shows another piece. */
  pick(piece: number): void {
    this._state.picked = piece;
    this._picker.updateDisplay();
    this._edits.follow();
    this._material.follow();
    this.follow();
  }

  /** Brings the sliders to where the picked piece's latent code is. */
  follow(): void {
    this._shape.follow();
  }

  dispose(): void {
    this._edits.dispose();
    this._gui.destroy();
  }
}

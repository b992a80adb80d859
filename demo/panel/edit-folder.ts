import type { GUI } from 'lil-gui';
import type { Edit } from '../../plugin/index.js';
import type { EditGizmo, Handles } from '../edit-gizmo.js';
import { addEdit, OPERANDS, OPERATIONS, type Operand, type Operation, takesOperand } from '../edit-menu.js';
import type { Piece } from '../piece.js';
import type { Show } from '../show.js';
import { addEditSliders, titleOf } from './edit-sliders.js';
import { addFolder, hint } from './hint.js';

const HANDLES: readonly Handles[] = ['move', 'turn', 'none'];

/** Operations on the picked piece: adds them, and lists them with a slider for each of their numbers. */
export class EditFolder {
  private readonly _state = { operation: 'subtract' as Operation, operand: 'sphere' as Operand, handles: 'move' as Handles };
  private readonly _folder: GUI;
  private _rows: GUI[] = [];

  constructor(
    gui: GUI,
    private readonly _show: Show,
    private readonly _picked: () => number,
    private readonly _gizmo: EditGizmo,
    private readonly _onError: (error: unknown) => void,
  ) {
    const { _state: state } = this;
    this._folder = addFolder(gui, 'Edit');
    const operation = this._folder.add(state, 'operation', Object.keys(OPERATIONS));
    // Bricks hold one shape of their decoder, and no second one.
    const operands = _show.pieces[0].mesh.refusesOtherCodes ? OPERANDS.filter((kind) => kind !== 'another shape') : [...OPERANDS];
    const operand = hint(this._folder.add(state, 'operand', operands).name('with'), 'What the shape is combined with.');
    const explain = (): void => {
      hint(operation, OPERATIONS[state.operation]);
      operand.show(takesOperand(state.operation));
    };
    operation.onChange(explain);
    explain();
    hint(
      this._folder.add({ add: () => this._add() }, 'add').name('add'),
      'Does it to the picked piece. The first time, a shader is compiled.',
    );
    const handles = this._folder.add(state, 'handles', [...HANDLES]).onChange((value: Handles) => {
      _gizmo.handles = value;
    });
    hint(handles, 'What the picture shows to drag the operand, or the plane, of the edit that was opened last.');
    _gizmo.handles = state.handles;
    _gizmo.onDrag = () => {
      for (const row of this._rows) for (const control of row.controllers) control.updateDisplay();
    };
  }

  /** Lists the edits of the picked piece. */
  follow(): void {
    for (const row of this._rows) row.destroy();
    this._rows = [];
    const edits = [...this._piece.mesh.edits];
    for (const edit of edits) this._list(edit, edit === edits.at(-1));
    this._gizmo.attach(this._piece, edits.at(-1));
  }

  dispose(): void {
    this._gizmo.attach(undefined, undefined);
  }

  private get _piece(): Piece {
    return this._show.pieces[this._picked()];
  }

  private _add(): void {
    const { operation, operand } = this._state;
    try {
      const { startShapes, shapeNames } = this._show;
      // Some other shape than the piece's own.
      const other = (startShapes[this._picked()] + Math.ceil(shapeNames.length / 3)) % shapeNames.length;
      addEdit(this._piece.mesh.edits, operation, operand, other);
    } catch (error) {
      this._onError(error);
      return;
    }
    this._piece.edited();
    this.follow();
  }

  private _list(edit: Edit, open: boolean): void {
    const piece = this._piece;
    const row = this._folder.addFolder(titleOf(edit));
    if (!open) row.close();
    row.$title.addEventListener('click', () => {
      if (!row._closed) this._gizmo.attach(piece, edit);
    });
    const { shapes } = piece.mesh;
    addEditSliders(row, edit, {
      limits: piece.mesh.edits.limits,
      halfExtent: shapes.halfExtent,
      shapeNames: this._show.shapeNames,
      edited: () => {
        this._gizmo.follow();
        piece.edited();
      },
      onError: this._onError,
    });
    const remove = (): void => {
      edit.remove();
      piece.edited();
      this.follow();
    };
    hint(row.add({ remove }, 'remove'), 'Takes this operation out of the list.');
    this._rows.push(row);
  }
}

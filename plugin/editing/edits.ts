import type { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { checkEdits, editLimits } from '../../src/editing/check-edits.js';
import type { EditData, EditLimits, OperandData, Vector } from '../../src/editing/edit-data.js';
import { type EditPlan, planEdits } from '../../src/editing/edit-plan.js';
import { NeuralSdfError } from '../../src/errors.js';
import {
  type CombineEdit,
  type CutEdit,
  createEdit,
  type Edit,
  type EditList,
  type Loose,
  type RoundEdit,
  type ShellEdit,
  toPlain,
} from './edit-handles.js';

/** Milliseconds without a change after which the baked mesh follows. */
const SETTLED_AFTER = 300;

/** The mesh that edits belong to. */
export interface EditedMesh {
  readonly name: string;
  readonly shapes: NeuralShapes;
  getScene(): Scene;
  /** Why no shape but the mesh's own can be traced, as where its decoder is not evaluated but sampled; undefined where one can. */
  readonly refusesOtherCodes: string | undefined;
  /** Shows the edits from the next frame on. */
  applyEdits(plan: EditPlan): void;
  /** Called when the edits have stayed the same for a while. */
  onEditsSettled(): void;
}

/**
 * Operations on a neural shape, done one after another, each on what those before it left: `mesh.edits.subtract({ kind: 'sphere', radius: 0.3 })`.
 * The first one of a mesh has a shader compiled; from then on, whatever is added, moved or removed costs one upload and one refill of the
 * grid of free leaps a frame.
 */
export class ShapeEdits implements Iterable<Edit> {
  private _edits: Edit[] = [];
  private _applied = '[]';
  private _plan: EditPlan | undefined;
  private _isDisposed = false;
  private _settling: ReturnType<typeof setTimeout> | undefined;
  private readonly _beforeRender: Observer<Scene>;
  private readonly _list: EditList;

  constructor(private readonly _mesh: EditedMesh) {
    this._list = {
      check: (edit, data) => {
        this._check(this._edits.map((one) => (one === edit ? data : one.toJSON())));
      },
      remove: (edit) => {
        this._edits = this._edits.filter((one) => one !== edit);
      },
    };
    this._beforeRender = _mesh.getScene().onBeforeRenderObservable.add(() => this.flush());
  }

  /**
   * Adds an operand to the shape.
   * @param smoothness width of the blend, model units, at most `limits.smoothness`; default 0, a sharp edge
   * @throws NeuralSdfError INVALID_ARGUMENT with the field's name, SHAPE_NOT_FOUND, LATENT_LENGTH, NOT_FINITE; DECODER_UNSUPPORTED for
   * operands of kind 'shape' where the decoder is traced as bricks, or trains on the GPU
   */
  union(operand: Loose<OperandData>, { smoothness = 0 } = {}): CombineEdit {
    return this._add({ type: 'union', operand: toPlain(operand), smoothness }) as unknown as CombineEdit;
  }

  /** Takes an operand away; otherwise as `union`. */
  subtract(operand: Loose<OperandData>, { smoothness = 0 } = {}): CombineEdit {
    return this._add({ type: 'subtract', operand: toPlain(operand), smoothness }) as unknown as CombineEdit;
  }

  /** Keeps what the operand holds too; otherwise as `union`. */
  intersect(operand: Loose<OperandData>, { smoothness = 0 } = {}): CombineEdit {
    return this._add({ type: 'intersect', operand: toPlain(operand), smoothness }) as unknown as CombineEdit;
  }

  /**
   * Swells the shape, which rounds its outer edges.
   * @param radius model units; with half the thickness of each shell at most `limits.offset`
   * @throws NeuralSdfError INVALID_ARGUMENT
   */
  round(radius: number): RoundEdit {
    return this._add({ type: 'round', radius }) as unknown as RoundEdit;
  }

  /**
   * Leaves a wall about the surface: what a cut then opens is hollow.
   * @param thickness model units
   * @throws NeuralSdfError INVALID_ARGUMENT
   */
  shell(thickness: number): ShellEdit {
    return this._add({ type: 'shell', thickness }) as unknown as ShellEdit;
  }

  /**
   * Takes away what lies in front of a plane: dot(normal, point) > offset.
   * @param normal of any length but 0
   * @param offset model units
   * @throws NeuralSdfError INVALID_ARGUMENT
   */
  cut(normal: Vector | Vector3, offset: number, { smoothness = 0 } = {}): CutEdit {
    return this._add({ type: 'cut', ...toPlain({ normal }), offset, smoothness }) as unknown as CutEdit;
  }

  private _check(value: unknown): readonly EditData[] {
    const { name, shapes, refusesOtherCodes } = this._mesh;
    const edits = checkEdits(value, shapes);
    if (refusesOtherCodes && edits.some((edit) => 'operand' in edit && edit.operand.kind === 'shape')) {
      throw new NeuralSdfError('DECODER_UNSUPPORTED', `mesh "${name}": ${refusesOtherCodes}`);
    }
    return edits;
  }

  private _add(data: object): Edit {
    const edits = this._check([...this.toJSON(), data]);
    const edit = createEdit(this._list, edits[edits.length - 1]);
    this._edits.push(edit);
    return edit;
  }

  /** Has the shader of edited shapes compiled ahead of the first edit. */
  prepare(): void {
    if (this.plan) return;
    this._plan = planEdits([], this._mesh.shapes);
    this._mesh.applyEdits(this._plan);
  }

  get length(): number {
    return this._edits.length;
  }

  [Symbol.iterator](): Iterator<Edit> {
    return this._edits.values();
  }

  /** How wide blends and how large offsets may be, as the list stands. */
  get limits(): EditLimits {
    return editLimits(this._mesh.shapes, this.toJSON());
  }

  /**
   * Changes the order.
   * @param index where the operation is to stand
   * @throws NeuralSdfError INVALID_ARGUMENT for one that is not in the list
   */
  move(edit: Edit<never> | Edit, index: number): void {
    const others = this._edits.filter((one) => one !== edit);
    if (others.length === this._edits.length || !(index >= 0 && index <= others.length)) {
      throw new NeuralSdfError(
        'INVALID_ARGUMENT',
        `edits.move: index ${index}, of an operation of this list, must be 0 to ${this._edits.length - 1}`,
      );
    }
    others.splice(index, 0, edit as Edit);
    this._edits = others;
  }

  clear(): void {
    this._edits = [];
  }

  /** Plain data that `load` takes back. */
  toJSON(): EditData[] {
    return this._edits.map((edit) => edit.toJSON());
  }

  /**
   * Replaces all operations.
   * @param json from `toJSON`, or from anywhere
   * @throws NeuralSdfError as `union`; the list then stays as it was
   */
  load(json: unknown): void {
    this._edits = this._check(structuredClone(json)).map((data) => createEdit(this._list, data));
  }

  /** What is shown, ready to be evaluated: see EditedField. Undefined where nothing was ever done to the shape. */
  get plan(): EditPlan | undefined {
    this.flush();
    return this._plan;
  }

  /** Brings what is shown up to date; called before each frame. */
  flush(): void {
    // What was being prepared for a mesh may still ask how it looks when the mesh is gone.
    if (this._isDisposed) return;
    const edits = this.toJSON();
    const text = JSON.stringify(edits);
    if (text === this._applied) return;
    this._applied = text;
    try {
      this._plan = planEdits(this._check(edits), this._mesh.shapes);
    } catch (error) {
      Logger.Warn(`babylon-neural-sdf: mesh "${this._mesh.name}" stays as it was: ${error}`);
      return;
    }
    this._mesh.applyEdits(this._plan);
    this.cancelSettling();
    this._settling = setTimeout(() => this._mesh.onEditsSettled(), SETTLED_AFTER);
  }

  /** For whoever has the baked mesh follow by other means. */
  cancelSettling(): void {
    clearTimeout(this._settling);
  }

  dispose(): void {
    this._isDisposed = true;
    this.cancelSettling();
    this._beforeRender.remove();
  }
}

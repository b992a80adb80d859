import { PositionGizmo } from '@babylonjs/core/Gizmos/positionGizmo.js';
import { RotationGizmo } from '@babylonjs/core/Gizmos/rotationGizmo.js';
import { Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { UtilityLayerRenderer } from '@babylonjs/core/Rendering/utilityLayerRenderer.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { CombineEdit, CutEdit, type Edit } from '../plugin/index.js';
import type { Piece } from './piece.js';

/** What the picture shows to drag. */
export type Handles = 'move' | 'turn' | 'none';

/** Babylon's own gizmos on the operand of an edit, or on the plane of a cut. */
export class EditGizmo {
  /** Called after a drag changed the edit, at each of its steps. */
  onDrag: () => void = () => {};
  private readonly _layer: UtilityLayerRenderer;
  private readonly _node: TransformNode;
  private _shown: PositionGizmo | RotationGizmo | undefined;
  private _handles: Handles = 'move';
  private _piece: Piece | undefined;
  private _edit: Edit | undefined;

  constructor(
    scene: Scene,
    private readonly _changed: () => void,
  ) {
    this._layer = new UtilityLayerRenderer(scene);
    this._node = new TransformNode('edited operand', scene);
    this._node.rotationQuaternion = Quaternion.Identity();
    // Handles light up under the pointer, and the page draws only what it is told of.
    scene.onPrePointerObservable.add(() => {
      if (this._shown) _changed();
    });
  }

  set handles(handles: Handles) {
    this._handles = handles;
    this._show();
  }

  /** Puts the handles on an edit of a piece; none, or one without a place, takes them away. */
  attach(piece: Piece | undefined, edit: Edit | undefined): void {
    const hasPlace = edit instanceof CombineEdit || edit instanceof CutEdit;
    this._piece = hasPlace ? piece : undefined;
    this._edit = hasPlace ? edit : undefined;
    this._node.parent = this._piece?.mesh ?? null;
    this.follow();
    this._show();
  }

  /** Brings the handles to where the edit is. */
  follow(): void {
    const edit = this._edit;
    if (edit instanceof CombineEdit) {
      this._node.position.copyFrom(edit.operand.position);
      this._node.rotationQuaternion!.copyFrom(edit.operand.rotation);
    } else if (edit instanceof CutEdit) {
      const normal = edit.normal.normalizeToNew();
      this._node.position.copyFrom(normal.scale(edit.offset));
      Quaternion.FromUnitVectorsToRef(Vector3.UpReadOnly, normal, this._node.rotationQuaternion!);
    }
    this._changed();
  }

  private _show(): void {
    this._shown?.dispose();
    this._shown = undefined;
    if (this._edit && this._handles !== 'none') {
      const gizmo = this._handles === 'move' ? new PositionGizmo(this._layer) : new RotationGizmo(this._layer);
      gizmo.updateGizmoRotationToMatchAttachedMesh = this._handles === 'turn' || this._edit instanceof CutEdit;
      gizmo.attachedNode = this._node;
      for (const axis of [gizmo.xGizmo, gizmo.yGizmo, gizmo.zGizmo]) axis.dragBehavior.onDragObservable.add(() => this._dragged());
      this._shown = gizmo;
    }
    this._changed();
  }

  private _dragged(): void {
    const { _edit: edit, _node: node } = this;
    if (edit instanceof CombineEdit) {
      edit.operand.position.copyFrom(node.position);
      edit.operand.rotation.copyFrom(node.rotationQuaternion!);
    } else if (edit instanceof CutEdit) {
      const normal = Vector3.Up().applyRotationQuaternionInPlace(node.rotationQuaternion!);
      edit.normal.copyFrom(normal);
      edit.offset = Vector3.Dot(normal, node.position);
    }
    this._piece?.edited();
    this.onDrag();
  }
}

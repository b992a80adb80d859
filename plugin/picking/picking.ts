import { PickingInfo } from '@babylonjs/core/Collisions/pickingInfo.js';
import { Ray } from '@babylonjs/core/Culling/ray.core.js';
import type { Plane } from '@babylonjs/core/Maths/math.plane.js';
import { Matrix, type Vector2, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Nullable } from '@babylonjs/core/types.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { Decoder } from '../../src/decoder/decoder.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import { EditedDistanceField } from '../../src/editing/edited-distance-field.js';
import { DecoderField, type DistanceField } from '../../src/tracing/distance-field.js';
import { boxWindow, exactMarch, hitNormal, marchRay, type Vector } from '../../src/tracing/march-ray.js';
import { clipPlanesOf } from '../budget/main-view.js';

/** What a mesh or an instance shows. */
export interface PickedShape {
  readonly shapes: NeuralShapes;
  /** [codeLength] */
  readonly latent: Float32Array;
  /** What was done to the shape, if anything. */
  readonly plan: EditPlan | undefined;
}

/** What a pick of a neural shape tells beyond Babylon's own: there are no faces and no texture coordinates, but a shape. */
export class NeuralSdfPickingInfo extends PickingInfo {
  /** The shape that was picked, [codeLength]. */
  readonly latent: Float32Array;
  /** Its index in the asset; -1 for a latent code that the asset does not hold. */
  readonly shapeIndex: number;
  /** Its name in the asset, if it has one. */
  readonly shapeName: string | undefined;
  private readonly _world: Matrix;

  /** @param _normal outward, of unit length, in the mesh's space; asked for once */
  constructor(
    mesh: AbstractMesh,
    { shapes: { shapes }, latent }: PickedShape,
    world: Matrix,
    private readonly _normal: () => Vector,
  ) {
    super();
    this.hit = true;
    this.pickedMesh = mesh;
    this._world = world.clone();
    this.latent = latent;
    this.shapeIndex = shapes.findIndex((shape) => latent.every((value, i) => value === shape.latent[i]));
    this.shapeName = shapes[this.shapeIndex]?.name;
  }

  /** The surface's own normal, by the decoder's gradient, towards the picking ray as ever. */
  override getNormal(useWorldCoordinates = false): Vector3 {
    const local = Vector3.FromArray(this._normal());
    const world = Vector3.TransformNormal(local, Matrix.Transpose(Matrix.Invert(this._world))).normalize();
    const normal = useWorldCoordinates ? world : local;
    return this.ray && Vector3.Dot(world, this.ray.direction) > 0 ? normal.negateInPlace() : normal;
  }

  override getTextureCoordinates(): Nullable<Vector2> {
    return null;
  }
}

/** Finds where rays meet one mesh's shape, exactly, on the processor. */
export class ShapePicker {
  private _edited: { readonly shape: DistanceField; readonly plan: EditPlan; readonly field: DistanceField } | undefined;
  private _shape: DistanceField | undefined;
  private _decoder: Decoder | undefined;
  private _latent: Float32Array = new Float32Array();

  constructor(private readonly _mesh: AbstractMesh) {}

  /**
   * The first surface along a ray that pixels show: from outside, within the ray's length, on the kept side of clip planes.
   * @param ray in the mesh's space
   * @param world the mesh's world matrix, or that of one of its thin instances
   * @param shape what is shown there
   */
  pick(ray: Ray, world: Matrix, shape: PickedShape): PickingInfo {
    const { shapes, plan } = shape;
    const bounds = plan?.bounds ?? shapes.halfExtent;
    // An edited distance is safe to step by whatever its size.
    const march = { ...exactMarch(shapes), ...(plan && { delta: Number.POSITIVE_INFINITY }) };
    const scale = ray.direction.length();
    const direction: Vector = [ray.direction.x / scale, ray.direction.y / scale, ray.direction.z / scale];
    const origin: Vector = [ray.origin.x, ray.origin.y, ray.origin.z];
    const box = boxWindow(origin, direction, bounds);
    const worldOrigin = Vector3.TransformCoordinates(ray.origin, world);
    const worldDirection = Vector3.TransformNormal(Vector3.FromArray(direction), world);
    const [start, end] = this._clip([Math.max(box.entry, 0), Math.min(box.exit, ray.length * scale)], worldOrigin, worldDirection);
    if (!(start < end)) return new PickingInfo();
    const field = this._currentField(shape);
    const at = (s: number): Vector => [origin[0] + direction[0] * s, origin[1] + direction[1] * s, origin[2] + direction[2] * s];
    const hit = marchRay(field, at(start), direction, end - start, march, box.entry >= start);
    if (!hit.found) return new PickingInfo();
    const length = start + hit.distance;
    let normal: Vector | undefined;
    const info = new NeuralSdfPickingInfo(this._mesh, shape, world, () => {
      normal ??= hitNormal(field, at(length), hit.capped, bounds);
      return normal;
    });
    info.distance = length * worldDirection.length();
    info.pickedPoint = worldDirection.scaleAndAddToRef(length, worldOrigin);
    return info;
  }

  /** The shape as it is drawn. */
  private _currentField({ shapes, latent: own, plan }: PickedShape): DistanceField {
    const shape = this._currentShape(shapes, own);
    if (!plan) return shape;
    if (this._edited?.shape !== shape || this._edited.plan !== plan) {
      const others = plan.latents.map((latent) => new DecoderField(shapes.decoder, latent));
      this._edited = { shape, plan, field: new EditedDistanceField(plan, shapes, [shape, ...others]) };
    }
    return this._edited.field;
  }

  /** Folded anew only where the shape has changed. */
  private _currentShape(shapes: NeuralShapes, latent: Float32Array): DistanceField {
    if (!this._shape || this._decoder !== shapes.decoder || latent.some((value, i) => value !== this._latent[i])) {
      this._decoder = shapes.decoder;
      this._latent = latent;
      this._shape = new DecoderField(shapes.decoder, latent);
    }
    return this._shape;
  }

  /** As fragment-ray.wgsl cuts a ray: Babylon keeps what lies on a plane's negative side. */
  private _clip([start, end]: readonly [number, number], origin: Vector3, direction: Vector3): readonly [number, number] {
    const { material } = this._mesh;
    const own = material ? clipPlanesOf<Plane>(material) : [];
    for (const [i, scenes] of clipPlanesOf<Plane>(this._mesh.getScene()).entries()) {
      const plane = own[i] ?? scenes;
      if (!plane) continue;
      const height = plane.signedDistanceTo(origin);
      const rise = Vector3.Dot(plane.normal, direction);
      if (rise === 0 && height > 0) return [0, 0];
      if (rise > 0) end = Math.min(end, -height / rise);
      if (rise < 0) start = Math.max(start, -height / rise);
    }
    return [start, end];
  }
}

/**
 * Has a baked mesh answer picks by its owner's exact surface, and only where the owner is not asked itself: pixels that show the one or
 * the other are picked alike.
 */
export function pickOwnerInstead(standIn: Mesh, owner: Mesh): void {
  standIn.intersects = (ray, fastCheck, trianglePredicate, onlyBoundingInfo, worldToUse) => {
    if (owner.isVisible || !owner.isPickable || !standIn.isEnabled()) return new PickingInfo();
    const world = owner.getWorldMatrix();
    const toOwner = (worldToUse ?? standIn.getWorldMatrix()).multiply(Matrix.Invert(world));
    return owner.intersects(Ray.Transform(ray, toOwner), fastCheck, trianglePredicate, onlyBoundingInfo, world);
  };
}

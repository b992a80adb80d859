import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { View } from '../../src/gpu/pack-view.js';

/** The one camera of a scene, looking through the whole canvas. Others trace as ever. */
export function isMainCamera(scene: Scene, camera: Camera): boolean {
  const { x, y, width, height } = camera.viewport;
  return (
    scene.activeCamera === camera &&
    !scene.activeCameras?.length &&
    camera.cameraRigMode === 0 &&
    !camera.outputRenderTarget &&
    x === 0 &&
    y === 0 &&
    width === 1 &&
    height === 1
  );
}

/** Of a scene or a material. */
export function clipPlanesOf<Plane>(owner: {
  clipPlane?: Plane | null;
  clipPlane2?: Plane | null;
  clipPlane3?: Plane | null;
  clipPlane4?: Plane | null;
  clipPlane5?: Plane | null;
  clipPlane6?: Plane | null;
}): (Plane | null | undefined)[] {
  return [owner.clipPlane, owner.clipPlane2, owner.clipPlane3, owner.clipPlane4, owner.clipPlane5, owner.clipPlane6];
}

export interface TargetSize {
  readonly width: number;
  readonly height: number;
}

/** What the scene's camera sees, as it stands: Babylon writes over its matrices, as other passes are drawn. */
export function viewOf(scene: Scene): View {
  const planes = clipPlanesOf(scene).flatMap((plane) =>
    plane ? [[plane.normal.x, plane.normal.y, plane.normal.z, plane.d] as const] : [],
  );
  return {
    view: scene.getViewMatrix().m.slice(),
    viewProjection: scene.getTransformMatrix().m.slice(),
    reverseDepth: scene.getEngine().useReverseDepthBuffer,
    clipPlanes: planes,
  };
}

/** The part of a texture of the camera's whole view that a mesh's box reaches, with some to spare: first and last column, first and last row. */
export function columnsAndRowsOf(scene: Scene, mesh: Mesh, { width, height }: TargetSize): [number, number, number, number] {
  const viewProjection = scene.getTransformMatrix();
  const { m } = viewProjection;
  let [left, right, bottom, top] = [width, 0, height, 0];
  for (const corner of mesh.getBoundingInfo().boundingBox.vectorsWorld) {
    // Behind the camera, a corner has no place on the screen.
    if (corner.x * m[3] + corner.y * m[7] + corner.z * m[11] + m[15] <= 0) return [0, width, 0, height];
    const { x, y } = Vector3.TransformCoordinates(corner, viewProjection);
    const [column, row] = [0.5 * width * (x + 1), 0.5 * height * (y + 1)];
    [left, right] = [Math.min(left, Math.floor(column) - 2), Math.max(right, Math.ceil(column) + 2)];
    [bottom, top] = [Math.min(bottom, Math.floor(row) - 2), Math.max(top, Math.ceil(row) + 2)];
  }
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  return [clamp(left, width), clamp(right, width), clamp(bottom, height), clamp(top, height)];
}

/** The rows of a texture of the camera's whole view that the shapes' boxes reach. */
export function rowsOf(scene: Scene, shapes: readonly { readonly mesh: Mesh }[], size: TargetSize): [number, number] {
  const parts = shapes
    .map(({ mesh }) => columnsAndRowsOf(scene, mesh, size))
    .filter(([left, right, bottom, top]) => left < right && bottom < top);
  return parts.length > 0 ? [Math.min(...parts.map((part) => part[2])), Math.max(...parts.map((part) => part[3]))] : [0, 0];
}

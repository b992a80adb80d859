import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Scene } from '@babylonjs/core/scene.js';

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

/** The rows of a texture of the camera's whole view that the meshes' boxes reach, with some to spare. */
export function rowsOf(scene: Scene, meshes: readonly Mesh[], height: number): [number, number] {
  const viewProjection = scene.getTransformMatrix();
  let [bottom, top] = [height, 0];
  for (const mesh of meshes) {
    for (const corner of mesh.getBoundingInfo().boundingBox.vectorsWorld) {
      const { x, y, z } = corner;
      const { m } = viewProjection;
      // Behind the camera, a corner has no place on the screen.
      if (x * m[3] + y * m[7] + z * m[11] + m[15] <= 0) return [0, height];
      const row = 0.5 * height * (Vector3.TransformCoordinates(corner, viewProjection).y + 1);
      bottom = Math.min(bottom, Math.floor(row) - 2);
      top = Math.max(top, Math.ceil(row) + 2);
    }
  }
  const clamp = (row: number) => Math.min(height, Math.max(0, row));
  return [clamp(bottom), Math.max(clamp(bottom), clamp(top))];
}

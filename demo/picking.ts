import '@babylonjs/core/Culling/ray.js';
import { PointerEventTypes } from '@babylonjs/core/Events/pointerEvents.js';
import { CreateTorus } from '@babylonjs/core/Meshes/Builders/torusBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Piece } from './piece.js';
import type { Studio } from './studio.js';

/** Which piece is picked: a click on one picks it, a ring on the floor shows it. */
export class Picking {
  private readonly _ring: Mesh;

  /**
   * @param _pieces what there is to pick, now
   * @param onPick called with the number of a piece that was clicked
   */
  constructor(
    studio: Studio,
    private readonly _pieces: () => readonly Piece[],
    onPick: (piece: number) => void,
  ) {
    this._ring = CreateTorus('picked', { diameter: 0.84, thickness: 0.022, tessellation: 72 }, studio.scene);
    this._ring.scaling.y = 0.35;
    const material = studio.material('picked', '#f4efe8', 1);
    material.unlit = true;
    this._ring.material = material;
    this._ring.isPickable = false;
    studio.scene.onPointerObservable.add(({ pickInfo }) => {
      const piece = _pieces().findIndex(({ mesh }) => mesh === pickInfo?.pickedMesh);
      if (piece >= 0) onPick(piece);
    }, PointerEventTypes.POINTERTAP);
  }

  show(piece: number): void {
    const { x, z } = this._pieces()[piece].mesh.position;
    this._ring.position.set(x, 0.003, z);
  }
}

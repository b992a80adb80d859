import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { NeuralSdfMesh } from '../plugin/index.js';
import { Field } from './field.js';
import { Finish, type Surface } from './finish.js';
import { createColliderMaterial, Piece, type Place } from './piece.js';
import { ShapeEditor } from './shape-editor.js';
import { StanceTable } from './stance.js';
import type { Studio } from './studio.js';

/** Left to right, in a shallow arc that opens to the viewer. */
const PLACES: readonly Place[] = [
  { x: -1.62, z: -0.2, turn: 0.62 },
  { x: -0.6, z: 0.05, turn: 0.22 },
  { x: 0.56, z: 0.1, turn: -0.3 },
  { x: 1.56, z: -0.25, turn: -0.72 },
];
/** Of places, the best for so many pieces, but one. */
const SUBSETS = [[], [1], [1, 2], [0, 1, 2], [0, 1, 2, 3]] as const;

/** Where the brass sphere sinks into a chair's seat. */
export const SEAT = new Vector3(PLACES[1].x + 0.06, 0.47, PLACES[1].z);

/** What a show needs of the page. */
export interface ShowHost {
  readonly studio: Studio;
  /** A processor plays the GPU. */
  readonly software: boolean;
  /** Called when what is to be seen changed. */
  changed(): void;
  onError(error: unknown): void;
}

/** The shapes of one asset in the studio: some that can be edited, in front, and a field of others behind them. */
export class Show {
  readonly pieces: readonly Piece[];
  readonly editor: ShapeEditor;
  readonly field: Field;
  /** Index of the shape that each piece starts as. */
  readonly startShapes: readonly number[];

  /**
   * @param name of the asset
   * @param meshes of the asset; they belong to the show
   */
  constructor(
    readonly name: string,
    meshes: readonly NeuralSdfMesh[],
    host: ShowHost,
  ) {
    const { studio, changed } = host;
    const { shapes } = meshes[0];
    const placed = fillPlaces(meshes, host.software);
    const stances = new StanceTable(shapes);
    const colliderMaterial = createColliderMaterial(studio);
    this.startShapes = placed.map(shapeOf);
    this.pieces = placed.map((mesh, i) => {
      const place = SUBSETS[placed.length][i];
      mesh.name = `piece ${i + 1}`;
      const finish = new Finish(studio, `finish ${i + 1}`, place);
      return new Piece(mesh, finish, PLACES[place], stances, studio, colliderMaterial, changed, host.onError);
    });
    this.editor = new ShapeEditor(shapes, this.startShapes);
    this.field = new Field(this.pieces[0].mesh, stances, studio, changed);
  }

  get shapeNames(): string[] {
    return this.pieces[0].mesh.shapes.shapes.map(({ name }) => name);
  }

  set surface(surface: Surface) {
    for (const { finish } of this.pieces) finish.surface = surface;
    this.field.surface = surface;
  }

  /** Whether every piece is traced per pixel. */
  get isTraced(): boolean {
    return this.pieces.every(({ mesh }) => mesh.isTraced);
  }

  /** Triangles are still behind the shapes, or bricks behind the decoder. */
  get busy(): boolean {
    return this.pieces.some(({ busy, mesh }) => busy || (mesh.isTraced && !mesh.traceStatus.isComplete));
  }

  dispose(): void {
    this.field.dispose();
    for (const piece of this.pieces) piece.dispose();
  }
}

/** As many meshes as there are places, as long as the asset has a shape for each; what is too many goes. */
function fillPlaces(meshes: readonly NeuralSdfMesh[], software: boolean): NeuralSdfMesh[] {
  const [first] = meshes;
  const { shapes } = first.shapes;
  // Bricks are filled a shape at a time, which keeps a processor busy for a while.
  const most = software && first.traceStatus.form === 'bricks' ? 1 : PLACES.length;
  const count = Math.min(most, shapes.length);
  const placed = meshes.slice(0, count);
  for (const mesh of meshes.slice(count)) mesh.dispose();
  while (placed.length < count) {
    const copy = first.clone();
    copy.setShape(Math.floor((placed.length * shapes.length) / count));
    placed.push(copy);
  }
  return placed;
}

/** Index of the shape whose latent code a mesh has. */
function shapeOf(mesh: NeuralSdfMesh): number {
  const { latent } = mesh;
  return mesh.shapes.shapes.findIndex((shape) => shape.latent.every((value, i) => value === latent[i]));
}

import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { NeuralSdfMesh } from '../../plugin/index.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { TriangleMesh } from '../../src/mesh.js';
import type { Studio } from '../studio.js';
import type { PreparedShape, Snapshot, TrainingJob } from './protocol.js';

/** Metres from one model unit: things of about a chair's size. */
const SCALE = 0.62;
/** Half the way between the original and what is learnt of it, metres. */
const APART = 0.72;
/** Share of a distance that is safe to step while a decoder is still far from a signed distance. */
const TRAINING_STEP_SCALE = 0.5;

/** What stands in the studio: the mesh that was given on the left, the neural shape that learns it on the right. */
export class Exhibit {
  private readonly _material: PBRMaterial;
  private readonly _originalMaterial: PBRMaterial;
  private _originals: Mesh[] = [];
  private _neural: NeuralSdfMesh | undefined;
  private _latents: readonly Float32Array[] = [];
  private _position = 0;
  private _prepared: readonly PreparedShape[] = [];

  constructor(
    private readonly _studio: Studio,
    private readonly _changed: () => void,
  ) {
    this._material = _studio.material('neural', '#b5482f', 0.4);
    this._originalMaterial = _studio.material('original', '#c9bfae', 0.7);
  }

  /** Shows what is to be learnt. */
  showOriginals(prepared: readonly PreparedShape[]): void {
    for (const mesh of this._originals) mesh.dispose();
    this._prepared = prepared;
    this._originals = prepared.map(({ name, mesh }) => {
      const original = toBabylon(`${name} original`, mesh, this._studio);
      original.material = this._originalMaterial;
      this._place(original, -APART);
      return original;
    });
    this._follow();
  }

  /** Takes the weights of a decoder in training: the first time as a mesh of its own, from then on into that mesh. */
  showSnapshot({ decoder, latents }: Snapshot, job: TrainingJob): void {
    this._latents = latents;
    if (this._neural?.shapes.shapes.length === latents.length && this._neural.shapes.decoder.spec === job.spec) {
      this._neural.updateDecoder({ ...decoder, spec: job.spec }, this._latentNow());
    } else {
      const shapes = this._prepared.map(({ name }, i) => ({ name, latent: latents[i] }));
      const trained: NeuralShapes = {
        decoder: { ...decoder, spec: job.spec },
        shapes,
        delta: job.settings.delta,
        stepScale: TRAINING_STEP_SCALE,
        halfExtent: 1,
      };
      this._exchange(NeuralSdfMesh.Create('in training', trained, this._studio.scene, { live: true, material: null }));
    }
    this._changed();
  }

  /** Lets a decoder in training on the scene's own device write the weights of the shape that is shown. */
  showTable(copy: (shape: number, table: GPUBuffer) => void): void {
    this._neural?.updateTable((table) => copy(Math.round(this._position), table));
    this._changed();
  }

  /** Takes a finished asset, weights in the shader. */
  showTrained(shapes: NeuralShapes): void {
    this._latents = shapes.shapes.map(({ latent }) => latent);
    this._exchange(NeuralSdfMesh.Create('trained', shapes, this._studio.scene, { material: null }));
    this._changed();
  }

  /** Where among the shapes: 0 is the first, 1 the second; between them, what lies between their codes. */
  set position(value: number) {
    this._position = value;
    this._neural?.setLatent(this._latentNow());
    this._follow();
  }

  get mesh(): NeuralSdfMesh | undefined {
    return this._neural;
  }

  private _exchange(next: NeuralSdfMesh): void {
    const previous = this._neural;
    this._neural = next;
    // The material traces one decoder only: each mesh wears its own.
    next.material = this._material.clone(next.name);
    this._place(next, this._originals.length > 0 ? APART : 0);
    this._studio.shade(next);
    if (next.fallbackMesh) this._studio.shade(next.fallbackMesh);
    next.setLatent(this._latentNow());
    next.onTracedChangedObservable.add(this._changed);
    // The one before stays until there is something to see in its place.
    const drop = () => {
      previous?.material?.dispose();
      previous?.dispose();
      this._changed();
    };
    if (next.fallbackMesh || !next.getEngine().isWebGPU) drop();
    else next.onTracedChangedObservable.addOnce(drop);
  }

  private _latentNow(): Float32Array {
    const low = Math.min(Math.floor(this._position), this._latents.length - 1);
    const high = Math.min(low + 1, this._latents.length - 1);
    const t = this._position - low;
    return this._latents[low].map((value, i) => (1 - t) * value + t * this._latents[high][i]);
  }

  private _follow(): void {
    for (const [i, mesh] of this._originals.entries()) mesh.setEnabled(i === Math.round(this._position));
    this._changed();
  }

  /** On the floor: a normalised mesh reaches down to its own lowest vertex. */
  private _place(mesh: Mesh, x: number): void {
    const lowest = Math.min(...this._prepared.map((shape) => lowestOf(shape.mesh)));
    mesh.scaling.setAll(SCALE);
    mesh.position.set(x, -SCALE * lowest, 0);
  }
}

function lowestOf({ positions }: TriangleMesh): number {
  let lowest = 0;
  for (let i = 1; i < positions.length; i += 3) lowest = Math.min(lowest, positions[i]);
  return lowest;
}

function toBabylon(name: string, { positions, triangles }: TriangleMesh, studio: Studio): Mesh {
  const data = new VertexData();
  data.positions = positions;
  // Triangles of this project face counter-clockwise; Babylon's default is the other way in a left-handed scene only.
  data.indices = triangles;
  const normals = new Float32Array(positions.length);
  VertexData.ComputeNormals(positions, triangles, normals, { useRightHandedSystem: true });
  data.normals = normals;
  const mesh = new Mesh(name, studio.scene);
  data.applyToMesh(mesh);
  studio.shade(mesh);
  return mesh;
}

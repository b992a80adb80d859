import { Matrix, Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Configurations, Stage } from '../../support/matrix.js';

interface Placed {
  readonly shape: 'torus' | 'box';
  readonly position: Vector3;
  readonly rotation: Vector3;
  readonly scaling: Vector3;
}

/** Apart, of two latent codes, turned and scaled, one of them mirrored. */
const PLACED: readonly Placed[] = [
  { shape: 'torus', position: new Vector3(-0.75, 0.2, 0.2), rotation: new Vector3(0.9, 0.2, 0), scaling: new Vector3(0.6, 0.6, 0.6) },
  { shape: 'box', position: new Vector3(0.4, 0.1, 0.5), rotation: new Vector3(0.3, 0.8, 0.1), scaling: new Vector3(0.7, 0.9, -0.6) },
  { shape: 'box', position: new Vector3(0.3, -0.2, -0.7), rotation: new Vector3(0, 0.4, 0), scaling: new Vector3(0.5, 0.4, 0.5) },
  { shape: 'torus', position: new Vector3(-0.3, -0.3, -0.6), rotation: new Vector3(0.2, 0, 0.4), scaling: new Vector3(0.4, 0.5, 0.4) },
];

function place(mesh: AbstractMesh, { position, rotation, scaling }: Placed): void {
  mesh.position.copyFrom(position);
  mesh.rotation.copyFrom(rotation);
  mesh.scaling.copyFrom(scaling);
}

/** In their place a baked mesh each, of the same shape. */
async function bakeEach({ bakedOf, insteadOfTraced }: Stage): Promise<void> {
  for (const placed of PLACED) {
    const mesh = await bakedOf(placed.shape);
    place(mesh, placed);
    insteadOfTraced(mesh);
  }
}

/** A latent code each, one after the other. */
const latentsOf = ({ shape: { shapes } }: Stage): Float32Array[] =>
  PLACED.map((placed) => shapes.shapes.find(({ name }) => name === placed.shape)!.latent);

const matrixOf = ({ scaling, rotation, position }: Placed): Matrix =>
  Matrix.Compose(scaling, Quaternion.FromEulerVector(rotation), position);

export const INSTANCES: Configurations = {
  'instances, a latent code each': async (stage) => {
    const latents = latentsOf(stage);
    place(stage.shape, PLACED[0]);
    for (const [i, placed] of PLACED.entries()) {
      if (i === 0) continue;
      const instance = stage.shape.createInstance(`instance ${i}`);
      instance.setLatent(latents[i]);
      place(instance, placed);
    }
    await bakeEach(stage);
  },
  'instances thin, a latent code each': async (stage) => {
    for (const placed of PLACED) stage.shape.thinInstanceAdd(matrixOf(placed));
    stage.shape.setThinInstanceLatents(Float32Array.from(latentsOf(stage).flatMap((latent) => [...latent])));
    await bakeEach(stage);
  },
};

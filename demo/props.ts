import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateCylinder } from '@babylonjs/core/Meshes/Builders/cylinderBuilder.js';
import { CreateLathe } from '@babylonjs/core/Meshes/Builders/latheBuilder.js';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder.js';
import { CreateTorusKnot } from '@babylonjs/core/Meshes/Builders/torusKnotBuilder.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Studio } from './studio.js';

/** Where the brass sphere lies on the floor, if not in a chair; metres. */
const SPHERE_PLACE = new Vector3(1, 0.13, 0.62);

/** Ordinary meshes among the neural ones. */
export interface Props {
  readonly meshes: readonly Mesh[];
  /** The brass sphere: sunk into a seat, or else on the floor. */
  placeSphere(seat?: Vector3): void;
}

export function createProps(studio: Studio): Props {
  const { scene } = studio;
  const sphere = CreateSphere('brass sphere', { diameter: 0.26, segments: 32 }, scene);
  sphere.material = studio.material('brass', '#d9a441', 0.22, 1);

  const plinth = CreateCylinder('plinth', { diameter: 0.5, height: 0.34, tessellation: 64 }, scene);
  plinth.position.set(0.02, 0.17, -0.95);
  plinth.material = studio.material('slate', '#3e4347', 0.5);

  const knot = CreateTorusKnot('knot', { radius: 0.15, tube: 0.045, radialSegments: 160, tubularSegments: 24 }, scene);
  knot.position.set(0.02, 0.34 + 0.23, -0.95);
  knot.rotation.y = 0.6;
  knot.material = studio.material('plaster', '#f1ece4', 0.75);

  const vase = CreateLathe('vase', { shape: VASE, tessellation: 48, closed: true, sideOrientation: Mesh.DOUBLESIDE }, scene);
  vase.position.set(-0.92, 0, 0.5);
  vase.material = studio.material('celadon', '#7d9c8c', 0.28);

  const meshes = [sphere, plinth, knot, vase];
  for (const mesh of meshes) studio.shade(mesh);
  return { meshes, placeSphere: (seat = SPHERE_PLACE) => sphere.position.copyFrom(seat) };
}

/** Profile from the foot up, inside down again: radius, height; metres. */
const VASE = [
  [0, 0.004],
  [0.06, 0.004],
  [0.075, 0.02],
  [0.105, 0.1],
  [0.1, 0.17],
  [0.062, 0.235],
  [0.05, 0.27],
  [0.062, 0.3],
  [0.054, 0.3],
  [0.043, 0.27],
  [0.05, 0.24],
].map(([radius, height]) => new Vector3(radius, height, 0));

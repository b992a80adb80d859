import type { ManifoldToplevel } from 'manifold-3d';
import type { TriangleMesh } from '../src/mesh.js';
import { buildChair } from './categories/chairs/build-chair.js';
import { chairFamily } from './categories/chairs/family.js';
import type { ShapeDefinition } from './categories/family.js';
import { buildMug } from './categories/mugs/build-mug.js';
import { mugFamily } from './categories/mugs/family.js';
import { buildPlane } from './categories/planes/build-plane.js';
import { planeFamily } from './categories/planes/family.js';

/** A category of shapes and how its asset is made; decoder and settings are `assets/<name>.specs.json`. */
export interface Category {
  /** Of the shapes, for the card. */
  readonly description: string;
  /** Of the family. */
  readonly seed: number;
  /** Samples a shape, and the share of them anywhere in the cube. */
  readonly samples: number;
  readonly uniformShare: number;
  /** How many shapes get a baked mesh in the file, spread over the list: what a viewer without the extension shows. */
  readonly baked: number;
  /** Of the training, where the call does not say. */
  readonly timeBudget: string;
  readonly shapes: () => BuildableShape[];
}

export interface BuildableShape {
  readonly name: string;
  readonly type: string;
  readonly heldOut: boolean;
  /** @throws NeuralSdfError MESH_INVALID */
  readonly build: (wasm: ManifoldToplevel) => TriangleMesh;
}

const SAMPLING = { seed: 1, samples: 200_000, uniformShare: 0.12, baked: 4 } as const;

/** The family of `SAMPLING.seed`, each shape with what builds it. */
const shapesOf =
  <P>(family: (seed: number) => ShapeDefinition<P>[], build: (shape: ShapeDefinition<P>, wasm: ManifoldToplevel) => TriangleMesh) =>
  (): BuildableShape[] =>
    family(SAMPLING.seed).map((shape) => ({
      name: shape.name,
      type: shape.type,
      heldOut: shape.heldOut,
      build: (wasm) => build(shape, wasm),
    }));

export const CATEGORIES: Readonly<Record<string, Category>> = {
  chairs: { ...SAMPLING, description: 'parametric chairs', timeBudget: '40m', shapes: shapesOf(chairFamily, buildChair) },
  mugs: { ...SAMPLING, description: 'parametric mugs, cups and jugs', timeBudget: '20m', shapes: shapesOf(mugFamily, buildMug) },
  planes: { ...SAMPLING, description: 'parametric planes', timeBudget: '25m', shapes: shapesOf(planeFamily, buildPlane) },
};

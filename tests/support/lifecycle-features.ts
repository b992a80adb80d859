import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { bakeTriangles, createBakedMesh } from '../../plugin/baked/baked-mesh.js';
import { projectedHeight } from '../../plugin/baked/level-of-detail.js';
import { FrameBudget } from '../../plugin/budget/frame-budget.js';
import type { NeuralSdfMeshOptions } from '../../plugin/mesh/mesh-options.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { drawFrame } from './device-loss.js';
import { octahedra, octahedronDecoder } from './octahedra.js';
import type { Studio } from './studio.js';

/** The shapes that all features are shown with. */
export const shapes = octahedra();
const codes = (...names: string[]) =>
  Float32Array.from(names.flatMap((name) => [...shapes.shapes.find((one) => one.name === name)!.latent]));

/** Something a neural shape can be in a scene that takes more on the GPU than a table and a grid. */
export interface Feature {
  readonly options: NeuralSdfMeshOptions;
  arrange(studio: Studio): Promise<NeuralSdfMesh>;
  /** Shows something else. */
  edit(mesh: NeuralSdfMesh): unknown;
  /** Whether the last picture is what it will stay. */
  isFinal(mesh: NeuralSdfMesh): boolean;
}

const always = () => true;

/** What takes its picture from a budget's textures, and has been given all that rest gives. */
function isFinalByBudget(mesh: NeuralSdfMesh): boolean {
  const budget = FrameBudget.of(mesh.getScene());
  return mesh.traceStatus.isComplete && budget.shows(mesh) && budget.isFinal;
}

/** Compiles in half of a PBRMaterial's time, and waits for no texture. */
function material({ scene }: Studio): StandardMaterial {
  const dark = new StandardMaterial('dark', scene);
  // The studio's sun is bright.
  dark.diffuseColor = new Color3(0.35, 0.2, 0.1);
  dark.specularColor = Color3.Black();
  return dark;
}

const create = async (studio: Studio, options: NeuralSdfMeshOptions = {}) =>
  NeuralSdfMesh.Create('large', shapes, studio.scene, { material: material(studio), ...options });

/** A half of the resolution while anything moves. */
async function createWithBudget(studio: Studio, options: NeuralSdfMeshOptions): Promise<NeuralSdfMesh> {
  FrameBudget.of(studio.scene).forcedScale = 1 / 2;
  return create(studio, { ...options, targetFrameTime: 16 });
}

let bakedLarge: Promise<TriangleMesh> | undefined;

export const FEATURES: Readonly<Record<string, Feature>> = {
  'editing operations': {
    options: {},
    async arrange(studio) {
      const mesh = await create(studio);
      mesh.edits.union({ kind: 'shape', shape: 'high', position: [0.1, 0.5, 0], scale: 0.8 }, { smoothness: 0.06 });
      mesh.edits.subtract({ kind: 'sphere', radius: 0.45, position: [0.5, 0.3, -0.4] }, { smoothness: 0.05 });
      return mesh;
    },
    edit(mesh) {
      mesh.edits.cut([0.3, 1, -0.6], 0.2, { smoothness: 0.05 });
      mesh.edits.union({ kind: 'shape', shape: 'right', position: [-0.5, -0.3, 0], scale: 0.7 });
    },
    isFinal: always,
  },
  'instances of an edited shape': {
    options: {},
    async arrange(studio) {
      const mesh = await create(studio);
      mesh.edits.subtract({ kind: 'sphere', radius: 0.45, position: [0.3, 0.35, -0.4] }, { smoothness: 0.05 });
      for (const [i, shape] of ['high', 'right'].entries()) {
        const instance = mesh.createInstance(shape);
        instance.position.set(1.4 * i - 0.7, 0.2, 0.9);
        instance.setShape(shape);
      }
      mesh.position.z = -0.8;
      mesh.scaling.setAll(0.7);
      return mesh;
    },
    edit(mesh) {
      mesh.setShape('high');
      const [first, second] = mesh.instances as ReturnType<NeuralSdfMesh['createInstance']>[];
      first.setShape('large');
      second.setLatent(null);
      // More codes than there is room for.
      for (let i = 0; i < 5; i++) {
        const extra = mesh.createInstance(`extra ${i}`);
        extra.setLatent([0.1 * i, 1, 0]);
        extra.scaling.setAll(0.2);
        extra.position.set(0.3 * i - 0.6, 0.9, 0);
      }
    },
    isFinal: always,
  },
  'thin instances': {
    options: {},
    async arrange(studio) {
      const mesh = await create(studio);
      mesh.thinInstanceAdd([Matrix.Translation(-0.9, 0, 0), Matrix.Translation(0.9, 0.2, 0.4)]);
      mesh.setThinInstanceLatents(codes('large', 'high'));
      return mesh;
    },
    edit(mesh) {
      mesh.thinInstanceAdd(Matrix.Translation(0, -0.2, 1.4));
      mesh.setThinInstanceLatents(codes('right', 'large', 'high'));
    },
    isFinal: always,
  },
  'a shape in a frame budget': {
    options: {},
    async arrange(studio) {
      const mesh = await createWithBudget(studio, {});
      mesh.edits.subtract({ kind: 'sphere', radius: 0.45, position: [0.5, 0.3, -0.4] }, { smoothness: 0.05 });
      return mesh;
    },
    edit(mesh) {
      mesh.setShape('high');
    },
    isFinal: isFinalByBudget,
  },
  'a shape in bricks, refined at rest': {
    options: { bake: 'bricks', brickResolution: 64 },
    arrange: (studio) => createWithBudget(studio, { bake: 'bricks', brickResolution: 64 }),
    edit(mesh) {
      mesh.setShape('right');
    },
    isFinal: isFinalByBudget,
  },
  'a live decoder': {
    options: { live: true },
    async arrange(studio) {
      const mesh = await create(studio, { live: true });
      mesh.edits.union({ kind: 'shape', shape: 'high', position: [0.1, 0.5, 0], scale: 0.8 }, { smoothness: 0.06 });
      return mesh;
    },
    edit(mesh) {
      mesh.updateDecoder(octahedronDecoder(0.8));
    },
    isFinal: always,
  },
  'a shape between its traced and its baked form': {
    options: {},
    async arrange(studio) {
      const mesh = await create(studio);
      bakedLarge ??= bakeTriangles(shapes, shapes.shapes[0].latent, 24);
      mesh.adoptFallback(createBakedMesh('large baked', await bakedLarge, studio.scene));
      // In the middle of the fade.
      const { camera, scene } = studio;
      camera.getViewMatrix(true);
      camera.getProjectionMatrix(true);
      const share = projectedHeight(mesh.computeWorldMatrix(true), shapes.halfExtent, camera);
      mesh.lodPixels = (share * scene.getEngine().getRenderHeight()) / 1.25;
      return mesh;
    },
    async edit(mesh) {
      mesh.setShape('high');
      await mesh.bakeFallbackAsync(24);
    },
    isFinal: always,
  },
};

/** Draws frames until the picture of a feature is what it will stay. */
export async function settleFeature(scene: Scene, { isFinal }: Feature, mesh: NeuralSdfMesh): Promise<void> {
  for (let frame = 0; frame < 300; frame++) {
    drawFrame(scene);
    await scene.whenReadyAsync();
    if (isFinal(mesh)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('not settled after 300 frames');
}

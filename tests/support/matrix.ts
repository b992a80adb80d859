import { mkdirSync } from 'node:fs';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bakeTriangles, createBakedMesh } from '../../plugin/baked/baked-mesh.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { createHeadlessEngine, renderToPixels, writePng } from '../../src/cli/headless-engine-node.js';
import type { EditPlan } from '../../src/editing/edit-plan.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { changed, compare, type Picture } from './pictures.js';
import { openStudio, paint, type Studio } from './studio.js';
import { tinyShapes } from './tiny-shapes.js';

const SIZE = { width: 200, height: 150 };
const RESOLUTION = 256;
const FOLDER = new URL('../out/matrix/', import.meta.url);

/** What every configuration starts from: a torus with a box over it and one through it, on a ground. */
export interface Stage extends Studio {
  readonly engine: WebGPUEngine;
  readonly shape: NeuralSdfMesh;
  /** The shape's own 256^3 mesh, in the same material: shown in its place for the second picture. */
  readonly baked: Mesh;
  /** Both of the above: settings of a mesh are to be given to each. */
  readonly pair: readonly Mesh[];
  readonly material: PBRMaterial;
  readonly ground: Mesh;
  readonly boxes: readonly Mesh[];
  /** Another of the decoder's shapes, or an edited one, baked as `baked` is, in the same material. */
  bakedOf(shape: string, edits?: EditPlan): Promise<Mesh>;
  /** Such a mesh stands in the second picture, and the traced shape and its instances do not. */
  insteadOfTraced(mesh: Mesh): void;
  /** Called once the first picture is taken. */
  beforeBaked(change: () => void): void;
}

export interface Configuration {
  /** Changes the stage; a function that it returns or resolves to is called when the pictures are taken. */
  arrange(stage: Stage): unknown;
  readonly rightHanded?: boolean;
  /** Whether the engine's depth buffer runs the other way; default false. */
  readonly reverseDepth?: boolean;
  /** Share of all pixels that must look otherwise than without the configuration, lest it do nothing; default 0.01. 0: the picture stays. */
  readonly effect?: number;
  /** Share of the pixels off silhouettes that may look otherwise than on the baked mesh; default 0.001. */
  readonly differing?: number;
  /** Share of the pixels that may show something in one of the two pictures only; default 0.005. */
  readonly silhouette?: number;
  /** Pixels amid one picture's shape that the other may not show; default 2, for the slivers of a mesh let some through. */
  readonly holes?: number;
}

export type Configurations = Record<string, Configuration | Configuration['arrange']>;

/** One test a configuration: traced and baked pictures agree, and are left side by side in tests/out/matrix. */
export function describeMatrix(configurations: Configurations): void {
  // The slowest compile three decoder shaders on a software GPU.
  describe('traced and baked, configuration by configuration', { timeout: 300_000 }, () => {
    const shapes = tinyShapes();
    const plain = new Map<boolean, Picture>();
    const triangles = new Map<string, Promise<TriangleMesh>>();
    let engine: WebGPUEngine;
    let decoder: SharedDecoder;
    beforeAll(async () => {
      mkdirSync(FOLDER, { recursive: true });
      engine = await createHeadlessEngine(SIZE);
      // Held, so that configurations share what they have compiled.
      decoder = SharedDecoder.acquire(engine, shapes);
    });
    afterEach(() => {
      for (const scene of [...engine.scenes]) scene.dispose();
      engine.useReverseDepthBuffer = false;
    });
    afterAll(() => decoder?.release());

    /** Baked once a shape; edited ones each time. */
    function bake(shape: string, edits?: EditPlan): Promise<TriangleMesh> {
      const { latent } = shapes.shapes.find(({ name }) => name === shape)!;
      const baked = (!edits && triangles.get(shape)) || bakeTriangles(shapes, latent, RESOLUTION, { edits });
      if (!edits) triangles.set(shape, baked);
      return baked;
    }

    /** The stage as it stands when nothing is arranged. */
    async function shootPlain(rightHanded: boolean): Promise<Picture> {
      if (!plain.has(rightHanded)) {
        const { scene } = await openStage(engine, shapes, bake, rightHanded);
        plain.set(rightHanded, await renderToPixels(scene));
        scene.dispose();
      }
      return plain.get(rightHanded)!;
    }

    it.each(Object.keys(configurations))('%s', async (name) => {
      const given = configurations[name];
      const configuration: Configuration = typeof given === 'function' ? { arrange: given } : given;
      const { rightHanded = false, reverseDepth = false, effect = 0.01, differing = 0.001 } = configuration;
      const unarranged = await shootPlain(rightHanded);
      const started = process.cpuUsage();
      engine.useReverseDepthBuffer = reverseDepth;
      const stage = await openStage(engine, shapes, bake, rightHanded);
      const { scene, shape } = stage;
      const done = await configuration.arrange(stage);
      const traced = await renderToPixels(scene);
      expect(shape.isTraced).toBe(true);
      stage.showBaked();
      const baked = await renderToPixels(scene);
      expect(shape.isTraced).toBe(false);
      stage.showNeither();
      const empty = await renderToPixels(scene);
      if (typeof done === 'function') done();
      writePng(new URL(`${name.replaceAll(/[^a-z0-9]+/gi, '-')}.png`, FOLDER).pathname, sideBySide(traced, baked));
      const { hits, agreement, silhouette, holes } = compare(traced, baked, empty, 20);
      const difference = changed(traced, unarranged, 8);
      const { user, system } = process.cpuUsage(started);
      const [off, edge, seconds] = [100 * (1 - agreement), 100 * silhouette, (user + system) / 1e6].map((value) => value.toFixed(2));
      console.info(
        `${name}: ${hits} pixels, ${off} % differ, silhouette ${edge} %, ${holes} holes, effect ${(100 * difference).toFixed(2)} %, ${seconds} s`,
      );
      expect(hits).toBeGreaterThan(1000);
      expect(1 - agreement).toBeLessThan(differing);
      expect(silhouette).toBeLessThan(configuration.silhouette ?? 0.005);
      expect(holes).toBeLessThanOrEqual(configuration.holes ?? 2);
      if (effect > 0) expect(difference).toBeGreaterThan(effect);
      else expect(difference).toBeLessThan(0.002);
    });
  });
}

/** The stage, and what turns it from one picture to the next. */
interface Turning extends Stage {
  showBaked(): void;
  showNeither(): void;
}

async function openStage(
  engine: WebGPUEngine,
  shapes: NeuralShapes,
  bake: (shape: string, edits?: EditPlan) => Promise<TriangleMesh>,
  rightHanded: boolean,
): Promise<Turning> {
  const studio = openStudio(engine, { rightHanded });
  const { scene } = studio;
  studio.camera.position.scaleInPlace(0.74);
  studio.sun.shadowMinZ = 3;
  studio.sun.shadowMaxZ = 8;
  const material = paint(scene, new Color3(0.8, 0.35, 0.15));
  const baked = createBakedMesh('baked', await bake('torus'), scene);
  const shape = NeuralSdfMesh.Create('torus', shapes, scene, { shape: 'torus', material, fallbackMesh: baked });
  const ground = CreateGround('ground', { width: 5, height: 5 }, scene);
  ground.position.y = -0.5;
  ground.material = paint(scene, new Color3(0.75, 0.78, 0.8));
  const blue = paint(scene, new Color3(0.15, 0.4, 0.8));
  const boxes = [0.35, 0.3].map((size) => CreateBox('box', { size }, scene));
  for (const box of boxes) box.material = blue;
  const towards = rightHanded ? -1 : 1;
  boxes[0].position.set(0.5, 0.9, -0.1 * towards);
  boxes[1].position.set(-0.5, 0.12, -0.35 * towards);
  const instead: Mesh[] = [];
  const changes: (() => void)[] = [];
  const showTraced = (shown: boolean) => {
    for (const mesh of [shape, ...shape.instances]) mesh.setEnabled(shown);
  };
  return {
    ...studio,
    engine,
    shape,
    baked,
    pair: [shape, baked],
    material,
    ground,
    boxes,
    bakedOf: async (name, edits) => {
      const mesh = createBakedMesh(`baked ${name}`, await bake(name, edits), scene);
      mesh.material = material;
      return mesh;
    },
    insteadOfTraced: (mesh) => {
      instead.push(mesh);
      mesh.setEnabled(false);
    },
    beforeBaked: (change) => void changes.push(change),
    showBaked: () => {
      shape.showBaked = 'always';
      if (instead.length > 0) showTraced(false);
      for (const mesh of instead) mesh.setEnabled(true);
      for (const change of changes) change();
    },
    showNeither: () => {
      showTraced(false);
      for (const mesh of instead) mesh.setEnabled(false);
    },
  };
}

/** Traced, baked, and their difference four times as large. */
function sideBySide(traced: Picture, baked: Picture): Picture {
  const { width, height } = traced;
  const data = new Uint8Array(3 * traced.data.length);
  for (let row = 0; row < height; row++) {
    const line = 4 * width * row;
    const first = traced.data.subarray(line, line + 4 * width);
    const second = baked.data.subarray(line, line + 4 * width);
    data.set(first, 3 * line);
    data.set(second, 3 * line + 4 * width);
    data.set(
      first.map((value, i) => Math.min(255, 4 * Math.abs(value - second[i]))),
      3 * line + 8 * width,
    );
  }
  return { width: 3 * width, height, data };
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import type { TriangleMesh } from '../../src/mesh.js';
import { triangleNormals } from '../../src/meshing/gradient-normals.js';
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
}

export interface Configuration {
  /** Changes the stage; a function that it returns or resolves to is called when the pictures are taken. */
  arrange(stage: Stage): unknown;
  readonly rightHanded?: boolean;
  /** Whether the engine's depth buffer runs the other way; default false. */
  readonly reverseDepth?: boolean;
  /** Share of all pixels that must look otherwise than without the configuration, lest it do nothing; default 0.01. 0: the picture stays. */
  readonly effect?: number;
}

/** One test a configuration: traced and baked pictures agree, and are left side by side in tests/out/matrix. */
export function describeMatrix(theme: string, configurations: Record<string, Configuration | Configuration['arrange']>): void {
  describe(`traced and baked, configuration by configuration: ${theme}`, () => {
    const shapes = tinyShapes();
    const plain = new Map<string, Picture>();
    let engine: WebGPUEngine;
    let triangles: TriangleMesh;
    let decoder: SharedDecoder;
    beforeAll(async () => {
      mkdirSync(FOLDER, { recursive: true });
      triangles = await bakedTorus(shapes);
      engine = await createHeadlessEngine(SIZE);
      // Held, so that configurations share what they have compiled.
      decoder = SharedDecoder.acquire(engine, shapes);
    });
    afterEach(() => {
      for (const scene of [...engine.scenes]) scene.dispose();
      engine.useReverseDepthBuffer = false;
    });
    afterAll(() => decoder?.release());

    /** The stage as it stands when nothing is arranged. */
    async function shootPlain(rightHanded: boolean): Promise<Picture> {
      const key = `${rightHanded}`;
      if (!plain.has(key)) {
        const { scene } = openStage(engine, shapes, triangles, rightHanded);
        plain.set(key, await renderToPixels(scene));
        scene.dispose();
      }
      return plain.get(key)!;
    }

    it.each(Object.keys(configurations))('%s', async (name) => {
      const given = configurations[name];
      const configuration: Configuration = typeof given === 'function' ? { arrange: given } : given;
      const { rightHanded = false, reverseDepth = false, effect = 0.01 } = configuration;
      const unarranged = await shootPlain(rightHanded);
      engine.useReverseDepthBuffer = reverseDepth;
      const stage = openStage(engine, shapes, triangles, rightHanded);
      const { scene, shape } = stage;
      const done = await configuration.arrange(stage);
      const traced = await renderToPixels(scene);
      expect(shape.isTraced).toBe(true);
      shape.showBaked = 'always';
      const baked = await renderToPixels(scene);
      expect(shape.isTraced).toBe(false);
      shape.setEnabled(false);
      const empty = await renderToPixels(scene);
      if (typeof done === 'function') done();
      writePng(new URL(`${name.replaceAll(/[^a-z0-9]+/gi, '-')}.png`, FOLDER).pathname, sideBySide(traced, baked));
      const { hits, agreement, silhouette } = compare(traced, baked, empty, 20);
      const difference = changed(traced, unarranged, 8);
      console.info(
        `${name}: ${hits} pixels, ${(100 * (1 - agreement)).toFixed(2)} % differ, silhouette ${(100 * silhouette).toFixed(2)} %`,
      );
      expect(hits).toBeGreaterThan(1000);
      expect(agreement).toBeGreaterThanOrEqual(0.99);
      expect(silhouette).toBeLessThan(0.02);
      if (effect > 0) expect(difference).toBeGreaterThan(effect);
      else expect(difference).toBeLessThan(0.002);
    });
  });
}

function openStage(engine: WebGPUEngine, shapes: NeuralShapes, triangles: TriangleMesh, rightHanded: boolean): Stage {
  const studio = openStudio(engine, { rightHanded });
  const { scene } = studio;
  studio.camera.position.scaleInPlace(0.74);
  studio.sun.shadowMinZ = 3;
  studio.sun.shadowMaxZ = 8;
  const material = paint(scene, new Color3(0.8, 0.35, 0.15));
  const baked = createBakedMesh('baked', triangles, scene);
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
  return { ...studio, engine, shape, baked, pair: [shape, baked], material, ground, boxes };
}

/**
 * Baked once, and kept in .cache/ under the decoder's own hash. Its normals are averaged over the triangles around each vertex, as the
 * traced ones are over a small ball: exact gradients of a ReLU decoder jump.
 */
async function bakedTorus(shapes: NeuralShapes): Promise<TriangleMesh> {
  const hash = createHash('sha1');
  for (const { weight, bias } of shapes.decoder.layers) hash.update(Float32Array.from(weight)).update(Float32Array.from(bias));
  const path = new URL(`../../.cache/torus-${RESOLUTION}-${hash.digest('hex').slice(0, 12)}.bin`, import.meta.url);
  if (!existsSync(path)) {
    const { positions, triangles } = await bakeTriangles(shapes, shapes.shapes[0].latent, RESOLUTION);
    const parts = [Uint32Array.of(positions.length), positions, triangles];
    writeFileSync(path, Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))));
  }
  const { buffer } = Uint8Array.from(readFileSync(path));
  const [length] = new Uint32Array(buffer, 0, 1);
  const positions = new Float32Array(buffer, 4, length);
  const triangles = new Uint32Array(buffer, 4 + 4 * length);
  let normals = triangleNormals({ positions, triangles });
  for (let pass = 0; pass < 2; pass++) normals = averageNormals(normals, triangles);
  return { positions, triangles, normals };
}

/** Each vertex takes the mean of the triangles around it. */
function averageNormals(normals: Float32Array, triangles: Uint32Array): Float32Array {
  const sums = new Float32Array(normals.length);
  for (let t = 0; t < triangles.length; t += 3) {
    for (let axis = 0; axis < 3; axis++) {
      const sum = normals[3 * triangles[t] + axis] + normals[3 * triangles[t + 1] + axis] + normals[3 * triangles[t + 2] + axis];
      for (let corner = 0; corner < 3; corner++) sums[3 * triangles[t + corner] + axis] += sum;
    }
  }
  for (let i = 0; i < sums.length; i += 3) {
    const length = Math.hypot(sums[i], sums[i + 1], sums[i + 2]);
    for (let axis = 0; axis < 3; axis++) sums[i + axis] /= length;
  }
  return sums;
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

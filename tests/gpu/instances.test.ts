import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix, Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { countDevice } from '../support/device-counters.js';
import { changed, compare, type Picture, shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

interface Placed {
  readonly shape: string;
  readonly position: Vector3;
  readonly rotation: Vector3;
  readonly scaling: Vector3;
}

const shapes = tinyShapes();
const latentOf = (name: string) => shapes.shapes.find((shape) => shape.name === name)!.latent;

/** Apart, turned, of several sizes, one of them mirrored. */
const PLACED: readonly Placed[] = [
  { shape: 'torus', position: new Vector3(-1.1, 0.5, 0), rotation: new Vector3(0.9, 0.2, 0), scaling: new Vector3(0.7, 0.7, 0.7) },
  { shape: 'box', position: new Vector3(0.3, 0.3, 0.6), rotation: new Vector3(0.3, 0.8, 0.1), scaling: new Vector3(0.8, 1.1, 0.6) },
  { shape: 'sphere', position: new Vector3(0.9, -0.1, -0.8), rotation: new Vector3(), scaling: new Vector3(0.5, 0.4, 0.5) },
  { shape: 'torus', position: new Vector3(-0.5, -0.8, -0.6), rotation: new Vector3(0.2, 0, 0.4), scaling: new Vector3(0.6, 0.5, 0.6) },
];

const place = (mesh: AbstractMesh, { position, rotation, scaling }: Placed) => {
  mesh.position.copyFrom(position);
  mesh.rotation.copyFrom(rotation);
  mesh.scaling.copyFrom(scaling);
};

describe('instances of a traced mesh', () => {
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 240, height: 180 });
    // Keeps the decoder's shaders from one test to the next.
    SharedDecoder.acquire(engine, shapes);
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  /** The same scene of meshes of their own, each its shape's baked mesh. */
  async function shootBaked(
    placed: readonly Placed[],
    name: string,
    prepare: (studio: Studio, meshes: readonly NeuralSdfMesh[]) => unknown = () => {},
  ) {
    const studio = openStudio(engine);
    const material = paint(studio.scene, new Color3(0.8, 0.35, 0.15));
    const empty = await shoot(studio.scene, `${name}-empty`);
    const meshes = await Promise.all(placed.map(({ shape }) => stageShape(studio.scene, shapes, shape, { material, resolution: 96 })));
    for (const [i, mesh] of meshes.entries()) {
      place(mesh, placed[i]);
      mesh.showBaked = 'always';
    }
    await prepare(studio, meshes);
    const picture = await shoot(studio.scene, `${name}-baked`);
    studio.scene.dispose();
    return { picture, empty };
  }

  function expectAlike(traced: Picture, { picture, empty }: { picture: Picture; empty: Picture }) {
    const { hits, agreement, silhouette } = compare(traced, picture, empty);
    expect(hits).toBeGreaterThan(2500);
    expect(agreement).toBeGreaterThan(0.99);
    expect(silhouette).toBeLessThan(0.015);
  }

  /** The first of PLACED is the mesh itself, the others its instances. */
  async function stageInstances(studio: Studio, placed = PLACED) {
    const mesh = await stageShape(studio.scene, shapes, placed[0].shape, { resolution: 96 });
    place(mesh, placed[0]);
    const instances = placed.slice(1).map((one, i) => {
      const instance = mesh.createInstance(`instance ${i}`);
      place(instance, one);
      return instance;
    });
    return { mesh, instances };
  }

  it('stand where and show what each of them should', async () => {
    const studio = openStudio(engine);
    const { mesh, instances } = await stageInstances(studio);
    instances[0].setShape('box');
    instances[1].setLatent(latentOf('sphere'));
    const traced = await shoot(studio.scene, 'instances-traced');
    expect(mesh.isTraced).toBe(true);
    expect(instances[2].hasOwnLatent()).toBe(false);
    expectAlike(traced, await shootBaked(PLACED, 'instances'));
  });

  it('throw their own shadows', async () => {
    const light = ({ scene, sun }: Studio, meshes: readonly NeuralSdfMesh[]) => {
      const ground = CreateGround('ground', { width: 5, height: 5 }, scene);
      ground.position.y = -1.2;
      ground.receiveShadows = true;
      const shadows = new ShadowGenerator(256, sun);
      shadows.bias = 0.003;
      for (const mesh of meshes) for (const one of [mesh, ...mesh.instances]) shadows.addShadowCaster(one);
    };
    const studio = openStudio(engine);
    const { mesh, instances } = await stageInstances(studio);
    instances[0].setShape('box');
    instances[1].setShape('sphere');
    light(studio, [mesh]);
    const traced = await shoot(studio.scene, 'instances-shadows-traced');
    expect(mesh.isTraced).toBe(true);
    const baked = await shootBaked(PLACED, 'instances-shadows', light);
    expect(changed(traced, baked.picture, 20)).toBeLessThan(0.012);
  });

  it('of the thin kind too, and grow in number', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 96 });
    const matrices = PLACED.map(({ position, rotation, scaling }) =>
      Matrix.Compose(scaling, Quaternion.FromEulerVector(rotation), position),
    );
    mesh.thinInstanceAdd(matrices.slice(0, 2));
    mesh.setThinInstanceLatents(Float32Array.from([...latentOf('torus'), ...latentOf('box')]));
    await shoot(studio.scene, 'instances-thin-two');
    mesh.thinInstanceAdd(matrices.slice(2));
    mesh.setThinInstanceLatents(Float32Array.from(PLACED.flatMap(({ shape }) => [...latentOf(shape)])));
    const traced = await shoot(studio.scene, 'instances-thin-traced');
    expect(mesh.isTraced).toBe(true);
    expectAlike(traced, await shootBaked(PLACED, 'instances-thin'));
  });

  it('take a latent edit without a new pipeline, each for itself', async () => {
    const studio = openStudio(engine);
    const { mesh, instances } = await stageInstances(studio);
    instances[0].setShape('sphere');
    instances[1].setShape('sphere');
    const before = await shoot(studio.scene, 'instances-edit-before');
    const counts = countDevice(engine);
    instances[0].setShape('box');
    const after = await shoot(studio.scene, 'instances-edit-after');
    expect(mesh.isTraced).toBe(true);
    expect(changed(before, after)).toBeGreaterThan(0.01);
    instances[1].setLatent(latentOf('sphere'));
    instances[0].setLatent(instances[1].latent);
    expect(changed(before, await shoot(studio.scene, 'instances-edit-back'), 2)).toBe(0);
    // More codes than there is room for: buffers grow, and what was there stays.
    for (let i = 0; i < 20; i++) {
      const extra = mesh.createInstance(`extra ${i}`);
      extra.setLatent(latentOf('box').map((value) => value + i / 50));
      extra.setEnabled(false);
    }
    instances[0].setShape('box');
    instances[0].setShape('sphere');
    expect(changed(before, await shoot(studio.scene, 'instances-edit-grown'), 2)).toBe(0);
    const { renderPipelines, computePipelines, shaderModules } = counts;
    expect({ renderPipelines, computePipelines, shaderModules }).toEqual({ renderPipelines: 0, computePipelines: 0, shaderModules: 0 });
  });

  it('of an edited mesh show their own codes with the same done to them, however many there come to be', async () => {
    const edit = (mesh: NeuralSdfMesh) => {
      mesh.edits.subtract({ kind: 'sphere', radius: 0.45, position: [0.3, 0.35, -0.4] }, { smoothness: 0.05 });
      mesh.edits.union({ kind: 'shape', shape: 'sphere', position: [0, -0.7, 0], scale: 0.5 }, { smoothness: 0.05 });
    };
    const baked = await shootBaked(PLACED, 'instances-edited', async (_studio, meshes) => {
      meshes.forEach(edit);
      for (const mesh of meshes) await mesh.bakeFallbackAsync(96);
    });
    const studio = openStudio(engine);
    const { mesh, instances } = await stageInstances(studio);
    instances[0].setShape('box');
    edit(mesh);
    mesh.edits.flush();
    // After the edits, and more codes than there was room for then.
    const extra = [1, 2, 3, 4].map((i) => {
      const instance = mesh.createInstance(`extra ${i}`);
      instance.setLatent(latentOf('box').map((value) => value + i / 50));
      instance.setEnabled(false);
      return instance;
    });
    instances[1].setShape('sphere');
    const traced = await shoot(studio.scene, 'instances-edited');
    expect(mesh.isTraced).toBe(true);
    expectAlike(traced, baked);

    const counts = countDevice(engine);
    for (const instance of extra) instance.dispose();
    instances[0].setShape('torus');
    mesh.edits.clear();
    expect(changed(await shoot(studio.scene, 'instances-edited-cleared'), traced, 20)).toBeGreaterThan(0.02);
    edit(mesh);
    instances[0].setShape('box');
    expect(changed(await shoot(studio.scene, 'instances-edited-again'), traced, 1)).toBe(0);
    const { renderPipelines, computePipelines, shaderModules } = counts;
    expect({ renderPipelines, computePipelines, shaderModules }).toEqual({ renderPipelines: 0, computePipelines: 0, shaderModules: 0 });
  });

  it('have the baked mesh stand in at each transform', async () => {
    const studio = openStudio(engine);
    const same = PLACED.map((one) => ({ ...one, shape: 'torus' }));
    const { mesh } = await stageInstances(studio, same);
    mesh.showBaked = 'always';
    expectAlike(await shoot(studio.scene, 'instances-stand-in'), await shootBaked(same, 'instances-stand-in-reference'));
    mesh.showBaked = 'never';
    for (const instance of [...mesh.instances]) instance.dispose();
    expect(studio.scene.meshes.length).toBe(2);
  });

  it('refuse a code of the wrong length, and stay as they were', async () => {
    const studio = openStudio(engine);
    const { mesh, instances } = await stageInstances(studio);
    instances[0].setShape('box');
    expect(() => instances[0].setLatent([1, 2])).toThrowError(expect.objectContaining({ code: 'LATENT_LENGTH' }));
    expect(() => instances[0].setLatent([1, Number.NaN, 0])).toThrowError(expect.objectContaining({ code: 'NOT_FINITE' }));
    expect(instances[0].latent).toEqual(latentOf('box'));
    expect(() => mesh.setThinInstanceLatents(new Float32Array(5))).toThrowError(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });
});

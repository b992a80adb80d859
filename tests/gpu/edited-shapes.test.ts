import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { SharedDecoder } from '../../plugin/shape/shared-decoder.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import type { EditData } from '../../src/editing/edit-data.js';
import { countDevice } from '../support/device-counters.js';
import { loseDevice } from '../support/device-loss.js';
import { changed, compare, type Picture, shoot } from '../support/pictures.js';
import { openStudio, paint } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe('an edited shape', () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 240, height: 180 });
    // One more user of the decoder, so that its shaders are compiled once for all the tests.
    SharedDecoder.acquire(engine, shapes);
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  const edited: Record<string, { shape: string; edits: EditData[]; sharp?: boolean }> = {
    'smooth union with a capsule that leaves the box': {
      shape: 'torus',
      edits: [
        {
          type: 'union',
          operand: { kind: 'capsule', radius: 0.2, height: 2, position: [0.2, 0.6, 0.1], rotation: [0, 0, 0.3, 1] },
          smoothness: 0.1,
        },
      ],
    },
    'smooth subtraction of a sphere': {
      shape: 'box',
      edits: [{ type: 'subtract', operand: { kind: 'sphere', radius: 0.5, position: [0.35, 0.4, -0.45] }, smoothness: 0.08 }],
    },
    'intersection with a box': {
      shape: 'sphere',
      edits: [
        { type: 'intersect', operand: { kind: 'box', size: [1, 0.9, 1], rounding: 0.05, rotation: [0, 0.2, 0, 1] }, smoothness: 0.03 },
      ],
    },
    'shell, cut open': {
      shape: 'sphere',
      sharp: true,
      edits: [
        { type: 'shell', thickness: 0.12 },
        { type: 'cut', normal: [0.3, 1, -0.6], offset: 0.2, smoothness: 0.05 },
      ],
    },
    rounding: { shape: 'box', edits: [{ type: 'round', radius: 0.08 }] },
    'union with another latent code': {
      shape: 'torus',
      sharp: true,
      edits: [{ type: 'union', operand: { kind: 'shape', shape: 'box', position: [0.1, 0.5, 0], scale: 0.8 }, smoothness: 0.06 }],
    },
    'union with a half space': {
      shape: 'sphere',
      sharp: true,
      edits: [{ type: 'union', operand: { kind: 'plane', position: [0, -0.4, 0], rotation: [0.1, 0, 0, 1] }, smoothness: 0.1 }],
    },
  };

  it('looks traced as its own baked mesh does', async () => {
    const { scene } = openStudio(engine);
    const mesh = NeuralSdfMesh.Create('edited', shapes, scene, { material: paint(scene, new Color3(0.8, 0.35, 0.15)) });
    mesh.setEnabled(false);
    const empty = await shoot(scene, 'edited-empty');
    mesh.setEnabled(true);
    for (const [name, { shape, edits, sharp }] of Object.entries(edited)) {
      mesh.setShape(shape);
      mesh.edits.load(edits);
      mesh.showBaked = 'never';
      const traced = await shoot(scene, `edited ${name} traced`.replaceAll(' ', '-'));
      expect(mesh.isTraced).toBe(true);
      await mesh.bakeFallbackAsync(128);
      mesh.showBaked = 'always';
      const baked = await shoot(scene, `edited ${name} baked`.replaceAll(' ', '-'));
      expect(mesh.isTraced).toBe(false);
      const { hits, agreement, silhouette } = compare(traced, baked, empty);
      expect.soft(hits, name).toBeGreaterThan(2000);
      // Marching cubes bevels sharp edges by a cell.
      expect.soft(agreement, name).toBeGreaterThan(sharp ? 0.95 : 0.985);
      expect.soft(silhouette, name).toBeLessThan(0.012);
    }
  });

  it('changes by uploads alone once it has been edited, shadow included', async () => {
    const { scene, sun } = openStudio(engine);
    const mesh = NeuralSdfMesh.Create('live', shapes, scene, { shape: 'box', material: paint(scene, new Color3(0.8, 0.35, 0.15)) });
    const ground = CreateGround('ground', { width: 6, height: 6 }, scene);
    ground.position.y = -0.7;
    ground.material = paint(scene, new Color3(0.8, 0.8, 0.8));
    ground.receiveShadows = true;
    const generator = new ShadowGenerator(256, sun);
    generator.usePercentageCloserFiltering = true;
    generator.addShadowCaster(mesh);
    const whole = await shoot(scene, 'live-whole');
    const limb = mesh.edits.union({ kind: 'capsule', radius: 0.15, height: 2, position: [0, 0.1, -0.2], rotation: [0, 0, 1, 1] });
    const first = await shoot(scene, 'live-first');
    expect(mesh.isTraced).toBe(true);
    expect(changed(first, whole, 40)).toBeGreaterThan(0.02);

    const counts = countDevice(engine);
    limb.operand.position.y += 0.5;
    limb.operand.radius = 0.25;
    // In the very next frame: `shoot` renders more than one.
    engine.beginFrame();
    scene.render();
    const read = engine.readPixels(0, 0, first.width, first.height);
    engine.endFrame();
    const next = { ...first, data: (await read) as Uint8Array };
    expect(changed(next, first, 40)).toBeGreaterThan(0.02);
    expect(changed(next, await shoot(scene, 'live-moved'), 1)).toBe(0);
    mesh.edits.subtract({ kind: 'shape', shape: 'torus', position: [0.3, 0, 0] }, { smoothness: 0.05 });
    mesh.edits.shell(0.05);
    mesh.edits.cut([0, 0, -1], 0.2);
    const more = await shoot(scene, 'live-more');
    expect(changed(more, next, 40)).toBeGreaterThan(0.02);
    mesh.edits.clear();
    const cleared = await shoot(scene, 'live-cleared');
    expect(counts).toMatchObject({ renderPipelines: 0, computePipelines: 0, shaderModules: 0 });
    expect(changed(cleared, whole, 8)).toBeLessThan(0.002);

    // Where neither state of the mesh covers the ground, only its shadow can change.
    mesh.edits.union({ kind: 'capsule', radius: 0.25, height: 2, position: [0, 0.5, -0.2], rotation: [0, 0, 1, 1] });
    const withLimb = await shoot(scene, 'live-shadow');
    ground.setEnabled(false);
    const outline = await shoot(scene, 'live-outline');
    mesh.setEnabled(false);
    const nothing = await shoot(scene, 'live-nothing');
    let darker = 0;
    for (let i = 0; i < outline.data.length; i += 4) {
      const covered = [0, 1, 2].some((channel) => outline.data[i + channel] !== nothing.data[i + channel]);
      if (!covered && cleared.data[i] - withLimb.data[i] > 30) darker++;
    }
    expect(darker).toBeGreaterThan(100);
  });

  it('looks the same where its decoder is traced as bricks', async () => {
    const { scene } = openStudio(engine);
    const pictures: Picture[] = [];
    for (const bake of ['literals', 'bricks'] as const) {
      const mesh = NeuralSdfMesh.Create(bake, shapes, scene, { bake, shape: 'box', material: paint(scene, new Color3(0.8, 0.35, 0.15)) });
      mesh.edits.subtract({ kind: 'sphere', radius: 0.5, position: [0.35, 0.4, -0.45] }, { smoothness: 0.08 });
      mesh.edits.union({ kind: 'torus', radius: 0.7, tube: 0.12, position: [0, -0.3, 0] }, { smoothness: 0.05 });
      await shoot(scene, `edited-by-${bake}-first`);
      while (!mesh.traceStatus.isComplete) await new Promise((resolve) => setTimeout(resolve, 50));
      pictures.push(await shoot(scene, `edited-by-${bake}`));
      expect(mesh.isTraced).toBe(true);
      const another = { kind: 'shape', shape: 'torus' } as const;
      if (bake === 'bricks') expect(() => mesh.edits.union(another)).toThrow(expect.objectContaining({ code: 'DECODER_UNSUPPORTED' }));
      mesh.dispose();
    }
    expect(changed(pictures[1], pictures[0], 40)).toBeLessThan(0.01);
  });

  // Compiles everything twice.
  it('keeps its edits through the loss of the device, and hands them to a clone', { timeout: 300_000 }, async () => {
    const { scene } = openStudio(engine);
    const mesh = NeuralSdfMesh.Create('lost', shapes, scene, { shape: 'sphere', material: paint(scene, new Color3(0.3, 0.6, 0.9)) });
    mesh.edits.subtract({ kind: 'shape', shape: 'box', position: [0, 0.4, -0.4] }, { smoothness: 0.05 });
    const before = await shoot(scene, 'edits-before');
    expect(mesh.isTraced).toBe(true);
    const copy = mesh.clone();
    mesh.setEnabled(false);
    expect(copy.edits.toJSON()).toEqual(mesh.edits.toJSON());
    expect(changed(await shoot(scene, 'edits-clone'), before, 1)).toBe(0);
    mesh.edits.clear();
    expect(copy.edits.length).toBe(1);
    const counts = countDevice(engine);
    for (let i = 0; i < 5; i++) {
      const another = copy.clone();
      await shoot(scene, 'edits-clone');
      another.dispose();
    }
    for (let i = 0; i < 4; i++) await shoot(scene, 'edits-clone');
    // One or two are in flight for the last picture; a leak would be one or more a clone.
    expect(counts.buffers).toBeLessThan(4);
    await loseDevice(engine);
    const after = await shoot(scene, 'edits-after');
    expect(copy.isTraced).toBe(true);
    expect(changed(after, before, 2)).toBe(0);
  });
});

import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NeuralSdfMeshOptions } from '../../plugin/mesh/mesh-options.js';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { createDecoder } from '../../src/decoder/decoder.js';
import { countDevice } from '../support/device-counters.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

describe('a decoder whose weights are in a buffer', () => {
  const shapes = tinyShapes();
  const { decoder } = shapes;
  /** The same layers, all weights scaled: thinner shapes. */
  const other = createDecoder(
    decoder.spec,
    decoder.layers.map(({ weight, bias }) => ({ weight: weight.map((value) => 0.8 * value), bias: bias.slice() })),
  );
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 240, height: 180 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
  });

  it('looks as with its weights in the shader, and takes others without a new pipeline', async () => {
    const studio = openStudio(engine);
    const literal = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    const expected = await shoot(studio.scene, 'live-literal');
    literal.setEnabled(false);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32, live: true });
    const live = await shoot(studio.scene, 'live-buffer');
    expect(mesh.isTraced).toBe(true);
    // Its normals are the exact ones, the other's are blurred over the kinks: colours differ by a little.
    expect(changed(live, expected, 40)).toBeLessThan(0.01);

    const counts = countDevice(engine);
    mesh.updateDecoder(other);
    const exchanged = await shoot(studio.scene, 'live-exchanged');
    expect(counts).toMatchObject({ renderPipelines: 0, computePipelines: 0, shaderModules: 0 });
    expect(changed(exchanged, live, 10)).toBeGreaterThan(0.02);
    expect(mesh.shapes.decoder).toBe(other);
    mesh.updateDecoder(decoder);
    expect(changed(await shoot(studio.scene, 'live-back'), live, 1)).toBe(0);
    mesh.setEnabled(false);
    const fresh = await stageShape(studio.scene, { ...shapes, decoder: other }, 'torus', { resolution: 32 });
    const truth = await shoot(studio.scene, 'live-exchanged-literal');
    expect(fresh.isTraced).toBe(true);
    expect(changed(exchanged, truth, 40)).toBeLessThan(0.01);
  });

  it('follows its weights with all that was done to it, in each of the meshes that share it', async () => {
    const studio = openStudio(engine);
    const edit = (mesh: NeuralSdfMesh) => {
      mesh.edits.union({ kind: 'shape', shape: 'box', position: [0.1, 0.5, 0], scale: 0.8 }, { smoothness: 0.06 });
      mesh.edits.subtract({ kind: 'sphere', radius: 0.45, position: [0.5, 0.3, -0.4] }, { smoothness: 0.05 });
    };
    const stage = (options: NeuralSdfMeshOptions) => stageShape(studio.scene, shapes, 'torus', { resolution: 32, ...options });
    const [mesh, second] = [await stage({ live: true }), await stage({ live: true })];
    expect(second.buffers!.decoder).toBe(mesh.buffers!.decoder);
    edit(mesh);
    second.edits.cut([0, 1, 0], 0.1);
    second.edits.flush();
    second.setEnabled(false);
    const before = await shoot(studio.scene, 'live-edited');
    expect(mesh.isTraced).toBe(true);

    const counts = countDevice(engine);
    mesh.updateDecoder(other);
    const exchanged = await shoot(studio.scene, 'live-edited-exchanged');
    expect(changed(exchanged, before, 10)).toBeGreaterThan(0.02);
    // Whose table holds the weights of before.
    mesh.setEnabled(false);
    second.setEnabled(true);
    second.edits.load(mesh.edits.toJSON());
    expect(changed(await shoot(studio.scene, 'live-edited-second'), exchanged, 1)).toBe(0);
    expect(second.shapes.decoder).toBe(other);
    const copy = second.clone();
    second.setEnabled(false);
    expect(changed(await shoot(studio.scene, 'live-edited-copy'), exchanged, 1)).toBe(0);
    expect(counts).toMatchObject({ renderPipelines: 0, computePipelines: 0, shaderModules: 0 });
    copy.setEnabled(false);

    const fresh = await stageShape(studio.scene, { ...shapes, decoder: other }, 'torus', { resolution: 32 });
    edit(fresh);
    const truth = await shoot(studio.scene, 'live-edited-literal');
    expect(fresh.isTraced).toBe(true);
    expect(changed(exchanged, truth, 40)).toBeLessThan(0.01);
  });

  it('is followed in the next frame by meshes that share it, but for one whose table somebody else writes', async () => {
    const studio = openStudio(engine);
    const stage = (shape: string) => stageShape(studio.scene, shapes, shape, { resolution: 32, live: true });
    const [mesh, second] = [await stage('torus'), await stage('box')];
    mesh.setEnabled(false);
    second.createInstance('sphere').setShape('sphere');
    second.instances[0].position.x = -0.8;
    const before = await shoot(studio.scene, 'live-shared');
    mesh.updateDecoder(other);
    const followed = await shoot(studio.scene, 'live-shared-exchanged');
    expect(changed(followed, before, 10)).toBeGreaterThan(0.02);
    second.setShape('box');
    expect(changed(await shoot(studio.scene, 'live-shared-edited'), followed, 0)).toBe(0);
    second.instances[0].dispose();
    second.updateTable(() => {});
    const own = await shoot(studio.scene, 'live-shared-own');
    mesh.updateDecoder(decoder);
    expect(changed(await shoot(studio.scene, 'live-shared-own-kept'), own, 0)).toBe(0);
  });

  it('is not stood in for by triangles of other weights, however small it is', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 32, live: true, lodPixels: 1e4 });
    await mesh.bakeFallbackAsync(32);
    const triangles = await shoot(studio.scene, 'live-small');
    mesh.updateDecoder(other);
    const exchanged = await shoot(studio.scene, 'live-small-exchanged');
    expect(changed(exchanged, triangles, 10)).toBeGreaterThan(0.02);
    await mesh.bakeFallbackAsync(64);
    expect(changed(await shoot(studio.scene, 'live-small-baked'), exchanged, 40)).toBeLessThan(0.01);
  });

  it('refuses other layers, and meshes whose weights are in the shader', async () => {
    const studio = openStudio(engine);
    const literal = await stageShape(studio.scene, shapes, 'torus', { resolution: 32 });
    expect(() => literal.updateDecoder(other)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(literal.shapes.decoder).toBe(decoder);
    const live = await stageShape(studio.scene, shapes, 'torus', { resolution: 32, live: true });
    const twice = { spec: { ...decoder.spec, outputTanh: true }, layers: decoder.layers };
    expect(() => live.updateDecoder(twice)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });
});

import { expect, it } from 'vitest';
import { readMlp } from '../../src/asset/mlp/read-mlp.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { BALL_RADIUS, ballSiren, TENSOR_FILES } from '../support/mlp-files.js';
import { compare, shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';

it('a SIREN that was imported is traced as its own 256^3 baked mesh looks, normals included', async () => {
  const { tensors, spec } = ballSiren();
  const { decoder, latents, delta } = readMlp({ spec, tensors: TENSOR_FILES.npz(tensors) });
  const shapes = { decoder, shapes: [{ name: 'ball', latent: latents[0] }], delta, stepScale: 0.8, halfExtent: 1 };
  const engine = await createHeadlessEngine({ width: 320, height: 240 });
  const { scene } = openStudio(engine);
  const mesh = await stageShape(scene, shapes, 'ball');
  mesh.setEnabled(false);
  const empty = await shoot(scene, 'siren-empty');
  mesh.setEnabled(true);
  const traced = await shoot(scene, 'siren-traced');
  expect(mesh.isTraced).toBe(true);
  mesh.showBaked = 'always';
  const baked = await shoot(scene, 'siren-baked');
  const { hits, agreement, silhouette } = compare(traced, baked, empty);
  expect(hits).toBeGreaterThan(2500);
  // In model units half its size.
  expect(BALL_RADIUS * 0.5).toBeCloseTo(0.6);
  expect(agreement).toBeGreaterThan(0.993);
  expect(silhouette).toBeLessThan(0.006);
  engine.dispose();
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readShapes } from '../../src/asset/index.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { analyzeLatents, randomLatent } from '../../src/latent/latent-distribution.js';
import { Random } from '../../src/random.js';
import { createRayTracer } from '../support/gpu-rays.js';
import { compareHits, drawRays, quantile, searchShape } from '../support/ray-judge.js';

/** Small enough for every run; all assets, 21 shapes of each and 10,000 rays: `npm run bench -- rays`. */
it('rays through assets/chairs.glb agree with a dense search, of a trained shape and of a random one', { timeout: 600_000 }, async () => {
  const { device } = await openDevice();
  const asset = await readShapes(readFileSync('assets/chairs.glb'));
  const random = new Random(17);
  const distribution = analyzeLatents(asset.shapes.map(({ latent }) => latent));
  const trace = await createRayTracer(device, asset);
  for (const latent of [asset.shapes[40].latent, randomLatent(distribution, random, 0.85)]) {
    const rays = drawRays(1500, asset.halfExtent, random);
    const { distances, evaluations } = await trace(latent, rays);
    const { hits, missed, invented, errors } = compareHits(distances, await searchShape(asset.decoder, latent, rays));
    expect(hits).toBeGreaterThan(500);
    expect(missed + invented).toBeLessThanOrEqual(0.005 * rays.lengths.length);
    expect(quantile(errors, 0.99)).toBeLessThan(2e-3);
    expect(evaluations.reduce((sum, value) => sum + value, 0) / rays.lengths.length).toBeLessThan(5);
  }
});

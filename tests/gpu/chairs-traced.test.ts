import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readShapes } from '../../src/asset/index.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { DistanceOutput, readDistances } from '../support/distance-output.js';
import { shoot } from '../support/pictures.js';
import { openStudio, stageShape } from '../support/studio.js';

/** The asset that ships: every pixel that one of the two hits, at the distance it was hit. */
describe('assets/chairs.glb, traced against its 256^3 baked mesh', () => {
  // The first compile of a 4x64 decoder takes a software GPU half a minute; both chairs share it.
  it('hits the same pixels to 99 %, at the same distance to 0.005 at the median', { timeout: 600_000 }, async () => {
    const engine = await createHeadlessEngine({ width: 320, height: 240 });
    const asset = await readShapes(readFileSync('assets/chairs.glb'));
    const studio = openStudio(engine);
    let [same, either] = [0, 0];
    const errors: number[] = [];
    for (const name of ['lounge-02', 'rocking-01']) {
      const mesh = await stageShape(studio.scene, asset, name);
      new DistanceOutput(mesh.material!);
      const traced = readDistances(await shoot(studio.scene, `${name}-distance-traced`));
      expect(mesh.isTraced).toBe(true);
      mesh.showBaked = 'always';
      const baked = readDistances(await shoot(studio.scene, `${name}-distance-baked`));
      traced.forEach((distance, i) => {
        if (distance || baked[i]) either++;
        if (!distance === !baked[i] && distance) same++;
        if (distance && baked[i]) errors.push(Math.abs(distance - baked[i]));
      });
      mesh.dispose(false, true);
    }
    errors.sort((a, b) => a - b);
    expect(either).toBeGreaterThan(8000);
    expect(same / either).toBeGreaterThan(0.99);
    expect(errors[errors.length >> 1]).toBeLessThan(0.005);
    engine.dispose();
  });
});

import { describe, expect, it } from 'vitest';
import { analyzeLatents, latentAt, latentCoordinates, randomLatent } from '../../src/latent/latent-distribution.js';
import { Random } from '../../src/random.js';

const random = new Random(4);
/** A cloud three times as wide along (1, 1, 0) as along (0, 0, 1), flat along (1, -1, 0). */
const latents = Array.from({ length: 4000 }, () => {
  const a = 3 * random.normal();
  return [1 + a / Math.SQRT2, 2 + a / Math.SQRT2, random.normal()];
});

describe('latent distribution', () => {
  const distribution = analyzeLatents(latents);

  it('finds the widest direction first, with its deviation', () => {
    expect(distribution.directions[0][0]).toBeCloseTo(Math.SQRT1_2, 1);
    expect(distribution.directions[0][1]).toBeCloseTo(Math.SQRT1_2, 1);
    expect(distribution.deviations[0]).toBeCloseTo(3, 0);
    expect(distribution.deviations[1]).toBeCloseTo(1, 1);
    expect(distribution.deviations[2]).toBeCloseTo(0, 3);
  });

  it('goes to coordinates and back', () => {
    const latent = latents[17];
    const back = latentAt(distribution, latentCoordinates(distribution, latent));
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(latent[i], 4);
    });
  });

  it('draws codes with the same spread', () => {
    const drawn = analyzeLatents(Array.from({ length: 4000 }, () => randomLatent(distribution, random, 0.5)));
    expect(drawn.deviations[0] / distribution.deviations[0]).toBeCloseTo(0.5, 1);
  });

  it('refuses no codes and codes of several lengths', () => {
    expect(() => analyzeLatents([])).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => analyzeLatents([[1], [1, 2]])).toThrowError(expect.objectContaining({ code: 'LATENT_LENGTH' }));
  });
});

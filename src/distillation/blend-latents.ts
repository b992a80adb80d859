import type { Random } from '../random.js';

/** Most codes in one blend: more of them all come out near the mean. */
const MOST_PARTS = 3;

/**
 * Convex blends of two or three latent codes, drawn at random: what lies between the shapes a decoder was trained on, where edits and
 * interpolations go.
 * @param latents [codeLength] each
 * @returns `count` codes; none where there are fewer than two to blend
 */
export function blendLatents(latents: readonly Float32Array[], count: number, random: Random): Float32Array[] {
  if (latents.length < 2) return [];
  return Array.from({ length: count }, () => {
    const parts = Math.min(latents.length, 2 + random.index(MOST_PARTS - 1));
    const chosen = random.shuffle(Array.from({ length: latents.length }, (_, i) => i)).slice(0, parts);
    // Exponential draws, normalised, are uniform over the simplex.
    const draws = chosen.map(() => -Math.log(1 - random.uniform()));
    const total = draws.reduce((sum, draw) => sum + draw, 0);
    const blend = new Float32Array(latents[0].length);
    chosen.forEach((index, part) => {
      for (let i = 0; i < blend.length; i++) blend[i] += (draws[part] / total) * latents[index][i];
    });
    return blend;
  });
}

/**
 * What is traced against a dense search along random rays, for each asset: a trained shape and random ones, drawn as the page's dice draws
 * them. The rays are traced by the shaders' own functions; the search samples densely in float32 (wasm) and settles every crossing and
 * every dip in float64.
 *   npm run bench -- rays [rays per shape, default 10000] [random latents per asset, default 20] [assets, default all four] [--shapes 5,6]
 * `--shapes`: of the trained shape (0) and the random ones (1 on), those alone; their rays are the same as without it.
 * Prints each shape's figures, tables of all of them by asset and of the causes of what disagrees by more than 2e-3, then the same as JSON.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readShapes } from '../../src/asset/index.js';
import { chooseConstants } from '../../src/gpu/choose-constants.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { analyzeLatents, randomLatent } from '../../src/latent/latent-distribution.js';
import { Random } from '../../src/random.js';
import type { Rays } from '../../src/tracing/dense-search.js';
import { DecoderField } from '../../src/tracing/distance-field.js';
import { exactMarch, type MarchSettings, marchRay, type RayHit, type Vector } from '../../src/tracing/march-ray.js';
import { createRayTracer } from '../support/gpu-rays.js';
import { compareHits, drawRays, measureChord, measureSlope, quantile, searchShape } from '../support/ray-judge.js';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { shapes: { type: 'string' } } });
const [count = '10000', randomCount = '20', ...names] = positionals;
const only = values.shapes?.split(',').map(Number);
const RAYS = Number(count);
const assets = names.length > 0 ? names : ['chairs', 'mugs', 'planes', 'mugs-student'];
/** Of the shader: the default. */
const MOST_EVALUATIONS = 64;
/** As the page's dice. */
const SPREAD = 0.85;
const { adapter, device } = await openDevice();
const rows: Record<string, string | number>[] = [];
const causes: Record<string, string | number>[] = [];
const shapes: Record<string, string | number>[] = [];

for (const name of assets) {
  const asset = await readShapes(readFileSync(`assets/${name}.glb`));
  const { decoder, halfExtent } = asset;
  const constants = chooseConstants(asset);
  const trace = await createRayTracer(device, asset);
  const random = new Random(31);
  const distribution = analyzeLatents(asset.shapes.map(({ latent }) => latent));
  const latents = [
    asset.shapes[0].latent,
    ...Array.from({ length: Number(randomCount) }, () => randomLatent(distribution, random, SPREAD)),
  ];
  const totals = { rays: 0, hits: 0, missed: 0, invented: 0, evaluations: 0, slope: 0, cpuWrong: 0, cpuRays: 0, capped: 0, byGrid: 0 };
  const errors: number[] = [];
  const passed: { chord: number; depth: number }[] = [];
  const invented: number[] = [];
  let [worstShape, worstDepth] = [1, 0];
  for (const [index, latent] of latents.entries()) {
    const rays = drawRays(RAYS, halfExtent, random);
    const slope = await measureSlope(decoder, latent, halfExtent, random);
    if (only && !only.includes(index)) continue;
    const traced = await trace(latent, rays);
    const truth = await searchShape(decoder, latent, rays, { maxSlope: Math.max(4, 1.25 * slope) });
    const result = compareHits(traced.distances, truth);
    const wrong = result.missed + result.invented;
    const depth = quantile(result.errors, 0.99);
    worstShape = Math.min(worstShape, 1 - wrong / result.rays);
    worstDepth = Math.max(worstDepth, depth);
    shapes.push({ asset: name, shape: index, 'hits agree': share(1 - wrong / result.rays), hits: result.hits, 'depth p99': depth });
    totals.rays += result.rays;
    totals.hits += result.hits;
    totals.missed += result.missed;
    totals.invented += result.invented;
    totals.evaluations += traced.evaluations.reduce((sum, value) => sum + value, 0);
    totals.slope = Math.max(totals.slope, slope);
    errors.push(...result.errors);
    // Why: how much solid was passed by a ray that missed it, or hit something behind; how far off the surface an invented hit was.
    const field = new DecoderField(decoder, latent);
    truth.forEach((exact, ray) => {
      const hit = traced.distances[ray];
      if (hit > exact + 2e-3) {
        passed.push(measureChord(field, rays, ray, exact));
        const alone = march(field, rays, ray, constants);
        if (alone.found && Math.abs(alone.distance - exact) < 2e-3) totals.byGrid++;
      } else if (hit < exact - 2e-3) invented.push(distanceAt(field, rays, ray, hit));
      if ((hit > exact + 2e-3 || hit < exact - 2e-3) && traced.evaluations[ray] >= MOST_EVALUATIONS) totals.capped++;
    });
    // The march of picking, on every twentieth ray.
    const settings = exactMarch(asset);
    for (let i = 0; i < RAYS; i += 20) {
      const hit = march(field, rays, i, settings);
      totals.cpuRays++;
      if (hit.found !== Number.isFinite(truth[i]) || (hit.found && Math.abs(hit.distance - truth[i]) > 1e-3)) totals.cpuWrong++;
    }
    process.stderr.write(`${name} shape ${index}: ${wrong} of ${result.hits} hits wrong, p99 ${depth.toExponential(2)}\n`);
  }
  const sorted = Float64Array.from(errors).sort();
  const spread = (values: number[]) => {
    const ascending = Float64Array.from(values).sort();
    return [0.5, 0.9, 1].map((q) => quantile(ascending, q).toExponential(1)).join(' / ');
  };
  causes.push({
    asset: name,
    'solid passed, rays': passed.length,
    'its length, p50 / p90 / most': spread(passed.map(({ chord }) => chord)),
    'its depth': spread(passed.map(({ depth }) => depth)),
    'met without the grid': totals.byGrid,
    'hits before the surface, rays': invented.length,
    'distance from the surface there': spread(invented),
    'at the cap of evaluations': totals.capped,
  });
  rows.push({
    asset: name,
    shapes: only?.length ?? latents.length,
    'hits agree': share(1 - (totals.missed + totals.invented) / totals.rays),
    'worst shape': share(worstShape),
    'of rays that touch': share(1 - (totals.missed + totals.invented) / totals.hits),
    missed: totals.missed,
    invented: totals.invented,
    'depth p50': quantile(sorted, 0.5).toExponential(1),
    'depth p99': quantile(sorted, 0.99).toExponential(1),
    'of the worst shape': worstDepth.toExponential(1),
    'beyond 2e-3': share(sorted.filter((error) => error > 2e-3).length / sorted.length),
    worst: (sorted.at(-1) ?? 0).toFixed(3),
    'evaluations a ray': (totals.evaluations / totals.rays).toFixed(2),
    'max slope': totals.slope.toFixed(2),
    'picking wrong': share(totals.cpuWrong / totals.cpuRays),
  });
}
console.table(rows);
console.table(causes);
console.log(JSON.stringify({ adapter: adapter.info.description || adapter.info.device, rays: RAYS, rows, causes, shapes }));
process.exit(0);

function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function march(field: DecoderField, { origins, directions, lengths }: Rays, ray: number, settings: MarchSettings): RayHit {
  const at = (values: Float32Array) => [values[3 * ray], values[3 * ray + 1], values[3 * ray + 2]] as Vector;
  return marchRay(field, at(origins), at(directions), lengths[ray], settings, true);
}

function distanceAt(field: DecoderField, { origins, directions }: Rays, ray: number, s: number): number {
  const [x, y, z] = [0, 1, 2].map((axis) => origins[3 * ray + axis] + directions[3 * ray + axis] * s);
  return Math.abs(field.distance(x, y, z));
}

/**
 * The step scale of assets measured again, of known shapes and of random codes, without training anything:
 *   npm run bench -- step-scales [shapes of either kind, default 8] [assets, default all four]
 * Each asset's own value is the smallest of those that were measured when it was made.
 */
import { readFileSync } from 'node:fs';
import { readShapes } from '../../src/asset/index.js';
import { measureStepScales } from '../../src/evaluation/asset-step-scale.js';

const [count = '8', ...names] = process.argv.slice(2);
const rows: Record<string, string | number>[] = [];
for (const name of names.length > 0 ? names : ['chairs', 'mugs', 'planes', 'mugs-student']) {
  const asset = await readShapes(readFileSync(`assets/${name}.glb`));
  const measured = await measureStepScales(asset, {
    ...{ seed: 1, halfExtent: asset.halfExtent, resolution: 96 },
    ...{ known: Number(count), random: Number(count) },
  });
  const spread = (values: readonly number[]) => {
    const ascending = [...values].sort((a, b) => a - b);
    return `${ascending[0]?.toFixed(3)} / ${ascending[ascending.length >> 1]?.toFixed(3)} (${values.length})`;
  };
  rows.push({
    asset: name,
    'its own': asset.stepScale.toFixed(3),
    'known: least / median': spread(measured.known),
    'random: least / median': spread(measured.random),
  });
}
console.table(rows);
console.log(JSON.stringify(rows));

/**
 * Speed of tracing in compute form, the shader's own functions, beside the adapter's own rate of multiply-adds. Needs nothing but Node, the
 * package 'webgpu' and assets, so that it can be carried to a bare machine:
 *   npx esbuild tests/bench/trace-rays.ts --bundle --platform=node --format=esm --external:webgpu --loader:.wgsl=text --outfile=trace-rays.mjs
 *   node trace-rays.mjs [shapes.glb…] [--shape 0] [--width 640] [--height 480] [--cameras 8] [--rounds 5] [--no-naive] [--json file]
 * Prints a table, then the same as JSON. A value with its gradient counts as two evaluations.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { readShapes } from '../../src/asset/read-shapes.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { MultiplyAddRate } from './multiply-add-rate.js';
import { benchRays, type RayFigures } from './ray-bench.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    shape: { type: 'string', default: '0' },
    width: { type: 'string', default: '640' },
    height: { type: 'string', default: '480' },
    cameras: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    'no-naive': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [width, height, cameras, rounds] = [values.width, values.height, values.cameras, values.rounds].map(Number);
const { adapter, device } = await openDevice();
const { vendor, architecture, description } = adapter.info;
console.log(`${description || `${vendor} ${architecture}`}, Node ${process.version}, ${width}x${height}, ${cameras} cameras`);
const rate = await MultiplyAddRate.create(device);
const rows: (RayFigures & { readonly asset: string })[] = [];
for (const path of positionals.length > 0 ? positionals : ['assets/chairs.glb']) {
  const shapes = await readShapes(readFileSync(path));
  const { latent } = shapes.shapes[Number(values.shape)];
  const figures = await benchRays(device, rate, shapes, latent, {
    ...{ width, height, cameras, rounds },
    rateSeconds: 0.05,
    naive: !values['no-naive'],
  });
  rows.push({ asset: basename(path), ...figures });
}
console.table(
  rows.map((row) => ({
    asset: row.asset,
    'multiply-adds': row.multiplyAdds,
    weights: row.weights,
    'evaluations a covered pixel': row.evaluations.mean.toFixed(2),
    p99: row.evaluations.p99,
    'ms a picture': row.milliseconds.toFixed(2),
    'a lane a ray, times as long': row.laneARayTimesAsLong.toFixed(2),
    'naive, ms': row.naive?.milliseconds.toFixed(2) ?? '',
    'times as fast': row.naive?.timesAsLong.toFixed(1) ?? '',
    'M evaluations/s': (row.evaluationsPerSecond / 1e6).toFixed(3),
    'G multiply-adds/s, bare': (row.multiplyAddsPerSecond / 1e9).toFixed(1),
    'share of it': `${(100 * row.shareOfRate).toFixed(0)} %`,
    'refill, ms': row.refillMilliseconds.toFixed(1),
  })),
);
const json = JSON.stringify(
  { adapter: { vendor, architecture, description }, node: process.version, width, height, cameras, rounds, rows },
  null,
  2,
);
if (values.json) writeFileSync(values.json, `${json}\n`);
console.log(json);
// Dawn would keep the process alive.
process.exit(0);

/**
 * Speed of our WGSL training kernels on a GPU, beside the device's own rate of multiplying matrices. Needs nothing but Node and the package
 * 'webgpu', so that it can be carried to a bare machine:
 *   npx esbuild tests/bench/webgpu-training.ts --bundle --platform=node --format=esm --external:webgpu --loader:.wgsl=text --outfile=webgpu-training.mjs
 *   node webgpu-training.mjs [--seconds 3] [--quick] [--json file]
 * Prints tables, then the same as JSON. `--quick` shows that all of it runs, on a software adapter too: its figures mean nothing.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { create, globals } from 'webgpu';
import { benchProducts, benchWebGpuTraining } from './webgpu-rows.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});
const options = { seconds: values.quick ? 0.01 : Number(values.seconds), quick: values.quick };
if (!(options.seconds > 0)) throw new Error('--seconds must be positive');

Object.assign(globalThis, globals);
// Matrix units are behind a switch.
const gpu = create(['enable-dawn-features=allow_unsafe_apis']) as GPU;
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
const { vendor, architecture, description } = adapter?.info ?? { vendor: 'no adapter', architecture: '', description: '' };
console.log(`${description || `${vendor} ${architecture}`}, Node ${process.version}`);

const short = <Row extends object>(row: Row) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(4)) : value]));
const products = await benchProducts({ ...options, gpu });
console.table(products.map(short));
const training = await benchWebGpuTraining({ ...options, gpu }, products);
console.table(training.map(({ engine, ...row }) => short(row)));

const features = [...(adapter?.features ?? [])];
const report = { adapter: { vendor, architecture, description, features }, node: process.version, ...options, products, training };
const json = JSON.stringify(report, null, 2);
if (values.json) writeFileSync(values.json, `${json}\n`);
console.log(json);
// Dawn would keep the process alive.
process.exit(0);

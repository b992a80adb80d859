/**
 * Known shapes, as the paper's first table has them: twelve cups, chairs and airplanes of ../shared/data/meshes, prepared, trained and scored
 * by the command line, with all five metrics.
 *   npm run bench -- known-shapes [--minutes 10] [--threads 2] [--only cup] [--spec tests/bench/quality.specs.json]
 *     [--samples 200000] [--resolution 128] [--cli dist/cli/main.js] [--work .cache/bench/known-shapes] [--json file]
 * The minutes are each category's. Prints one table, and the same as JSON; reports with pictures stand in the work folder.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { applyPose, parsePoses } from '../../src/dataset/poses.js';
import { readMesh } from '../../src/dataset/read-mesh.js';
import { writeMeshGlb } from '../../src/meshing/write-mesh-glb.js';

const DATA = '../shared/data/meshes';
const CATEGORIES = ['cup', 'chair', 'airplane'];
/** In file order; the last four are kept for shapes never seen. */
const TRAINING_SHAPES = 12;
/** Key of `eval`'s report, heading, digits. */
const COLUMNS: readonly (readonly [string, string, number])[] = [
  ['chamferX1000', 'CD x 1000', 3],
  ['earthMovers', 'EMD', 4],
  ['accuracy', 'accuracy', 4],
  ['completion', 'completion', 4],
  ['cosineSimilarity', 'cosine', 3],
  ['distanceToTruth', 'to truth', 5],
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string' },
    spec: { type: 'string', default: 'tests/bench/quality.specs.json' },
    samples: { type: 'string', default: '200000' },
    resolution: { type: 'string', default: '128' },
    cli: { type: 'string', default: 'dist/cli/main.js' },
    work: { type: 'string', default: '.cache/bench/known-shapes' },
    json: { type: 'string' },
  },
});
if (!existsSync(DATA)) {
  console.log(`${DATA} is not here: nothing to measure`);
  process.exit(0);
}

function command(...args: string[]): Record<string, unknown> {
  console.error(`neural-sdf ${args.filter((arg) => !arg.endsWith('.off')).join(' ')}`);
  const { status, stdout } = spawnSync(process.execPath, [values.cli, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`neural-sdf ${args[0]} ended with ${status}: ${stdout}`);
  return JSON.parse(stdout);
}

/** The true meshes as `prepare` turns them: `eval` knows the way to model units, not that the mesh was turned before. */
async function writeTurned(files: readonly string[], poseFile: string | undefined, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const poses = poseFile === undefined ? {} : parsePoses(readFileSync(poseFile), poseFile);
  for (const file of files) {
    const name = basename(file, '.off');
    const mesh = await readMesh(readFileSync(file), file);
    writeFileSync(join(folder, `${name}.glb`), await writeMeshGlb(poses[name] ? applyPose(mesh, poses[name]) : mesh, name));
  }
}

type Figures = Record<string, number>;
const results: { category: string; mean: Figures; median: Figures; training: Record<string, unknown>; shapes: unknown }[] = [];
for (const category of CATEGORIES.filter((name) => values.only === undefined || values.only === name)) {
  const folder = join(values.work, category);
  const samples = join(folder, 'samples');
  const asset = join(folder, `${category}.glb`);
  const files = readdirSync(join(DATA, category))
    .filter((file) => file.endsWith('.off'))
    .sort()
    .slice(0, TRAINING_SHAPES)
    .map((file) => join(DATA, category, file));
  const poses = [join(DATA, category, 'poses.json')].find((file) => existsSync(file));
  await writeTurned(files, poses, join(folder, 'meshes'));
  command('prepare', ...files, '-o', samples, '--samples', values.samples, '--class', category, ...(poses ? ['--poses', poses] : []));
  const trained = command(
    'train',
    samples,
    '-o',
    asset,
    '--spec',
    values.spec,
    '--time-budget',
    `${values.minutes}m`,
    '--threads',
    values.threads,
  );
  const report = command(
    'eval',
    asset,
    samples,
    '-o',
    join(folder, 'report'),
    '--meshes',
    join(folder, 'meshes'),
    '--resolution',
    values.resolution,
  );
  results.push({
    category,
    mean: report.mean as Figures,
    median: report.median as Figures,
    training: trained.training as Record<string, unknown>,
    shapes: report.shapes,
  });
}

const line = (...cells: readonly string[]) => console.log(cells.map((cell, i) => (i < 2 ? cell.padEnd(9) : cell.padStart(11))).join(' '));
line('category', '', ...COLUMNS.map(([, heading]) => heading));
for (const { category, ...summary } of results) {
  for (const kind of ['mean', 'median'] as const) {
    line(kind === 'mean' ? category : '', kind, ...COLUMNS.map(([key, , digits]) => summary[kind][key]?.toFixed(digits) ?? '–'));
  }
}
const { cli: _, work: __, json, ...settings } = values;
const output = {
  machine: `${cpus()[0]?.model}, ${availableParallelism()} cores`,
  load: loadavg()[0],
  node: process.version,
  ...settings,
  results,
};
console.log(JSON.stringify(output));
if (json) writeFileSync(json, `${JSON.stringify(output, undefined, 2)}\n`);

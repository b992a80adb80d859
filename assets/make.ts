/**
 * Remakes the assets of this folder from code, with the same commands that a user has:
 *   npm run assets -- [--time-budget 40m] [--threads 1] [--resume]
 * --resume trains the last run on, up to a longer time budget. Meshes and samples go to .cache/assets; what is kept are the .glb and its card.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/write-file-node.js';
import { CHAIR_SEED, writeChairs } from './categories/chairs/write-chairs.js';

const { values } = parseArgs({
  options: {
    'time-budget': { type: 'string', default: '40m' },
    threads: { type: 'string', default: '1' },
    resume: { type: 'boolean', default: false },
  },
});
const cache = join('.cache', 'assets', 'chairs');
// The command line of the same build, dist/cli beside dist/assets.
const cli = join(import.meta.dirname, '..', 'cli', 'main.js');
const command = (...args: string[]): string => {
  console.error(`neural-sdf ${args.filter((arg) => !arg.endsWith('.ply')).join(' ')}`);
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
};

const chairs = await writeChairs(join(cache, 'meshes'));
const training = chairs.filter((chair) => !chair.heldOut);
const prepare = [
  'prepare',
  ...training.map((chair) => chair.path),
  '-o',
  join(cache, 'samples'),
  '--samples',
  '200000',
  '--uniform',
  '0.12',
  '--class',
  'chairs',
];
const train = ['train', join(cache, 'samples'), '-o', 'assets/chairs.glb', '--spec', 'assets/chairs.specs.json', '--baked', '4'];
command(...prepare);
const made = JSON.parse(
  command(...train, '--time-budget', values['time-budget'], '--threads', values.threads, '--json', ...(values.resume ? ['--resume'] : [])),
);

const { mean, median, worst } = made.chamferX1000;
const { backend, steps, seconds, finalLoss, seed } = made.training;
const megabytes = (readFileSync('assets/chairs.glb').length / 2 ** 20).toFixed(1);
await writeFileAtomic(
  'assets/chairs.md',
  `# chairs.glb

${training.length} parametric chairs of ${new Set(training.map((chair) => chair.type)).size} types, made by \`assets/categories/chairs\` (seed ${CHAIR_SEED}); ${chairs.length - training.length} more of the family are held out and were never seen:
${chairs
  .filter((chair) => chair.heldOut)
  .map((chair) => chair.name)
  .join(', ')}.

| | |
|---|---|
| decoder and settings | [chairs.specs.json](chairs.specs.json), in the form of DeepSDF's \`specs.json\` |
| samples | 200,000 a chair, 12 % of them anywhere in the cube |
| trained on | ${backend}, seed ${seed} |
| time | ${seconds} s, ${steps} steps |
| final loss | ${finalLoss.toFixed(5)} (clamped L1, model units) |
| Chamfer distance x 1000 (known shapes, 30,000 points, 128^3) | mean ${mean.toFixed(3)}, median ${median.toFixed(3)}, worst ${worst.toFixed(3)} |
| size | ${megabytes} MiB |
| licence | Apache-2.0, as the code that made it |
| remade by | \`npm run assets -- --time-budget ${values['time-budget']} --threads ${values.threads}\` |
`,
);

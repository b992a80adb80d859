/**
 * Remakes the assets of this folder from code, with the same commands that a user has:
 *   npm run assets -- <category...> [--time-budget 40m] [--threads 1] [--resume]
 * --resume trains the last run on, up to a longer time budget. Meshes and samples go to .cache/assets; what is kept are the .glb and its card.
 *   npm run assets -- --rebake <asset.glb...>
 * bakes the meshes of assets that are there anew, without training, and says what has changed.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/write-file-node.js';
import { cardOf, type TrainingReport } from './card.js';
import { CATEGORIES } from './categories.js';
import { rebake } from './rebake.js';
import { writeMeshes } from './write-meshes.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'time-budget': { type: 'string' },
    threads: { type: 'string', default: '1' },
    resume: { type: 'boolean', default: false },
    rebake: { type: 'boolean', default: false },
  },
});
if (values.rebake) {
  for (const path of positionals) console.info(path, JSON.stringify(await rebake(path)));
  process.exit(0);
}
const unknown = positionals.filter((name) => !Object.hasOwn(CATEGORIES, name));
if (positionals.length === 0 || unknown.length > 0) {
  console.error(`Which categories? One or more of ${Object.keys(CATEGORIES).join(', ')}${unknown.length > 0 ? `, not ${unknown}` : ''}.`);
  process.exit(2);
}
for (const name of positionals) await make(name);

async function make(name: string): Promise<void> {
  const category = CATEGORIES[name];
  const timeBudget = values['time-budget'] ?? category.timeBudget;
  const cache = join('.cache', 'assets', name);
  const output = `assets/${name}.glb`;
  const shapes = category.shapes();
  const paths = await writeMeshes(shapes, join(cache, 'meshes'));
  const training = paths.filter((_, i) => !shapes[i].heldOut);
  const threads = ['--threads', values.threads];
  const samples = join(cache, 'samples');
  const { samples: count, uniformShare } = category;
  command('prepare', ...training, '-o', samples, '--samples', `${count}`, '--uniform', `${uniformShare}`, '--class', name, ...threads);
  const train = ['train', samples, '-o', output, '--spec', `assets/${name}.specs.json`, '--baked', `${category.baked}`, '--json'];
  const report = JSON.parse(command(...train, '--time-budget', timeBudget, ...threads, ...(values.resume ? ['--resume'] : [])));
  const machine = { cores: availableParallelism(), load: loadavg()[2] };
  const again = `npm run assets -- ${name} --time-budget ${timeBudget} --threads ${values.threads}${values.resume ? ' --resume' : ''}`;
  const file = { bytes: statSync(output).size, command: again };
  await writeFileAtomic(`assets/${name}.md`, cardOf(name, category, shapes, report as TrainingReport, machine, file));
}

/** Runs a command of the same build, dist/cli beside dist/assets. */
function command(...args: string[]): string {
  console.error(`neural-sdf ${args.filter((arg) => !arg.endsWith('.ply')).join(' ')}`);
  const cli = join(import.meta.dirname, '..', 'cli', 'main.js');
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

/**
 * Bundles a benchmark of this folder and runs it:
 *   node tests/bench/run.mjs train [arguments of its own]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';

const [name, ...rest] = process.argv.slice(2);
if (!name) throw new Error('which benchmark? node tests/bench/run.mjs <name of a file in tests/bench>');
const outdir = 'node_modules/.bench';
// In chunks: what is imported on demand must stay so.
await build({
  entryPoints: [`tests/bench/${name}.ts`],
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  loader: { '.wgsl': 'text' },
  logLevel: 'warning',
});
process.exitCode = spawnSync(process.execPath, [join(outdir, `${name}.mjs`), ...rest], { stdio: 'inherit' }).status ?? 1;

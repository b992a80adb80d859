/**
 * Builds everything into dist/: the library (ESM, with types), the command line, the demo page.
 *   node build.mjs [--no-types] [--serve]     --serve shows the demo on 127.0.0.1, at PORT or the first free one from 8000
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { build, context } from 'esbuild';

const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const loader = { '.wgsl': 'text' };
const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  loader,
  sourcemap: true,
  logLevel: 'warning',
  define: { __PACKAGE_VERSION__: JSON.stringify(version) },
};

const serves = process.argv.includes('--serve');
const { PORT } = process.env;
if (serves && PORT) {
  // Ahead of the build, which takes dist away from under a page that is being served from there.
  await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(Number(PORT), '127.0.0.1', () => server.close(resolve));
  }).catch(({ message }) => {
    console.error(`The page cannot be served at port ${PORT} (${message}). Without PORT it takes the first free one from 8000 on.`);
    process.exit(1);
  });
}

const withTypes = !process.argv.includes('--no-types');
// Types that are not made anew stay: a page served in between takes nothing away from the package.
const old = existsSync('dist') ? readdirSync('dist').filter((name) => withTypes || name !== 'types') : [];
for (const name of old) rmSync(join('dist', name), { recursive: true });

/** One entry a subpath export; what they share becomes a chunk. Packages stay imports: Babylon and tfjs must not be bundled twice. */
await build({
  ...common,
  entryPoints: { index: 'plugin/index.ts', core: 'src/index.ts', training: 'src/training/index.ts', dataset: 'src/dataset/index.ts' },
  outdir: 'dist',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  packages: 'external',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  external: ['node:*'],
});

await build({
  ...common,
  entryPoints: { 'cli/main': 'src/cli/main.ts', 'assets/make': 'assets/make.ts' },
  outdir: 'dist',
  splitting: true,
  chunkNames: 'cli/chunks/[name]-[hash]',
  packages: 'external',
  platform: 'node',
});

if (existsSync('demo/main.ts')) {
  await build({
    ...common,
    entryPoints: { main: 'demo/main.ts', train: 'demo/train/main.ts', 'train-worker': 'demo/train/worker.ts' },
    outdir: 'dist/demo',
    splitting: true,
    minify: true,
    platform: 'browser',
    // Node-only branches of libraries that find out at run time where they are.
    external: ['node:*', 'module', 'fs', 'path', 'url', 'worker_threads', 'perf_hooks', 'os', 'crypto'],
  });
  for (const page of ['index.html', 'train.html']) cpSync(join('demo', page), join('dist/demo', page));
  cpSync(join(dirname(require.resolve('@babylonjs/havok')), '../esm/HavokPhysics.wasm'), 'dist/demo/HavokPhysics.wasm');
  mkdirSync('dist/demo/assets', { recursive: true });
  for (const file of readdirSync('assets')) if (file.endsWith('.glb')) cpSync(join('assets', file), join('dist/demo/assets', file));
}

if (withTypes) {
  const { status } = spawnSync(
    process.execPath,
    [join(dirname(require.resolve('typescript/package.json')), 'bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}

if (serves) {
  // Without a port esbuild takes the first free one from 8000 on: the address stays the same from day to day.
  const server = await (await context({})).serve({ servedir: 'dist/demo', host: '127.0.0.1', ...(PORT && { port: Number(PORT) }) });
  console.log(`demo: http://127.0.0.1:${server.port}   (Ctrl-C stops)`);
}

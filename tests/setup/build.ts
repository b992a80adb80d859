import { spawnSync } from 'node:child_process';

/** Once before all tests: the command line and the page are tested as they are shipped, from dist/. */
export function setup(): void {
  const { status } = spawnSync(process.execPath, ['build.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`node build.mjs failed with ${status}`);
}

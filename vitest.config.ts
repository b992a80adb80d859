import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Shaders import as text, as in the bundles. */
const wgslAsText = {
  name: 'wgsl-as-text',
  enforce: 'pre' as const,
  load(id: string) {
    return id.endsWith('.wgsl') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))};` : undefined;
  },
};

export default defineConfig({
  plugins: [wgslAsText],
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/setup/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores, and a software GPU uses both: files in turn, each in a process of its own.
    fileParallelism: false,
    pool: 'forks',
  },
});

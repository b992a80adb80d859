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

/** What measures time, or drives a browser that gives up waiting: has the machine to itself. */
const ALONE = ['tests/browser/**/*.test.ts', 'tests/cli/bench-train.test.ts', 'tests/gpu/{bricks,frame-budget}.test.ts'];

const project = (name: string, test: { include: string[]; exclude?: string[]; maxWorkers: number; sequence: { groupOrder: number } }) => ({
  plugins: [wgslAsText],
  test: {
    ...test,
    name,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Mesa's software GPU compiles a decoder in half to a third of the time where LLVM does not optimise it, more than most tests take to draw.
    env: { GALLIVM_PERF: 'nopt' },
    // Each file in a process of its own.
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    globalSetup: ['tests/setup/build.ts'],
    projects: [
      // Compiling a decoder's shaders keeps one of two cores busy: two files at a time.
      project('beside', { include: ['tests/{unit,gpu,cli}/**/*.test.ts'], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 0 } }),
      project('alone', { include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ],
  },
});

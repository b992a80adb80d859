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
const ALONE = ['tests/browser/**/*.test.ts', 'tests/cli/bench-train.test.ts', 'tests/gpu/bricks.test.ts'];

/**
 * Small pictures of small decoders in many a shader. Mesa's software GPU compiles those in half to a third of the time where LLVM does not
 * optimise them, more than such pictures take to draw; not so 4x64, nor whatever computes.
 */
const PICTURES = [
  'tests/gpu/matrix/*.test.ts',
  'tests/gpu/frame-budget*.test.ts',
  'tests/gpu/{edited-shapes,failures,hidden-pixels,instances,level-of-detail,live-decoder,silhouettes}.test.ts',
  'tests/gpu/{device-loss,device-loss-features,gltf-loader,picking,serialization,trace-against-baked,traced-in-a-scene}.test.ts',
];

/** Two at a time, where so: compiling a decoder's shaders keeps one of two cores busy. */
const project = (name: string, include: string[], exclude: string[], maxWorkers: 1 | 2, env: Record<string, string>) => ({
  plugins: [wgslAsText],
  test: {
    ...{ name, include, exclude, maxWorkers, env },
    sequence: { groupOrder: maxWorkers === 2 ? 0 : 1 },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each file in a process of its own.
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    globalSetup: ['tests/setup/build.ts'],
    projects: [
      project('pictures', PICTURES, [], 2, { GALLIVM_PERF: 'nopt' }),
      project('beside', ['tests/{unit,gpu,cli}/**/*.test.ts'], [...ALONE, ...PICTURES], 2, {}),
      project('alone', ALONE, [], 1, {}),
    ],
  },
});

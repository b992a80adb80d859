import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/cli.js';

const { exports, dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, { types: string; default: string }>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};
const entries = Object.entries(exports).filter(([, target]) => typeof target === 'object');
const consumer = scratchFolder();
afterAll(() => rmSync(consumer, { recursive: true }));

/** What stands in a bundle and in all the chunks that it imports at once. */
function importsOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const found = [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?(?:from\s*)?["']([^"']+)["']/gm)].map(
    (match) => match[1],
  );
  return found.flatMap((name) => (name.startsWith('.') ? importsOf(resolve(file, '..', name), seen) : [name]));
}

describe('the package', () => {
  it.each(entries)('%s has its bundle and its types', (_, target) => {
    expect(existsSync(target.default)).toBe(true);
    expect(existsSync(target.types)).toBe(true);
  });

  it('is loaded without tfjs, and its core without Babylon', () => {
    expect(importsOf('dist/index.js').filter((name) => name.startsWith('@babylonjs/')).length).toBeGreaterThan(5);
    expect(importsOf('dist/index.js').filter((name) => name.startsWith('@tensorflow/'))).toEqual([]);
    expect(importsOf('dist/core.js').filter((name) => /^(@babylonjs|@tensorflow|node:)/.test(name))).toEqual([]);
  });

  it('imports nothing that an installation of it lacks, at run time either', () => {
    const bundles = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((name) =>
      /^(chunks\/|cli\/)?[^/]*(chunks\/[^/]+)?\.js$/.test(name),
    );
    expect(bundles.length).toBeGreaterThan(20);
    const names = bundles.flatMap((name) =>
      [...readFileSync(join('dist', name), 'utf8').matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)["']([^"'./][^"'\s]*)["']/gm)].map(
        (match) => match[1],
      ),
    );
    const packages = new Set(names.filter((name) => !name.startsWith('node:')).map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]));
    expect(packages).toContain('three-mesh-bvh');
    const given = { ...dependencies, ...peerDependencies };
    expect([...packages].filter((name) => !(name in given))).toEqual([]);
  });

  it("type-checks in a consumer's project, as the README uses it", () => {
    mkdirSync(join(consumer, 'node_modules'));
    for (const name of ['@babylonjs', '@webgpu', '@types'])
      symlinkSync(resolve('node_modules', name), join(consumer, 'node_modules', name));
    symlinkSync(resolve('.'), join(consumer, 'node_modules', 'babylon-neural-sdf'));
    const snippet = /```ts\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))![1];
    const scene =
      "import type { Scene } from '@babylonjs/core/scene';\nimport type { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator';\n";
    const others = entries.map(([name], i) => `import * as part${i} from 'babylon-neural-sdf${name.slice(1)}';\nexport { part${i} };\n`);
    writeFileSync(
      join(consumer, 'use.ts'),
      `${scene}declare const scene: Scene;\ndeclare const shadows: ShadowGenerator;\n${others.join('')}${snippet}`,
    );
    const compilerOptions = {
      target: 'ES2022',
      module: 'ESNext',
      moduleResolution: 'bundler',
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    };
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const { status, stdout } = spawnSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', consumer], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

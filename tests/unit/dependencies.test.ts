import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Which folders each folder may import from; its own is always allowed, and so are the files directly in src/. */
const ALLOWED: Record<string, string[]> = {
  'src/decoder': [],
  'src/gpu': ['src/decoder', 'shaders'],
  'src/latent': ['src/decoder'],
  'src/tracing': ['src/decoder'],
  'src/wasm': ['src/decoder'],
  'src/asset': ['src/decoder', 'src/meshing'],
  'src/dataset': ['src/decoder', 'src/asset'],
  'src/training': ['src/decoder', 'src/dataset', 'src/asset', 'src/wasm', 'src/gpu', 'shaders'],
  'src/meshing': ['src/decoder', 'src/asset'],
  'src/editing': ['src/decoder', 'src/asset', 'src/meshing', 'src/tracing'],
  'src/metrics': ['src/decoder', 'src/dataset', 'src/meshing'],
  'src/evaluation': ['src/decoder', 'src/asset', 'src/dataset', 'src/latent', 'src/meshing', 'src/metrics', 'src/wasm'],
  'src/distillation': ['src/decoder', 'src/asset', 'src/dataset', 'src/training', 'src/meshing', 'src/wasm'],
  'src/experiments': ['src/decoder', 'src/dataset', 'src/training', 'src/metrics', 'src/evaluation', 'src/wasm'],
  plugin: ['src/decoder', 'src/asset', 'src/editing', 'src/gpu', 'src/latent', 'src/meshing', 'src/tracing', 'src/wasm', 'shaders'],
};

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()\s*['"]([^'"]+)['"]/g)].map((match) => match[1]);

describe.each(Object.entries(ALLOWED))('%s', (folder, allowed) => {
  const files = sources(folder);

  it('imports only what the architecture lets it', () => {
    const wrong: string[] = [];
    for (const file of files) {
      for (const target of importsOf(file)) {
        if (target.startsWith('.')) {
          const path = normalize(join(dirname(file), target));
          const inside = [folder, ...allowed].some((prefix) => path.startsWith(`${prefix}/`));
          const root = /^src\/[^/]+$/.test(path);
          if (!inside && !root) wrong.push(`${file} imports ${path}`);
        } else if (folder.startsWith('src') && target.startsWith('@babylonjs/')) wrong.push(`${file} imports ${target}`);
        else if (folder === 'plugin' && target.startsWith('@tensorflow/')) wrong.push(`${file} imports ${target}`);
        else if (target.startsWith('node:') && !file.endsWith('-node.ts')) wrong.push(`${file} imports ${target}: name it *-node.ts`);
      }
    }
    expect(files.length).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });
});

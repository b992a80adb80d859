import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../support/cli.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const folder = scratchFolder();
const data = join(folder, 'data');
const meshes = join(folder, 'meshes');
const output = join(folder, 'ablations');
const ablate = (study: string, ...more: string[]) =>
  runCli(
    'ablate',
    study,
    data,
    '-o',
    output,
    '--width',
    '40',
    '--code-length',
    '4',
    '--resolution',
    '24',
    '--backend',
    'wasm',
    '--threads',
    '1',
    ...more,
  );
const jsonOf = (study: string) => JSON.parse(readFileSync(join(output, `${study}.json`), 'utf8'));

beforeAll(() => {
  mkdirSync(meshes);
  writeFileSync(join(meshes, 'torus.off'), torusOff());
  writeFileSync(join(meshes, 'box.off'), boxOff(1, 1.5, 0.8));
  expect(runCli('prepare', join(meshes, 'torus.off'), join(meshes, 'box.off'), '-o', data, '--samples', '5000').code).toBe(0);
});

describe('ablate', () => {
  it('truncation trains a decoder for every delta and writes table, data and plot', () => {
    const { code, stdout } = ablate('truncation', '--steps', '40', '--meshes', meshes, '--shapes', '1', '--repeats', '1');
    expect(code).toBe(0);
    const { rows, shapes, command } = jsonOf('truncation');
    expect(rows.map(({ x }: { x: number }) => x)).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5]);
    expect(rows.every(({ steps }: { steps: number }) => steps === 40)).toBe(true);
    expect(shapes).toEqual(['box']);
    expect(command).toContain('neural-sdf ablate truncation');
    expect(stdout).toMatch(/^delta +multiply-adds/m);
    const markdown = readFileSync(join(output, 'truncation.md'), 'utf8');
    expect(markdown.match(/^\| 0\./gm)).toHaveLength(7);
    expect(markdown).toContain('](truncation.svg)');
    expect(readFileSync(join(output, 'truncation.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  it('runs again only what is missing, to the very figures', () => {
    const before = jsonOf('truncation');
    const withoutTwo = { ...before, rows: before.rows.filter((_: unknown, i: number) => i !== 1 && i !== 4) };
    writeFileSync(join(output, 'truncation.json'), JSON.stringify(withoutTwo));
    const { code, stderr } = ablate('truncation', '--steps', '40', '--meshes', meshes, '--shapes', '1', '--repeats', '1');
    expect(code).toBe(0);
    expect(stderr).toMatch(/delta 0\.02,/);
    expect(stderr).toMatch(/delta 0\.2,/);
    expect(stderr).not.toMatch(/delta 0\.(01|05|1|35|5),/);
    const figures = ({ rows }: { rows: { seconds: number }[] }) => rows.map(({ seconds: _, ...row }) => row);
    expect(figures(jsonOf('truncation'))).toEqual(figures(before));
  });

  it('skip has each depth with and without, and refuses a file of something else', () => {
    writeFileSync(join(output, 'skip.json'), '{"rows": 3}');
    const refused = ablate('skip', '--steps', '2', '--json', '--quiet');
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout).error.code).toBe('INVALID_ARGUMENT');
    writeFileSync(join(output, 'skip.json'), '{"rows": []}');
    const { code, stdout } = ablate('skip', '--steps', '2', '--json', '--quiet', '--shapes', '1', '--repeats', '1');
    expect(code).toBe(0);
    const { rows, files } = JSON.parse(stdout);
    expect(rows.map(({ x, series }: { x: number; series: string }) => `${x} ${series}`)).toEqual(
      [4, 8, 12, 16].flatMap((depth) => [`${depth} skip in the middle`, `${depth} no skip`]),
    );
    for (const file of Object.values(files) as string[]) expect(statSync(file).size).toBeGreaterThan(500);
  });

  it('refuses a study that is none, and a folder without samples', () => {
    expect(ablate('dropout').code).toBe(2);
    const { code } = runCli('ablate', 'skip', folder, '-o', join(folder, 'nowhere'), '--steps', '2');
    expect(code).toBe(3);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../support/cli.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const folder = scratchFolder();
const file = (name: string, contents: string) => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};
const torus = file('torus.off', torusOff());
const box = file('box.off', boxOff(1, 2, 3));
const sheet = file('sheet.off', 'OFF\n4 2 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2\n3 0 2 3\n');
const poses = file('poses.json', '{"about": "turns", "box": {"up": "z", "yaw": 90}}');
const SMALL = ['--views', '20', '--view-size', '80'];

describe('prepare', () => {
  it('by cameras: a line a mesh, what was dropped and why, a page; a second run keeps it all', () => {
    const out = join(folder, 'views');
    const args = ['prepare', torus, sheet, box, '-o', out, '--method', 'multiview', '--samples', '2000', '--threads', '2', ...SMALL];
    const first = runCli(...args, '--report');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^torus\.off +576 triangles {2}\d+ inside, \d+ outside(, \d+ dropped)?, sign by multi-view$/m);
    expect(first.stdout).toMatch(/^sheet\.off +DROPPED SHAPE_REJECTED$/m);
    expect(first.stdout).toMatch(/^2 of 3 prepared, 1 dropped$/m);
    expect(first.stdout).toMatch(/^dropped .*sheet\.off: not the skin of a solid: .*limit 2 %/m);
    expect(first.stdout).toMatch(/^dropped \d+ of 4000 samples \([\d.]+ %\)/m);
    expect(first.stderr).not.toContain('SHAPE_REJECTED');
    expect(readFileSync(join(out, 'prepare-report.html'), 'utf8')).toContain('2 of 3 shapes prepared');
    const split = readFileSync(join(out, 'split.json'), 'utf8');
    const second = runCli(...args);
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/^2 of 3 prepared \(2 unchanged\), 1 dropped$/m);
    expect(second.stdout).toMatch(/^sheet\.off +DROPPED SHAPE_REJECTED, as before$/m);
    expect(second.stdout.match(/, unchanged$/gm)).toHaveLength(2);
    expect(readFileSync(join(out, 'split.json'), 'utf8')).toBe(split);
    const forced = JSON.parse(runCli(...args, '--force', '--json').stdout);
    expect(forced).toMatchObject({
      failed: 0,
      rejected: 1,
      meshes: [{ dropped: expect.any(Number) }, { error: { code: 'SHAPE_REJECTED' } }, {}],
    });
    expect(forced.meshes.some((mesh: { unchanged?: boolean }) => mesh.unchanged)).toBe(false);
    const lenient = JSON.parse(runCli(...args, '--max-bad-observations', '1', '--max-bad-triangles', '1', '--json').stdout);
    expect(lenient).toMatchObject({ rejected: 0, failed: 0 });
  });

  it('takes the test variant’s count, unless told otherwise', () => {
    const out = join(folder, 'variant');
    const counts = (...args: string[]) => {
      const [mesh] = JSON.parse(runCli('prepare', box, '-o', out, '--json', ...args).stdout).meshes;
      return mesh.positive + mesh.negative;
    };
    expect(counts('--variant', 'test')).toBe(250_000);
    expect(counts('--variant', 'test', '--samples', '1000')).toBe(1000);
    const manifest = JSON.parse(readFileSync(join(out, 'PreparationManifests', 'dataset', folder.split('/').at(-1)!, 'box.json'), 'utf8'));
    expect(manifest.key.settings).toMatchObject({ count: 1000, uniformShare: 0.1, variances: [0.05, 0.0005] });
  });

  it('turns meshes by a pose file, and says which it has no pose for', () => {
    const out = join(folder, 'posed');
    const { code, stderr } = runCli('prepare', torus, box, '-o', out, '--samples', '1000', '--poses', poses);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: 1 of 2 meshes have no pose in .*poses\.json and stay as they are, the first is torus/);
  });

  it.each([
    ['--method', 'magic'],
    ['--variant', 'validation'],
    ['--max-bad-triangles', '3'],
    ['--views', '0'],
    ['--poses', file('bad.json', '{"box": {"roll": 3}}')],
  ])('refuses %s %s as a usage error, before anything is written', (...bad) => {
    const out = join(folder, 'refused');
    expect(runCli('prepare', box, '-o', out, ...bad).code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  it('names a pose file that is not there', () => {
    const { code, stderr } = runCli('prepare', box, '-o', join(folder, 'x'), '--poses', join(folder, 'none.json'));
    expect(code).toBe(3);
    expect(stderr).toContain('none.json: no such file or folder (FILE_NOT_FOUND)');
  });
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../support/cli.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const folder = scratchFolder();
const file = (name: string, contents: string) => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};
const meshes = [
  file('torus.off', torusOff()),
  file('broken.off', 'OFF\n8 12 0\n0 0 0\n'),
  file('box.off', boxOff(1, 2, 3)),
  file('holes.off', torusOff(24, 12, 20)),
  join(folder, 'nowhere.off'),
  file('plate.off', boxOff(3, 2, 0.2)),
];

/** Contents of every file below a folder, by its path. */
const contentsOf = (root: string): Map<string, string> =>
  new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length), readFileSync(path).toString('base64')]),
  );

const prepare = (threads: string) => {
  const out = join(folder, `out-${threads}`);
  const { code, stdout, stderr } = runCli('prepare', ...meshes, '-o', out, '--samples', '3000', '--threads', threads, '--json');
  return { code, result: JSON.parse(stdout.replaceAll(out, 'OUT')), stderr, contents: contentsOf(out) };
};

describe('prepare on several threads', () => {
  const alone = prepare('1');

  it('on one thread does what it should', () => {
    expect(alone.code).toBe(3);
    expect(alone.result).toMatchObject({ failed: 2, splitFile: 'OUT/split.json' });
    expect([...alone.contents.keys()].filter((path) => path.startsWith('/SdfSamples'))).toHaveLength(4);
  });

  it.each(['2', '5'])('gives the same bytes, results, warnings and errors on %s', (threads) => {
    const { code, result, stderr, contents } = prepare(threads);
    expect(code).toBe(3);
    expect(result).toEqual(alone.result);
    expect(result.meshes.map((mesh: { error?: { code: string } }) => mesh.error?.code)).toEqual([
      undefined,
      'MESH_TRUNCATED',
      undefined,
      undefined,
      'FILE_NOT_FOUND',
      undefined,
    ]);
    expect(contents).toEqual(alone.contents);
    const complaints = (text: string) => text.split('\n').filter((line) => !line.startsWith('preparing'));
    expect(complaints(stderr)).toEqual(complaints(alone.stderr));
  });

  it('starts as many threads as asked, and reports a share of all that only grows, to 1', async () => {
    // The library as it is shipped: a thread cannot load the sources.
    const { prepareMeshes } = (await import(
      new URL('../../dist/dataset.js', import.meta.url).href
    )) as typeof import('../../src/dataset/index.js');
    const shares: number[] = [];
    let started = 0;
    const count = () => {
      started++;
    };
    process.on('worker', count);
    const result = await prepareMeshes(meshes, join(folder, 'library'), { count: 3000, threads: 3 }, ({ share }) => shares.push(share));
    process.off('worker', count);
    expect(started).toBe(3);
    expect(result.meshes.map((mesh) => mesh.file)).toEqual(meshes);
    expect(result.meshes[1].error?.name).toBe('NeuralSdfError');
    expect(shares.every((share, i) => i === 0 || share >= shares[i - 1])).toBe(true);
    expect(shares.at(-1)).toBeCloseTo(1, 12);
    await expect(prepareMeshes(meshes, folder, { threads: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

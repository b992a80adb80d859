import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listInstances, loadNormalization, loadSamples, loadSurfaceSamples } from '../../src/dataset/folder-node.js';
import { prepareMeshes } from '../../src/dataset/prepare-node.js';
import { parseSplit } from '../../src/dataset/split.js';
import { writeFileAtomic } from '../../src/write-file-node.js';
import { boxMesh, keepTriangles, moved, sphereMesh } from '../support/dataset-shapes.js';

const root = mkdtempSync(join(tmpdir(), 'neural-sdf-'));
afterAll(() => rmSync(root, { recursive: true }));

const code = (wanted: string) => expect.objectContaining({ code: wanted });

function writeObj(file: string, { positions, triangles }: ReturnType<typeof boxMesh>): string {
  const rows = (prefix: string, values: number[]) =>
    Array.from({ length: values.length / 3 }, (_, i) => `${prefix} ${values.slice(3 * i, 3 * i + 3).join(' ')}\n`).join('');
  writeFileSync(
    file,
    rows('v', [...positions]) +
      rows(
        'f',
        [...triangles].map((v) => v + 1),
      ),
  );
  return file;
}

mkdirSync(join(root, 'things'));
const ball = writeObj(join(root, 'things', 'ball.obj'), moved(sphereMesh(1, 4), [3, 4, 5], 2));
const box = writeObj(join(root, 'things', 'box.obj'), boxMesh(1, 2, 3));
const open = writeObj(
  join(root, 'things', 'open.obj'),
  keepTriangles(sphereMesh(1, 3), (t) => t !== 7),
);
const broken = join(root, 'things', 'broken.off');
writeFileSync(broken, 'OFF\n8 12 0\n0 0 0\n');
const options = { count: 4000, surfaceCount: 500 };

describe('prepare', () => {
  it("writes DeepSDF's layout, which reads back in the original's units", async () => {
    const out = join(root, 'out');
    const progress: number[] = [];
    const result = await prepareMeshes([ball, box], out, options, ({ index, count, done }) => progress.push((index + done) / count));
    expect(result).toMatchObject({ failed: 0, splitFile: join(out, 'split.json') });
    expect(result.meshes[0]).toMatchObject({ signMethod: 'pseudonormal', warnings: [], report: { watertight: true } });
    expect(progress.at(-1)).toBe(1);

    expect(JSON.parse(readFileSync(result.splitFile, 'utf8'))).toEqual({ dataset: { things: ['ball', 'box'] } });
    const instances = await listInstances(out, result.splitFile);
    expect(instances).toEqual(await listInstances(out));
    expect(instances[0]).toEqual({ dataset: 'dataset', className: 'things', name: 'ball' });

    const { samples, droppedRows } = await loadSamples(out, instances[0]);
    expect(droppedRows).toBe(0);
    expect(samples.positive.length + samples.negative.length).toBe(4 * 4000);
    const normalization = (await loadNormalization(out, instances[0]))!;
    expect(normalization.offset).toEqual([-3, -4, -5]);
    expect(normalization.scale).toBeCloseTo(1 / 2 / 1.03, 6);
    const surface = (await loadSurfaceSamples(out, instances[0]))!;
    expect(surface.points).toHaveLength(1500);
    for (let i = 0; i < 1500; i += 3) {
      const [p, n] = [surface.points, surface.normals].map((a) => [...a.subarray(i, i + 3)]);
      expect(Math.hypot(...p)).toBeCloseTo(1 / 1.03, 2);
      expect((n[0] * p[0] + n[1] * p[1] + n[2] * p[2]) / Math.hypot(...p)).toBeGreaterThan(0.99);
    }
  });

  it('goes on after a mesh that fails, says so, and writes nothing of it', async () => {
    const out = join(root, 'partial');
    const result = await prepareMeshes([broken, box, join(root, 'none.obj')], out, { ...options, className: 'shapes' });
    expect(result.failed).toBe(2);
    expect(result.meshes.map((mesh) => mesh.error?.code)).toEqual(['MESH_TRUNCATED', undefined, 'FILE_NOT_FOUND']);
    expect(JSON.parse(readFileSync(result.splitFile, 'utf8'))).toEqual({ dataset: { shapes: ['box'] } });
    expect(readdirSync(out, { recursive: true }).filter((file) => /broken|none|tmp/.test(String(file)))).toEqual([]);
  });

  it('warns of an open mesh with the measured share, and refuses it when strict', async () => {
    const [mesh] = (await prepareMeshes([open], join(root, 'open'), options)).meshes;
    expect(mesh).toMatchObject({ signMethod: 'winding-number', report: { boundaryEdges: 3, edges: 768 } });
    expect(mesh.warnings[0]).toMatch(/3 of 768 edges open \(0.39 %\)/);
    const strict = await prepareMeshes([open], join(root, 'strict'), { ...options, strict: true });
    expect(strict.meshes[0].error?.code).toBe('MESH_NOT_WATERTIGHT');
    expect(readdirSync(join(root, 'strict'))).toEqual(['split.json']);
  });

  it('gives a shard the same samples as the whole run, under a split of its own', async () => {
    const shard = await prepareMeshes([ball, box], join(root, 'shard'), { ...options, shard: { index: 1, count: 2 } });
    expect(shard.meshes.map((mesh) => mesh.instance.name)).toEqual(['box']);
    expect(shard.splitFile).toBe(join(root, 'shard', 'split-1-of-2.json'));
    const file = join('SdfSamples', 'dataset', 'things', 'box.npz');
    expect(readFileSync(join(root, 'shard', file))).toEqual(readFileSync(join(root, 'out', file)));
    await expect(prepareMeshes([ball], root, { shard: { index: 2, count: 2 } })).rejects.toThrowError(code('INVALID_ARGUMENT'));
  });

  it('refuses two meshes of one name, and names that leave the folder', async () => {
    await expect(prepareMeshes([ball, join(root, 'things', 'ball.off')], root, options)).rejects.toThrowError(code('INVALID_ARGUMENT'));
    await expect(prepareMeshes([ball], root, { ...options, dataset: '../up' })).rejects.toThrowError(code('INVALID_ARGUMENT'));
  });
});

describe('the folder', () => {
  const instance = { dataset: 'd', className: 'c', name: 'x' };

  it('answers for what is missing', async () => {
    await expect(listInstances(join(root, 'nowhere'))).rejects.toThrowError(code('FILE_NOT_FOUND'));
    await expect(loadSamples(root, instance)).rejects.toThrowError(code('FILE_NOT_FOUND'));
    expect(await loadNormalization(root, instance)).toBeUndefined();
    expect(await loadSurfaceSamples(root, instance)).toBeUndefined();
    const split = join(root, 'wanted.json');
    writeFileSync(split, '{"dataset": {"things": ["box", "gone"]}}');
    await expect(listInstances(join(root, 'out'), split)).rejects.toThrowError(
      expect.objectContaining({ code: 'FILE_NOT_FOUND', details: expect.objectContaining({ missing: ['dataset/things/gone'] }) }),
    );
  });

  it.each(['', '[]', 'null', '{"a": []}', '{"a": {"b": "c"}}', '{"a": {"b": [1]}}', '{"a": {"b": ["../c"]}}', '{"a": {"..": ["c"]}}'])(
    'refuses the split %s',
    (text) => {
      expect(() => parseSplit(new TextEncoder().encode(text), 'split.json')).toThrowError(code('SAMPLES_INVALID'));
    },
  );
});

describe('a shape that cannot be written to the end', () => {
  it('leaves no part of itself', async () => {
    const out = join(root, 'halfway');
    // The samples' own place is taken by a folder: the third file fails.
    const taken = join(out, 'SdfSamples', 'dataset', 'things', 'box.npz');
    mkdirSync(join(taken, 'x'), { recursive: true });
    const { meshes } = await prepareMeshes([box], out, options).catch((error) => ({ meshes: [{ error }] }));
    expect(meshes[0].error?.code).toBe('WRITE_FAILED');
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map((entry) => entry.name)).toEqual(['split.json']);
  });
});

describe('atomic writing', () => {
  it('makes folders, replaces whole files and leaves nothing else', async () => {
    const folder = join(root, 'atomic', 'deep');
    await writeFileAtomic(join(folder, 'a.txt'), 'old, and longer');
    await writeFileAtomic(join(folder, 'a.txt'), new TextEncoder().encode('new'));
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it("fails with the path and the system's reason, and removes its temporary", async () => {
    const folder = join(root, 'atomic', 'occupied');
    mkdirSync(join(folder, 'a.txt'), { recursive: true });
    await expect(writeFileAtomic(join(folder, 'a.txt'), 'x')).rejects.toThrowError(
      expect.objectContaining({ code: 'WRITE_FAILED', details: { path: join(folder, 'a.txt'), reason: 'EISDIR' } }),
    );
    expect(readdirSync(folder)).toEqual(['a.txt']);
    await expect(writeFileAtomic(join(ball, 'a.txt'), 'x')).rejects.toThrowError(code('WRITE_FAILED'));
  });

  it.skipIf(process.platform !== 'linux')('fails in a folder that takes no files', async () => {
    await expect(writeFileAtomic('/proc/self/a.txt', 'x')).rejects.toThrowError(code('WRITE_FAILED'));
  });
});

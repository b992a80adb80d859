import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listInstances, loadNormalization, loadSamples, loadSurfaceSamples } from '../../src/dataset/folder-node.js';
import { preparedPose } from '../../src/dataset/manifest-node.js';
import { type PrepareOptions, prepareMeshes } from '../../src/dataset/prepare-node.js';
import { loadTrueSurface } from '../../src/evaluation/true-surfaces-node.js';
import { Random } from '../../src/random.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const root = mkdtempSync(join(tmpdir(), 'neural-sdf-'));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'things'));
const file = (name: string, contents: string) => {
  writeFileSync(join(root, 'things', name), contents);
  return join(root, 'things', name);
};
const torus = file('torus.off', torusOff());
const box = file('box.off', boxOff(1, 2, 3));
const open = file('open.off', torusOff(24, 12, 20));

const LOOKING = { method: 'multiview', views: 30, viewSize: 100 } as const;
const run = (folder: string, options: Partial<PrepareOptions> = {}, files = [torus, box]) =>
  prepareMeshes(files, join(root, folder), { count: 1000, surfaceCount: 200, ...options });
const unchanged = async (...args: Parameters<typeof run>) => (await run(...args)).meshes.map((mesh) => mesh.unchanged ?? false);
const samplesOf = (folder: string, name: string) => join(root, folder, 'SdfSamples', 'dataset', 'things', `${name}.npz`);
const manifestOf = (folder: string, name: string) => join(root, folder, 'PreparationManifests', 'dataset', 'things', `${name}.json`);
const filesBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('the samples of a seed', () => {
  const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

  // What trained checkpoints know their data by; recorded when preparation had one method and no order of evaluation.
  it.each([
    [
      'torus',
      'edb6459cd3df640db583df067eefa505095f09128f82553aac0f8831836f02bd',
      '7df69c477cbfe6f6347b3afe44fe78fa9a8ea33a54fd887bf6c9e992459f307d',
    ],
    [
      'open',
      '528fd398daa95d6ec44de616ee9e10bbe991907c5ad5c547c4a3077f1ccfcb0d',
      'c4f7190ebaed85d3bf771fd9cc02eec44a40c5bc0351614466252d088bf3ce91',
    ],
  ])('of the default method are the same bytes as ever (%s)', async (name, samples, surface) => {
    await run('hash', { count: 3000, surfaceCount: 30_000 }, [name === 'torus' ? torus : open]);
    expect(digest(samplesOf('hash', name))).toBe(samples);
    expect(digest(join(root, 'hash', 'SurfaceSamples', 'dataset', 'things', `${name}.ply`))).toBe(surface);
  });
});

describe('only what changed is prepared again', () => {
  it('nothing when nothing did: the answer is the same, the files are not touched', async () => {
    const first = await run('same', LOOKING);
    expect(first.meshes.map((mesh) => mesh.unchanged)).toEqual([undefined, undefined]);
    const old = new Date(2001, 1, 1);
    for (const entry of filesBelow('same')) utimesSync(join(entry.parentPath, entry.name), old, old);
    const second = await run('same', LOOKING);
    expect(second.meshes).toEqual(first.meshes.map((mesh) => ({ ...mesh, unchanged: true })));
    expect(readFileSync(second.splitFile, 'utf8')).toContain('torus');
    const touched = filesBelow('same').filter((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs !== old.getTime());
    expect(touched.map((entry) => entry.name)).toEqual(['split.json']);
  });

  it('a mesh whose contents changed, not one that only moved', async () => {
    const moving = file('moving.off', boxOff(1, 1, 1));
    await run('contents', {}, [moving, box]);
    mkdirSync(join(root, 'elsewhere', 'things'), { recursive: true });
    const moved = join(root, 'elsewhere', 'things', 'moving.off');
    writeFileSync(moved, readFileSync(moving));
    expect(await unchanged('contents', {}, [moved, box])).toEqual([true, true]);
    writeFileSync(moved, boxOff(1, 1, 2));
    expect(await unchanged('contents', {}, [moved, box])).toEqual([false, true]);
  });

  it.each<[string, Partial<PrepareOptions>]>([
    ['count', { count: 1001 }],
    ['share of uniform samples', { uniformShare: 0.5 }],
    ['variances', { variances: [0.01] }],
    ['seed', { seed: 2 }],
    ['method', { method: 'winding' }],
    ['surface points', { surfaceCount: 100 }],
    ['strictness', { strict: true }],
    ['pose', { poses: { torus: { up: 'z', yaw: 0 }, box: { up: 'y', yaw: 10 } } }],
    ['force', { force: true }],
  ])('all when the %s changed', async (_, options) => {
    await run('settings');
    expect(await unchanged('settings', options)).toEqual([false, false]);
  });

  it('all when the cameras changed, where there are any', async () => {
    await run('cameras', { views: 20, viewSize: 80 });
    expect(await unchanged('cameras', { views: 21, viewSize: 81 })).toEqual([true, true]);
    await run('cameras', { ...LOOKING });
    expect(await unchanged('cameras', { ...LOOKING, views: 31 })).toEqual([false, false]);
    expect(await unchanged('cameras', { ...LOOKING, views: 31 })).toEqual([true, true]);
  });

  it('a shape whose files are gone or cut, or whose manifest is damaged', async () => {
    await run('lost');
    rmSync(samplesOf('lost', 'torus'));
    expect(await unchanged('lost')).toEqual([false, true]);
    const box = samplesOf('lost', 'box');
    writeFileSync(box, readFileSync(box).subarray(0, 100));
    expect(await unchanged('lost')).toEqual([true, false]);
    for (const text of [
      '',
      'null',
      '{"key": {}}',
      '{"key": {"settings": {}}, "outcome": {}}',
      readFileSync(manifestOf('lost', 'box'), 'utf8').slice(0, 200),
    ]) {
      writeFileSync(manifestOf('lost', 'box'), text);
      expect(await unchanged('lost')).toEqual([true, false]);
    }
    expect(await unchanged('lost')).toEqual([true, true]);
  });

  it('by shards that fill one folder together', async () => {
    const shard = (index: number) => run('shards', { shard: { index, count: 2 } });
    await Promise.all([shard(0), shard(1)]);
    expect(await unchanged('shards')).toEqual([true, true]);
    await run('whole');
    const contents = (folder: string) =>
      filesBelow(folder)
        .filter((entry) => !/^split/.test(entry.name))
        .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString('base64')])
        .sort();
    expect(contents('shards')).toEqual(contents('whole'));
  });
});

describe('a shape that multiview drops', () => {
  const thin = file('thin.off', 'OFF\n4 2 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2\n3 0 2 3\n');

  it('is told apart from a failure, loses the files of an earlier run, and is remembered', async () => {
    const before = await run('dropped', {}, [thin, box]);
    expect(before).toMatchObject({ failed: 0, rejected: 0 });
    expect(await listInstances(join(root, 'dropped'))).toHaveLength(2);
    const first = await run('dropped', LOOKING, [thin, box]);
    expect(first).toMatchObject({ failed: 0, rejected: 1 });
    expect(first.meshes[0]).toMatchObject({
      file: thin,
      report: { triangles: 2 },
      error: { code: 'SHAPE_REJECTED', message: expect.stringContaining('thin.off: not the skin') },
    });
    expect(first.meshes[0].positive).toBeUndefined();
    expect(JSON.parse(readFileSync(first.splitFile, 'utf8'))).toEqual({ dataset: { things: ['box'] } });
    expect((await listInstances(join(root, 'dropped'))).map(({ name }) => name)).toEqual(['box']);
    expect(
      filesBelow('dropped')
        .map((entry) => entry.name)
        .filter((name) => name.startsWith('thin')),
    ).toEqual(['thin.json']);
    const second = await run('dropped', LOOKING, [thin, box]);
    expect(second).toMatchObject({ failed: 0, rejected: 1 });
    expect(second.meshes[0]).toEqual({ ...first.meshes[0], unchanged: true });
    const lenient = await run('dropped', { ...LOOKING, maxBadObservations: 1, maxBadTriangles: 1 }, [thin, box]);
    expect(lenient.meshes[0].error).toBeUndefined();
    expect(lenient.meshes[0].dropped).toBeGreaterThan(900);
  });
});

describe('methods', () => {
  it('winding is taken where it is asked for, and agrees with what auto takes', async () => {
    const winding = await run('winding', { method: 'winding' });
    expect(winding.meshes.map((mesh) => mesh.signMethod)).toEqual(['winding-number', 'winding-number']);
    const auto = await run('auto', { method: 'auto' });
    expect(auto.meshes.map((mesh) => mesh.signMethod)).toEqual(['pseudonormal', 'pseudonormal']);
    expect(readFileSync(samplesOf('winding', 'torus'))).toEqual(readFileSync(samplesOf('auto', 'torus')));
  });

  it('multiview writes samples without a NaN, and says how many it dropped and what the cameras saw', async () => {
    const [mesh] = (await run('views', LOOKING, [torus])).meshes;
    expect(mesh).toMatchObject({
      signMethod: 'multi-view',
      warnings: [],
      views: { badObservations: 0, badTriangles: 0, hiddenTriangles: 0 },
    });
    expect(mesh.views!.observations).toBeGreaterThan(30 * 1000);
    expect(mesh.positive! + mesh.negative! + mesh.dropped!).toBe(1000);
    expect(mesh.dropped).toBeLessThan(20);
    const { samples, droppedRows } = await loadSamples(join(root, 'views'), mesh.instance);
    expect(droppedRows).toBe(0);
    expect([samples.positive.length / 4, samples.negative.length / 4]).toEqual([mesh.positive, mesh.negative]);
  });
});

describe('poses', () => {
  it('turn the mesh before it is normalised, and are remembered; a mesh without one stays', async () => {
    const { withoutPose } = await run('posed', { poses: { box: { up: 'z', yaw: 90 } } });
    expect(withoutPose).toEqual(['torus']);
    expect((await run('posed')).withoutPose).toEqual([]);
    await run('posed', { poses: { box: { up: 'z', yaw: 90 } } });
    const instances = await listInstances(join(root, 'posed'));
    expect(await preparedPose(join(root, 'posed'), instances[0])).toEqual({ up: 'z', yaw: 90 });
    expect(await preparedPose(join(root, 'posed'), instances[1])).toBeUndefined();
    // The box from (0, 0, 0) to (1, 2, 3): z goes up, then what was y goes along x.
    const { points } = (await loadSurfaceSamples(join(root, 'posed'), instances[0]))!;
    const { offset, scale } = (await loadNormalization(join(root, 'posed'), instances[0]))!;
    const extent = [0, 1, 2].map((axis) => Math.max(...points.filter((_, i) => i % 3 === axis)) / scale);
    for (const [axis, half] of [1, 1.5, 0.5].entries()) expect(extent[axis]).toBeCloseTo(half, 5);
    // What scores a decoder on that folder is given the mesh as it was.
    const truth = await loadTrueSurface(join(root, 'posed'), instances[0], box, new Random(1));
    expect(truth.mesh!.positions.every((value, i) => Math.abs(value) < extent[i % 3] * scale + 1e-5)).toBe(true);
    for (const [axis, value] of [-1, -1.5, -0.5].entries()) expect(Math.abs(offset[axis])).toBeCloseTo(Math.abs(value), 5);
  });
});

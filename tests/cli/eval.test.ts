import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeShapes } from '../../src/asset/index.js';
import { writeInstance } from '../../src/dataset/folder-node.js';
import { sampleShape } from '../../src/dataset/sample-shape.js';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { marchingCubes } from '../../src/meshing/marching-cubes.js';
import { Random } from '../../src/random.js';
import { denseGrid } from '../support/analytic-shapes.js';
import { runCli, scratchFolder } from '../support/cli.js';
import { ANALYTIC_SHAPES, tinyDecoderError, tinyShapes } from '../support/tiny-shapes.js';

const folder = scratchFolder();
const data = join(folder, 'data');
const meshes = join(folder, 'meshes');
const asset = join(folder, 'tiny.glb');
const GRID = ['--resolution', '48', '--picture-size', '64'];
const trueMeshes = ANALYTIC_SHAPES.map(({ distance }) => marchingCubes(denseGrid(distance, 64)).mesh);

/** As a mesh of its own units, from which the scale below leads to model units. */
const SCALE = 0.25;
const OFFSET = [3, -2, 1] as const;
const offOf = ({ positions, triangles }: TriangleMesh, scale: number): string => {
  const vertices = Array.from({ length: positions.length / 3 }, (_, i) =>
    OFFSET.map((offset, axis) => (scale === 1 ? positions[3 * i + axis] : positions[3 * i + axis] / scale - offset)).join(' '),
  );
  const faces = Array.from({ length: triangles.length / 3 }, (_, t) => `3 ${triangles.subarray(3 * t, 3 * t + 3).join(' ')}`);
  return `OFF\n${vertices.length} ${faces.length} 0\n${[...vertices, ...faces].join('\n')}\n`;
};
const instance = (name: string) => ({ dataset: 'd', className: 'c', name });

beforeAll(async () => {
  const shapes = tinyShapes();
  writeFileSync(asset, await writeShapes({ ...shapes, shapes: shapes.shapes.map((shape, i) => ({ ...shape, bakedMesh: trueMeshes[i] })) }));
  mkdirSync(meshes);
  for (const [i, { name }] of shapes.shapes.entries()) {
    const mesh = trueMeshes[i];
    const random = new Random(i);
    const samples = sampleShape(new SignedDistanceQuery(mesh), mesh, { count: 2000 }, random);
    await writeInstance(data, instance(name), samples, { offset: OFFSET, scale: SCALE }, sampleSurface(mesh, 5000, random));
    // The last one's mesh is in model units already.
    writeFileSync(join(meshes, `${name}.off`), offOf(mesh, i === 2 ? 1 : SCALE));
  }
});

const evaluate = (name: string, ...more: string[]) => {
  const { code, stdout, stderr } = runCli('eval', asset, data, '-o', join(folder, name), ...GRID, ...more);
  return { code, stdout, stderr };
};
const reportOf = (name: string) => JSON.parse(readFileSync(join(folder, name, 'report.json'), 'utf8'));

describe('eval', () => {
  it('scores every shape against its mesh, and writes a report that stands alone', () => {
    const { code, stdout, stderr } = evaluate('meshes-report', '--meshes', meshes);
    expect(stderr).not.toContain('warning');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^shape +CD x 1000 +EMD/);
    expect(stdout).toMatch(/^torus +\d/m);
    expect(stdout).toMatch(/^median +\d/m);
    const report = reportOf('meshes-report');
    const errors = tinyDecoderError(tinyShapes());
    expect(report.shapes.map((shape: { name: string }) => shape.name)).toEqual(['box', 'sphere', 'torus']);
    for (const shape of report.shapes) {
      const error = errors[ANALYTIC_SHAPES.findIndex(({ name }) => name === shape.name)];
      expect(shape).toMatchObject({ empty: false, against: 'mesh', components: 1 });
      // The decoder's own mean error near the surface, give or take.
      expect(shape.distanceToTruth).toBeGreaterThan(0.1 * error);
      expect(shape.distanceToTruth).toBeLessThan(3 * error);
      expect(shape.accuracy).toBeGreaterThan(shape.distanceToTruth);
      expect(shape.accuracy).toBeLessThan(0.05);
      expect(shape.chamferX1000).toBeLessThan(2);
      expect(shape.cosineSimilarity).toBeGreaterThan(0.95);
      expect(shape.completion).toBeGreaterThan(0.3);
      expect(shape.earthMovers).toBeLessThan(0.15);
    }
    const chamfers = report.shapes.map((shape: { chamferX1000: number }) => shape.chamferX1000).sort((a: number, b: number) => a - b);
    expect(report.median.chamferX1000).toBe(chamfers[1]);
    expect(report.mean.chamferX1000).toBeCloseTo((chamfers[0] + chamfers[1] + chamfers[2]) / 3, 12);
  });

  it('shows an example with --help', () => {
    expect(runCli('eval', '--help').stdout).toContain('Example:\n  neural-sdf eval');
  });

  it('draws truth and reconstruction alike', () => {
    const html = readFileSync(join(folder, 'meshes-report', 'report.html'), 'utf8');
    const pictures = [...html.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, text]) =>
      PNG.sync.read(Buffer.from(text, 'base64')),
    );
    expect(pictures).toHaveLength(6);
    const covered = pictures.map(({ data: pixels }) => Array.from({ length: 64 * 64 }, (_, i) => pixels[4 * i + 3] > 127));
    const overlap = (a: boolean[], b: boolean[]) => a.filter((on, i) => on && b[i]).length / a.filter((on, i) => on || b[i]).length;
    for (let i = 0; i < 6; i += 2) expect(overlap(covered[i], covered[i + 1])).toBeGreaterThan(0.9);
    expect(overlap(covered[0], covered[4])).toBeLessThan(0.8);
  });

  it('takes the surface samples where there are no meshes, and says so', () => {
    const { code, stderr } = evaluate('samples-report');
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: accuracy of all shapes is measured against surface samples/);
    const [against, without] = [reportOf('meshes-report'), reportOf('samples-report')];
    expect(without.caveats).toHaveLength(1);
    expect(without.mean.distanceToTruth).toBeUndefined();
    expect(without.mean.accuracy).toBeGreaterThan(against.mean.accuracy);
    expect(without.mean.distanceFromTruth / against.mean.distanceFromTruth).toBeCloseTo(1, 0);
  });

  it('is the same run after run, and takes only the shapes of a split; what the asset lacks is named', async () => {
    await writeInstance(
      data,
      instance('stranger'),
      { positive: new Float32Array(4), negative: new Float32Array(4) },
      { offset: OFFSET, scale: 1 },
      sampleSurface(trueMeshes[0], 10, new Random(1)),
    );
    const split = join(folder, 'split.json');
    writeFileSync(split, JSON.stringify({ d: { c: ['torus', 'stranger'] } }));
    const runs = ['first', 'second'].map((name) => evaluate(name, '--split', split, '--json', '--quiet'));
    for (const { code, stderr } of runs) {
      expect(code).toBe(0);
      expect(stderr).toMatch(/1 prepared shapes are not in .*d\/c\/stranger/);
    }
    expect(readFileSync(join(folder, 'second', 'report.html'), 'utf8')).toBe(readFileSync(join(folder, 'first', 'report.html'), 'utf8'));
    expect(reportOf('second')).toEqual(reportOf('first'));
    expect(JSON.parse(runs[0].stdout)).toMatchObject({ ...reportOf('first'), files: { html: join(folder, 'first', 'report.html') } });
    expect(reportOf('first')).toMatchObject({ notInAsset: ['d/c/stranger'], shapes: [{ name: 'torus' }] });
  });
});

describe('eval refuses', () => {
  const refusal = (...args: string[]) => {
    const { code, stdout } = runCli('eval', '-o', join(folder, 'refused'), ...GRID, '--json', '--quiet', ...args);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
    return { code, error: JSON.parse(stdout).error.code };
  };

  it('a mesh that is not the one that was prepared', () => {
    const turned = join(folder, 'turned');
    mkdirSync(turned);
    const [torus] = trueMeshes;
    const positions = torus.positions.map((_, i) => torus.positions[3 * Math.floor(i / 3) + ((i + 1) % 3)]);
    writeFileSync(join(turned, 'torus.off'), offOf({ ...torus, positions }, SCALE));
    const split = join(folder, 'torus.json');
    writeFileSync(split, JSON.stringify({ d: { c: ['torus'] } }));
    expect(refusal(asset, data, '--meshes', turned, '--split', split)).toEqual({ code: 3, error: 'MESH_INVALID' });
  });

  it('a folder whose shapes the asset does not know, or that is none', () => {
    const split = join(folder, 'strangers.json');
    writeFileSync(split, JSON.stringify({ d: { c: ['stranger'] } }));
    expect(refusal(asset, data, '--split', split)).toEqual({ code: 2, error: 'SHAPE_NOT_FOUND' });
    expect(refusal(asset, folder)).toEqual({ code: 3, error: 'FILE_NOT_FOUND' });
    expect(refusal(asset, data, '--meshes', join(folder, 'nowhere'))).toEqual({ code: 3, error: 'FILE_NOT_FOUND' });
    expect(refusal(asset, data, '--resolution', '100000')).toEqual({ code: 2, error: 'RESOLUTION_TOO_LARGE' });
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShapes, writeShapes } from '../../src/asset/index.js';
import { writeInstance } from '../../src/dataset/folder-node.js';
import { sampleSurface } from '../../src/dataset/sample-surface.js';
import { marchingCubes } from '../../src/meshing/marching-cubes.js';
import { Random } from '../../src/random.js';
import { denseGrid } from '../support/analytic-shapes.js';
import { runCli, scratchFolder } from '../support/cli.js';
import { ANALYTIC_SHAPES, tinyShapes } from '../support/tiny-shapes.js';

const folder = scratchFolder();
const asset = join(folder, 'teacher.glb');
const data = join(folder, 'data');
const student = join(folder, 'student.glb');
const teacher = tinyShapes();
const FORM = ['--width', '16', '--layers', '2', '--octaves', '1', '--samples', '4000', '--blends', '4', '--resolution', '32'];
const distill = (output: string, ...more: string[]) =>
  runCli('distill', asset, '-o', output, ...FORM, '--backend', 'wasm', '--quiet', ...more);

beforeAll(async () => {
  const meshes = ANALYTIC_SHAPES.map(({ distance }) => marchingCubes(denseGrid(distance, 32)).mesh);
  writeFileSync(asset, await writeShapes({ ...teacher, shapes: teacher.shapes.map((shape, i) => ({ ...shape, bakedMesh: meshes[i] })) }));
  const [{ name }] = teacher.shapes;
  const rows = { positive: Float32Array.of(1, 1, 1, 1), negative: Float32Array.of(0.6, 0, 0, -0.2) };
  const surface = sampleSurface(meshes[0], 2000, new Random(1));
  await writeInstance(data, { dataset: 'd', className: 'c', name }, rows, { offset: [0, 0, 0], scale: 1 }, surface);
});

describe('distill', () => {
  it('writes a student with the teacher’s names and codes, and says what it lost and won', async () => {
    const { code, stdout, stderr } = distill(student, '--steps', '500', '--threads', '2', '--compare', '2', '--data', data, '--json');
    expect(stderr).not.toContain('neural-sdf:');
    expect(code).toBe(0);
    const read = await readShapes(readFileSync(student));
    expect(read.shapes.map(({ name, latent }) => ({ name, latent }))).toEqual(teacher.shapes.map(({ name, latent }) => ({ name, latent })));
    expect(read.decoder.spec.dims).toEqual([16, 16]);
    expect(read.shapes.every(({ bakedMesh }) => bakedMesh)).toBe(true);
    const { distillation, training } = JSON.parse(stdout);
    expect(read.provenance).toEqual(JSON.parse(JSON.stringify({ distillation, training })));
    expect(distillation.targets).toEqual({ shapes: 3, blends: 4, samplesPerShape: 4000 });
    // A torus in place of a ball scores above 50.
    expect(distillation.lost.known.chamferX1000).toBeLessThan(10);
    expect(distillation.lost.known.surfaceDistance).toBeLessThan(0.05);
    expect(distillation.lost.unseen.shapes).toBe(1);
    expect(distillation.lost.known.truth.student).toBeGreaterThan(0);
    expect(distillation.perShape.map(({ name }: { name: string }) => name)).toEqual(['torus', 'sphere', 'unseen blend 1']);
    expect(distillation.won.multiplyAddsRatio).toBeGreaterThan(1.5);
    expect(training).toMatchObject({ steps: 500, settings: { latentRate: { type: 'Constant', value: 0 }, delta: teacher.delta } });
  });

  it('is the same for the same seed, whatever the number of threads, and prints a table', async () => {
    const again = join(folder, 'again.glb');
    const { code, stdout } = distill(again, '--steps', '500', '--threads', '1', '--compare', '1');
    expect(code).toBe(0);
    expect((await readShapes(readFileSync(again))).decoder).toEqual((await readShapes(readFileSync(student))).decoder);
    expect(stdout).toMatch(/^lost, against the teacher +CD x 1000/);
    expect(stdout).toMatch(/^multiply-adds a query point +[\d,]+ +[\d,]+ +[\d.]+ x$/m);
  });

  it('shows an example with --help', () => {
    expect(runCli('distill', '--help').stdout).toContain('Example:\n  neural-sdf distill');
  });

  it.each([
    ['a file that is no asset', [data], 'FILE_NOT_FOUND', 3],
    ['data of other shapes', [asset, '--data', join(folder, 'strangers')], 'SHAPE_NOT_FOUND', 2],
    ['to go on from nothing', [asset, '--resume', '--steps', '5'], 'FILE_NOT_FOUND', 3],
  ])('refuses %s', async (_, args, error, exit) => {
    const rows = { positive: Float32Array.of(1, 1, 1, 1), negative: Float32Array.of(0, 0, 0, -1) };
    const stranger = { dataset: 'd', className: 'c', name: 'stranger' };
    const surface = { points: new Float32Array(3), normals: new Float32Array(3) };
    await writeInstance(join(folder, 'strangers'), stranger, rows, { offset: [0, 0, 0], scale: 1 }, surface);
    const output = join(folder, 'refused.glb');
    const { code, stdout } = runCli('distill', ...args, '-o', output, ...FORM, '--backend', 'wasm', '--json', '--quiet');
    expect(JSON.parse(stdout).error.code).toBe(error);
    expect(code).toBe(exit);
    expect(existsSync(output)).toBe(false);
  });
});

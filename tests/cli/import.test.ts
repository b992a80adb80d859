import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateBytes } from 'gltf-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShapes, writeShapes } from '../../src/asset/index.js';
import { readMesh } from '../../src/dataset/read-mesh.js';
import { createDecoder } from '../../src/decoder/decoder.js';
import { runCli, scratchFolder } from '../support/cli.js';
import { BALL_RADIUS, ballSiren, TENSOR_FILES } from '../support/mlp-files.js';
import { tinyShapes } from '../support/tiny-shapes.js';
import { floatBytes, legacyFile, randomShapes, zipFile } from '../support/torch-files.js';

const folder = scratchFolder();
const at = (...names: string[]) => join(folder, ...names);
const json = (result: { stdout: string }) => JSON.parse(result.stdout.trim().split('\n').at(-1) as string);
const asset = at('tiny.glb');
const experiment = at('runs', 'tiny');
const importTo = (output: string, from = experiment, ...more: string[]) =>
  runCli('import', from, '-o', at(output), '--resolution', '24', ...more, '--json');

const TRIANGLE = { positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0), triangles: Uint32Array.of(0, 1, 2) };

beforeAll(async () => {
  const tiny = tinyShapes();
  writeFileSync(asset, await writeShapes({ ...tiny, shapes: tiny.shapes.map((shape) => ({ ...shape, bakedMesh: TRIANGLE })) }));
  const { code, stderr } = runCli('export', asset, '-o', experiment);
  expect(stderr).toMatch(/warning: .*1 Fourier octaves of the point, the latent code in every layer, an output without tanh/);
  expect(code).toBe(0);
});

describe('export and import', () => {
  it('write what DeepSDF calls an experiment, and bring back the same decoder and latent codes', async () => {
    expect(readdirSync(experiment).sort()).toEqual(['LatentCodes', 'ModelParameters', 'specs.json']);
    const result = importTo('back.glb');
    expect(result.code).toBe(0);
    expect(json(result)).toMatchObject({ shapes: ['shape-000', 'shape-001', 'shape-002'], empty: [], delta: 0.1, epoch: 0 });
    const [before, after] = await Promise.all([asset, at('back.glb')].map((path) => readShapes(readFileSync(path))));
    expect(after.decoder).toEqual(before.decoder);
    expect(after.shapes.map(({ latent }) => latent)).toEqual(before.shapes.map(({ latent }) => latent));
    expect(after.shapes.every(({ bakedMesh }) => bakedMesh && bakedMesh.triangles.length > 300)).toBe(true);
    // Torus, sphere and box are near distance functions.
    expect(after.stepScale).toBeGreaterThan(0.5);
    expect(runCli('info', at('back.glb')).code).toBe(0);
    // Exported once more, to the same bytes.
    runCli('export', at('back.glb'), '-o', at('again'));
    for (const file of ['ModelParameters/latest.pth', 'LatentCodes/latest.pth']) {
      expect(readFileSync(at('again', file))).toEqual(readFileSync(join(experiment, file)));
    }
  });

  it('name shapes after the train split: where specs.json says, or as the call says; numbers where neither fits', () => {
    const specs = JSON.parse(readFileSync(join(experiment, 'specs.json'), 'utf8'));
    writeFileSync(join(experiment, 'specs.json'), JSON.stringify({ ...specs, TrainSplit: 'splits/train.json' }));
    expect(importTo('named.glb').stderr).toContain('train split was not found');
    mkdirSync(at('splits'));
    writeFileSync(at('splits', 'train.json'), JSON.stringify({ ours: { cups: ['torus', 'sphere'], boxes: ['box'] } }));
    expect(json(importTo('named.glb')).shapes).toEqual(['torus', 'sphere', 'box']);
    const other = at('other.json');
    writeFileSync(other, JSON.stringify({ ours: { cups: ['a', 'b'], boxes: ['a'] } }));
    expect(json(importTo('named.glb', experiment, '--split', other)).shapes).toEqual(['cups/a', 'cups/b', 'boxes/a']);
    writeFileSync(other, JSON.stringify({ ours: { cups: ['a', 'b'] } }));
    const short = importTo('named.glb', experiment, '--split', other);
    expect(short.code).toBe(2);
    expect(json(short).error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/lists 2 shapes.*3 latent codes/) });
  });

  it('takes the checkpoint that is asked for, and lists those there are when it is missing', () => {
    for (const kind of ['ModelParameters', 'LatentCodes']) {
      writeFileSync(join(experiment, kind, '1000.pth'), readFileSync(join(experiment, kind, 'latest.pth')));
    }
    expect(importTo('epoch.glb', experiment, '--checkpoint', '1000').code).toBe(0);
    const missing = importTo('missing.glb', experiment, '--checkpoint', '../ModelParameters/1000');
    expect(missing.code).toBe(3);
    expect(json(missing).error).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringMatching(/there are: 1000, latest/) });
    const nowhere = json(importTo('missing.glb', at('nowhere'))).error;
    expect(nowhere).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringMatching(/nowhere.*: no such file or folder/) });
    expect(json(importTo('missing.glb', folder)).error).toMatchObject({ message: expect.stringContaining('neither specs.json') });
  });
});

it('a decoder without a surface is imported all the same, with a warning, as a valid .glb', async () => {
  const random = randomShapes();
  const layers = random.decoder.layers.map(({ weight, bias }, i, all) => ({
    weight: new Float32Array(weight.length),
    bias: new Float32Array(bias.length).fill(i === all.length - 1 ? 1 : 0),
  }));
  const decoder = createDecoder(random.decoder.spec, layers);
  writeFileSync(at('empty.glb'), await writeShapes({ ...random, decoder }, { withoutMeshes: true }));
  runCli('export', at('empty.glb'), '-o', at('empty'));
  const result = importTo('empty-back.glb', at('empty'));
  expect(result.code).toBe(0);
  expect(result.stderr).toMatch(/warning: no surface .*shape-000, shape-001, shape-002/);
  expect(json(result).empty).toHaveLength(3);
  const file = readFileSync(at('empty-back.glb'));
  expect((await readShapes(file)).decoder).toEqual(decoder);
  const { issues } = (await validateBytes(new Uint8Array(file))) as { issues: object };
  expect(issues).toMatchObject({ numErrors: 0 });
  expect(runCli('info', at('empty-back.glb')).code).toBe(0);
});

describe('a plain MLP', () => {
  const { tensors, spec } = ballSiren();
  const ball = at('ball.safetensors');
  const radii = (positions: Float32Array, center = 0) =>
    Array.from({ length: positions.length / 3 }, (_, i) =>
      Math.hypot(positions[3 * i] - center, positions[3 * i + 1], positions[3 * i + 2]),
    );

  it('becomes an asset that can be baked, in its own units again', async () => {
    writeFileSync(ball, TENSOR_FILES.safetensors(tensors));
    writeFileSync(at('ball.json'), spec);
    const result = importTo('ball.glb', ball);
    expect(result.code).toBe(0);
    expect(json(result)).toMatchObject({ shapes: ['ball'], empty: [], delta: 0.1, spec: { activation: 'sine', dims: [3, 2] } });
    const asset = await readShapes(readFileSync(at('ball.glb')));
    for (const radius of radii(asset.shapes[0].bakedMesh!.positions))
      expect(Math.abs(radius / (0.5 * BALL_RADIUS) - 0.99)).toBeLessThan(0.02);
    expect(asset.shapes[0].normalization).toEqual({ offset: [-1, 0, 0], scale: 0.5 });
    expect(runCli('info', at('ball.glb')).stdout).toMatch(/sine \(0\.75\)/);

    expect(runCli('bake', at('ball.glb'), '-o', at('ball-mesh.glb'), '--units', 'original', '--resolution', '16', '--quiet').code).toBe(0);
    const mesh = await readMesh(readFileSync(at('ball-mesh.glb')), 'ball-mesh.glb');
    for (const radius of radii(mesh.positions, 1)) expect(Math.abs(radius / BALL_RADIUS - 0.99)).toBeLessThan(0.02);
  });

  it('says what is missing, and which options are for what', () => {
    writeFileSync(at('alone.npz'), TENSOR_FILES.npz(tensors));
    const alone = importTo('alone.glb', at('alone.npz'));
    expect(alone.code).toBe(3);
    expect(json(alone).error).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringMatching(/alone\.json: .*assets\/MLP\.md/) });
    writeFileSync(at('wrong.json'), spec.replace('sine', 'gelu'));
    const wrong = importTo('wrong.glb', at('alone.npz'), '--spec', at('wrong.json'));
    expect(json(wrong).error).toMatchObject({ code: 'INVALID_SPEC', message: expect.stringMatching(/alone\.npz: MLP spec: activation/) });
    expect(json(importTo('x.glb', experiment, '--spec', at('ball.json'))).error.code).toBe('INVALID_ARGUMENT');
  });
});

describe('a pickle that would run a command', () => {
  const marker = at('it-ran');
  const evil = new Uint8Array(
    Buffer.from(`\x80\x02cos\nsystem\nX${String.fromCharCode(marker.length + 6)}\0\0\0touch ${marker}\x85R.`, 'latin1'),
  );
  const storage = { 0: [1, floatBytes(Float32Array.of(1))] as const };

  it.each([
    ['zip', zipFile(evil)],
    ['legacy', legacyFile(evil, storage)],
  ])('is refused by name and not executed: %s container', (container, file) => {
    const evilFolder = at(`evil-${container}`);
    for (const kind of ['ModelParameters', 'LatentCodes']) mkdirSync(join(evilFolder, kind), { recursive: true });
    writeFileSync(join(evilFolder, 'specs.json'), readFileSync(join(experiment, 'specs.json')));
    writeFileSync(join(evilFolder, 'LatentCodes', 'latest.pth'), readFileSync(join(experiment, 'LatentCodes', 'latest.pth')));
    writeFileSync(join(evilFolder, 'ModelParameters', 'latest.pth'), file);
    const result = importTo('evil.glb', evilFolder);
    expect(result.code).toBe(3);
    expect(json(result).error).toMatchObject({ code: 'CHECKPOINT_UNSAFE', details: { global: 'os.system' } });
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(at('evil.glb'))).toBe(false);
  });
});

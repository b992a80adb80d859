import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShapes } from '../../src/asset/index.js';
import { killCliAt, runCli, scratchFolder } from '../support/cli.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const folder = scratchFolder();
const data = join(folder, 'data');
const run = (output: string, ...more: string[]) => [
  'train',
  data,
  '-o',
  join(folder, output),
  '--width',
  '16',
  '--layers',
  '3',
  '--code-length',
  '4',
  ...more,
];

beforeAll(() => {
  writeFileSync(join(folder, 'torus.off'), torusOff());
  writeFileSync(join(folder, 'box.off'), boxOff(1, 1.5, 0.8));
  const { code, stderr } = runCli('prepare', join(folder, 'torus.off'), join(folder, 'box.off'), '-o', data, '--samples', '20000');
  expect(stderr).not.toContain('warning');
  expect(code).toBe(0);
});

describe('prepare, train, info, bake', () => {
  it('make a small asset whose shapes are the meshes', async () => {
    const asset = join(folder, 'small.glb');
    const { code, stdout } = runCli(...run('small.glb', '--steps', '600', '--threads', '1', '--json'));
    expect(code).toBe(0);
    const { chamferX1000 } = JSON.parse(stdout);
    expect(chamferX1000.shapes).toBe(2);
    // A sphere in place of the torus would score above 50.
    expect(chamferX1000.mean).toBeLessThan(5);
    const read = await readShapes(readFileSync(asset));
    expect(read.shapes.map(({ name }) => name)).toEqual(['box', 'torus']);
    expect(read.shapes.every(({ bakedMesh, normalization }) => bakedMesh && normalization)).toBe(true);
    expect(read.stepScale).toBeGreaterThan(0.2);
    expect(runCli('info', asset).stdout).toMatch(/decoder +16-16-16, code length 4/);

    const collider = join(folder, 'collider.glb');
    const baked = runCli('bake', asset, '--shape', 'torus', '--resolution', '32', '--simplify', '500', '-o', collider, '--json');
    expect(JSON.parse(baked.stdout)).toMatchObject({ shape: 'torus', components: 1 });
    expect(JSON.parse(baked.stdout).triangles).toBeLessThanOrEqual(500);
    expect(readFileSync(collider).subarray(0, 4).toString()).toBe('glTF');
  });

  it('train again what prepare made on a split of it', () => {
    const split = join(folder, 'only-box.json');
    writeFileSync(split, JSON.stringify({ dataset: { [folder.split('/').at(-1) as string]: ['box'] } }));
    const { code, stdout } = runCli(...run('box.glb', '--steps', '20', '--split', split, '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout).chamferX1000.shapes).toBe(1);
  });
});

describe('a training run that is killed', () => {
  it.each(['wasm', 'cpu'])('with SIGKILL and resumed ends with the very bits of one left alone (%s)', async (backend) => {
    const steps = backend === 'cpu' ? '24' : '1500';
    const options = ['--steps', steps, '--backend', backend, '--threads', '2', '--checkpoint-every', '0.2s'];
    const alone = runCli(...run(`${backend}-alone.glb`, ...options));
    expect(alone.code).toBe(0);

    const killed = await killCliAt(/training [3-8]0%/, ...run(`${backend}-killed.glb`, ...options));
    expect(killed).toBe(true);
    expect(existsSync(join(folder, `${backend}-killed.glb`))).toBe(false);
    expect(existsSync(join(folder, `${backend}-killed.glb.checkpoint`))).toBe(true);
    const resumed = runCli(...run(`${backend}-killed.glb`, ...options, '--resume'));
    expect(resumed.code).toBe(0);

    const [a, b] = await Promise.all(
      ['alone', 'killed'].map(async (name) => readShapes(readFileSync(join(folder, `${backend}-${name}.glb`)))),
    );
    expect(b.decoder.layers).toEqual(a.decoder.layers);
    expect(b.shapes.map(({ latent }) => latent)).toEqual(a.shapes.map(({ latent }) => latent));
  });

  it('refuses to go on with other settings, naming them', () => {
    const { code, stderr } = runCli(...run('wasm-killed.glb', '--steps', '1500', '--backend', 'wasm', '--seed', '2', '--resume'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/seed.*CHECKPOINT_INVALID/s);
  });
});

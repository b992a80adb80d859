import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShapes } from '../../src/asset/index.js';
import { parseCheckpoint } from '../../src/training/checkpoint.js';
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
  // Scoring takes longer than such a short training, and of a decoder that has learnt little no part of the grid is skipped.
  '--resolution',
  '32',
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
    const { code, stdout } = runCli(...run('small.glb', '--steps', '600', '--threads', '1', '--resolution', '64', '--json'));
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

describe('what stands beside the asset', () => {
  const spec = join(folder, 'specs.json');
  const files = () => readdirSync(folder).filter((name) => name.startsWith('watched.glb'));

  it('a log, a plot, checkpoints: latest, best, and those that specs.json asks to keep', () => {
    writeFileSync(
      spec,
      JSON.stringify({
        NetworkSpecs: { dims: [16, 16, 16], norm_layers: [0, 1, 2], weight_norm: true },
        CodeLength: 4,
        ScenesPerBatch: 1,
        SamplesPerScene: 2048,
        SnapshotFrequency: 200,
        AdditionalSnapshots: [50],
        NeuralSdf: { OutputTanh: false, LatentInAll: true, Loss: 'saturated-l1' },
        LearningRateSchedule: [1, 2].map(() => ({ Type: 'Cosine', Initial: 0.003 })),
      }),
    );
    const heldOut = join(folder, 'held-out.json');
    writeFileSync(heldOut, JSON.stringify({ dataset: { [folder.split('/').at(-1) as string]: ['box'] } }));
    const options = ['--spec', spec, '--validation', heldOut, '--memory', '0', '--use', 'best', '--steps', '400'];
    const more = ['--backend', 'wasm', '--resolution', '32', '--json'];
    const { code, stdout, stderr } = runCli('train', data, '-o', join(folder, 'watched.glb'), ...options, ...more);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('training 1 shapes on wasm');
    expect(stderr).toContain('streamed from disk');
    expect(files().sort()).toEqual(
      [
        '',
        '.best.checkpoint',
        '.checkpoint',
        '.checkpoint.previous',
        '.epoch-200.checkpoint',
        '.epoch-400.checkpoint',
        '.epoch-50.checkpoint',
        '.log.jsonl',
        '.svg',
      ].map((ending) => `watched.glb${ending}`),
    );
    const stepOf = (ending: string) => parseCheckpoint(readFileSync(join(folder, `watched.glb${ending}`))).state.step;
    expect(['.epoch-50.checkpoint', '.epoch-200.checkpoint', '.checkpoint'].map(stepOf)).toEqual([50, 200, 400]);
    const log = readFileSync(join(folder, 'watched.glb.log.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(log.filter(({ chamferX1000 }) => chamferX1000 > 0).at(-1).step).toBe(400);
    expect(readFileSync(join(folder, 'watched.glb.svg'), 'utf8')).toContain('held-out shapes');
    const result = JSON.parse(stdout);
    expect(result.perShape.map(({ name }: { name: string }) => name)).toEqual(['torus']);
    const losses = log.flatMap(({ validationLoss }) => validationLoss ?? []);
    expect(result.heldOut).toMatchObject({ loss: Math.min(...losses), perShape: [{ name: 'box' }] });
    expect(result.training.bestStep).toBe(stepOf('.best.checkpoint'));
  });

  it('refuses to hold out a shape that is trained on', () => {
    const split = join(folder, 'held-out.json');
    const { code, stderr } = runCli(...run('both.glb', '--steps', '10', '--split', split, '--validation', split));
    expect(code).toBe(2);
    expect(stderr).toMatch(/box is in both --split and --validation/);
  });
});

describe('a training run that is killed', () => {
  it.each(['wasm', 'cpu'])('with SIGKILL and resumed ends with the very bits of one left alone (%s)', async (backend) => {
    const steps = backend === 'cpu' ? '12' : '1500';
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

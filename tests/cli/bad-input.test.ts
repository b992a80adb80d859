import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readShapes, writeShapes } from '../../src/asset/index.js';
import { Random } from '../../src/random.js';
import { runCli, scratchFolder } from '../support/cli.js';
import { boxOff, torusOff } from '../support/mesh-files.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const folder = scratchFolder();
const file = (name: string, contents: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
};
const asset = join(folder, 'tiny.glb');
const output = join(folder, 'out.glb');
const torus = torusOff();

/** The answer a script gets: exit code and the error's stable code. */
const refusal = (...args: string[]) => {
  const { code, stdout, stderr } = runCli(...args, '--json');
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const json = last.startsWith('{') ? JSON.parse(last) : {};
  return { code, error: json.error?.code ?? json.meshes?.[0]?.error?.code, stderr };
};

beforeAll(async () => {
  writeFileSync(
    asset,
    await writeShapes({ ...tinyShapes(), shapes: tinyShapes().shapes.map((shape) => ({ ...shape, bakedMesh: TRIANGLE })) }),
  );
});

const TRIANGLE = {
  positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
  triangles: Uint32Array.of(0, 1, 2),
  normals: Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1),
};

describe('meshes', () => {
  it.each([
    ['empty file', 'empty.off', '', 'MESH_'],
    ['no triangle', 'none.off', 'OFF\n3 0 0\n0 0 0\n1 0 0\n0 1 0\n', 'MESH_EMPTY'],
    ['truncated', 'short.off', torus.slice(0, torus.length / 2), 'MESH_TRUNCATED'],
    ['NaN vertex', 'nan.off', torus.replace('0.95 0 0', 'nan 0 0'), 'MESH_NOT_FINITE'],
    ['index out of range', 'range.off', torus.replace('\n3 0 12', '\n3 0 99999'), 'MESH_INVALID'],
    ['flat to a point', 'point.off', 'OFF\n3 1 0\n0 0 0\n0 0 0\n0 0 0\n3 0 1 2\n', 'MESH_'],
    ['unknown format', 'shape.xyz', 'what', 'MESH_UNSUPPORTED_FORMAT'],
  ])('%s: refused by a typed error, exit code 3, nothing that could be trained on', (_, name, contents, code) => {
    const out = join(folder, `prepared-${name}`);
    const answer = refusal('prepare', file(name, contents), '-o', out, '--samples', '1000');
    expect(answer.code).toBe(3);
    expect(answer.error).toMatch(new RegExp(`^${code}`));
    expect(existsSync(join(out, 'SdfSamples'))).toBe(false);
  });

  it('with holes: warned of with the measured share, refused by --strict', () => {
    const holes = file('holes.off', torusOff(24, 12, 20));
    const warned = runCli('prepare', holes, '-o', join(folder, 'holes'), '--samples', '2000');
    expect(warned.code).toBe(0);
    expect(warned.stderr).toMatch(/warning: .*holes\.off: .*%/);
    const refused = refusal('prepare', holes, '-o', join(folder, 'strict'), '--samples', '2000', '--strict');
    expect(refused).toMatchObject({ code: 3, error: 'MESH_NOT_WATERTIGHT' });
  });

  it('one bad mesh among good ones: the rest is prepared, and the exit code tells', () => {
    const out = join(folder, 'mixed');
    const { code, stdout } = runCli(
      'prepare',
      file('box.off', boxOff(1, 2, 3)),
      file('bad.off', 'OFF\n1'),
      '-o',
      out,
      '--samples',
      '2000',
      '--json',
    );
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ failed: 1 });
    expect(readdirSync(join(out, 'SdfSamples'), { recursive: true }).filter((name) => String(name).endsWith('.npz'))).toHaveLength(1);
  });

  it('missing file', () => {
    expect(refusal('prepare', join(folder, 'nowhere.off'), '-o', join(folder, 'x'))).toMatchObject({ code: 3, error: 'FILE_NOT_FOUND' });
  });
});

describe('assets', () => {
  it('truncated at 100 random places: never anything but a typed refusal', async () => {
    const whole = new Uint8Array(readFileSync(asset));
    const random = new Random(9);
    for (let i = 0; i < 100; i++) {
      const cut = whole.slice(0, random.index(whole.length));
      await expect(readShapes(cut), `cut at ${cut.length}`).rejects.toMatchObject({ name: 'NeuralSdfError' });
    }
    expect(refusal('info', file('cut.glb', whole.slice(0, whole.length / 2)))).toMatchObject({ code: 3, error: 'ASSET_INVALID' });
  });

  it('weights with a NaN', async () => {
    const whole = new Uint8Array(readFileSync(asset));
    const weight = tinyShapes().decoder.layers[1].weight as Float32Array;
    const needle = Buffer.from(weight.buffer, weight.byteOffset, 16);
    const at = Buffer.from(whole).indexOf(needle);
    expect(at).toBeGreaterThan(0);
    new DataView(whole.buffer).setFloat32(at, Number.NaN, true);
    expect(refusal('info', file('nan.glb', whole))).toMatchObject({ code: 3, error: 'NOT_FINITE' });
  });

  it.each([
    [['bake', asset, '-o', output, '--resolution', '5000'], 2, 'RESOLUTION_TOO_LARGE'],
    [['bake', asset, '-o', output, '--shape', 'nobody'], 2, 'SHAPE_NOT_FOUND'],
    [['bake', asset, '-o', output, '--shape', '7'], 2, 'SHAPE_NOT_FOUND'],
    [['bake', asset, '-o', output, '--units', 'original'], 2, 'INVALID_ARGUMENT'],
    [['info', join(folder, 'nowhere.glb')], 3, 'FILE_NOT_FOUND'],
    [['train', join(folder, 'nowhere'), '-o', output], 3, 'FILE_NOT_FOUND'],
  ])('%s: exit code %i, %s, nothing written', (args, code, error) => {
    expect(refusal(...args)).toMatchObject({ code, error });
    expect(existsSync(output)).toBe(false);
  });
});

describe('the call itself', () => {
  it.each([
    [['bake', asset, '--sideways']],
    [['bake', asset]],
    [['bake', asset, '-o', output, '--resolution', 'many']],
    [['bake', asset, '-o', output, '--collider', 'sphere']],
    [['train', folder, '-o', output, '--time-budget', 'soon']],
    [['frobnicate']],
  ])('%s: exit code 2, a hint at --help', (args) => {
    const { code, stderr } = runCli(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /m);
  });

  it.each(['prepare', 'train', 'info', 'bake', 'render'])('%s --help shows an example', (command) => {
    const { code, stdout } = runCli(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Example:\n  neural-sdf ${command}`);
  });
});

describe('a disk that fills up while writing', () => {
  /** Files may not grow past 4 KiB; the signal that comes with it is ignored, so that the write fails as on a full disk. */
  const limited = (...args: string[]) =>
    spawnSync('bash', ['-c', 'trap "" XFSZ; ulimit -f 4; exec "$@"', 'bash', process.execPath, 'dist/cli/main.js', ...args], {
      encoding: 'utf8',
    });

  it('exit code 4, the old file untouched, no temporary left', () => {
    writeFileSync(output, 'old');
    const { status, stderr } = limited('bake', asset, '-o', output, '--resolution', '64', '--quiet');
    expect(stderr).toContain('WRITE_FAILED');
    expect(status).toBe(4);
    expect(readFileSync(output, 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

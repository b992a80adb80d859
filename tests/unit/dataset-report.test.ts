import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareMeshes } from '../../src/dataset/prepare-node.js';
import { sampleShape } from '../../src/dataset/sample-shape.js';
import { SignedDistanceQuery } from '../../src/dataset/signed-distance.js';
import { drawSlice } from '../../src/evaluation/draw-slice.js';
import type { Picture } from '../../src/evaluation/picture.js';
import { writePrepareReport } from '../../src/evaluation/prepare-report-node.js';
import { Random } from '../../src/random.js';
import { boxMesh, moved } from '../support/dataset-shapes.js';
import { boxOff, torusOff } from '../support/mesh-files.js';

const SIZE = 100;

describe('a cut through samples', () => {
  const box = moved(boxMesh(0.2, 0.3, 0.5), [0.3, 0.1, -0.2]);
  const samples = sampleShape(new SignedDistanceQuery(box), box, { count: 60_000, uniformShare: 0.5 }, new Random(1));
  /** Mean colour of what is drawn within two pixels of a place in the picture, model units; undefined where nothing is. */
  const colour = ({ data }: Picture, right: number, up: number): number[] | undefined => {
    const sum = [0, 0, 0, 0];
    for (let y = -2; y <= 2; y++) {
      for (let x = -2; x <= 2; x++) {
        const at = 4 * ((Math.round(((1 - up) / 2) * SIZE) + y) * SIZE + Math.round(((right + 1) / 2) * SIZE) + x);
        for (let channel = 0; channel < 4; channel++) sum[channel] += channel < 3 ? data[at + channel] * data[at + 3] : data[at + 3];
      }
    }
    return sum[3] > 0 ? sum.slice(0, 3).map((value) => value / sum[3]) : undefined;
  };
  const kind = (picture: Picture, right: number, up: number): string => {
    const [red, , blue] = colour(picture, right, up) ?? [0, 0, 0];
    return red > blue + 60 ? 'inside' : blue > red + 60 ? 'outside' : 'neither';
  };

  it('from the front has x to the right; from the side z to the left; y is up, inside is orange, outside blue', () => {
    const front = drawSlice(samples, box, 'z', SIZE);
    expect([kind(front, 0.3, 0.1), kind(front, 0.4, 0.3), kind(front, 0.2, -0.1)]).toEqual(['inside', 'inside', 'inside']);
    expect([kind(front, 0, 0.1), kind(front, 0.3, 0.5), kind(front, 0.6, 0.1)]).toEqual(['outside', 'outside', 'outside']);
    const side = drawSlice(samples, box, 'x', SIZE);
    expect([kind(side, 0.2, 0.1), kind(side, 0.6, 0.1), kind(side, -0.2, 0.1)]).toEqual(['inside', 'inside', 'inside']);
    expect([kind(side, -0.4, 0.1), kind(side, 0.8, 0.1)]).toEqual(['outside', 'outside']);
  });

  it('shows a sign that is wrong where it is wrong', () => {
    const wrong = { positive: new Float32Array(samples.positive), negative: new Float32Array(samples.negative) };
    const front = drawSlice({ positive: wrong.negative, negative: wrong.positive }, box, 'z', SIZE);
    expect([kind(front, 0.3, 0.1), kind(front, 0, 0.1)]).toEqual(['outside', 'inside']);
  });

  it('has the mesh’s own section as a dark line, dots or none', () => {
    const nothing = { positive: new Float32Array(0), negative: new Float32Array(0) };
    const picture = drawSlice(nothing, box, 'z', SIZE);
    for (const [right, up] of [
      [0.1, 0.1],
      [0.5, 0.1],
      [0.3, -0.2],
      [0.3, 0.4],
    ]) {
      expect(Math.max(...colour(picture, right, up)!)).toBeLessThan(60);
    }
    expect(colour(picture, 0.3, 0.1)).toBeUndefined();
    expect(colour(picture, 0, 0)).toBeUndefined();
  });
});

describe('the page of a preparation', () => {
  const root = mkdtempSync(join(tmpdir(), 'neural-sdf-'));
  afterAll(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'things'));
  const file = (name: string, contents: string) => {
    writeFileSync(join(root, 'things', name), contents);
    return join(root, 'things', name);
  };

  it('shows each mesh and two cuts, what was dropped and what failed with its reason, and asks for nothing else', async () => {
    const flat = file('<i>flat.off', 'OFF\n4 2 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2\n3 0 2 3\n');
    const files = [file('torus.off', torusOff()), file('box.off', boxOff(1, 2, 3)), flat, file('bad.off', 'OFF\n1')];
    const out = join(root, 'out');
    const options = { method: 'multiview', views: 20, viewSize: 80, count: 2000, poses: { box: { up: 'z', yaw: 0 } } } as const;
    const { meshes } = await prepareMeshes(files, out, options);
    const shares: number[] = [];
    await writePrepareReport(join(root, 'page.html'), out, meshes, (share) => shares.push(share));
    const page = readFileSync(join(root, 'page.html'), 'utf8');
    expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(3 + 3 + 1);
    const html = page.replaceAll(/data:[^"]*/g, 'data:');
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
    expect(html).toContain('2 of 4 shapes prepared');
    expect(html).toContain('SHAPE_REJECTED');
    expect(html).toContain('MESH_INVALID');
    expect(html.indexOf('SHAPE_REJECTED')).toBeLessThan(html.indexOf('things/torus'));
    expect(html).not.toContain('<i>');
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
  });
});

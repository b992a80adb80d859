import { Document, WebIO } from '@gltf-transform/core';
import { describe, expect, it } from 'vitest';
import { inspectMesh } from '../../src/dataset/inspect-mesh.js';
import { readMesh } from '../../src/dataset/read-mesh.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { boxMesh, torusMesh } from '../support/dataset-shapes.js';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const refusal = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) }) });

const rows = (values: ArrayLike<number>, width = 3): number[][] =>
  Array.from({ length: values.length / width }, (_, i) => Array.from({ length: width }, (_, j) => values[width * i + j]));
const lines = (table: number[][], prefix = ''): string => table.map((row) => `${prefix}${row.join(' ')}\n`).join('');

const toOff = ({ positions, triangles }: TriangleMesh): string =>
  `OFF # a comment\n\n${positions.length / 3} ${triangles.length / 3} 0\n${lines(rows(positions))}${lines(rows(triangles), '3 ')}`;

const toObj = ({ positions, triangles }: TriangleMesh): string =>
  `# a comment\no torus\n${lines(rows(positions), 'v ')}vn 0 0 1\n${lines(
    rows(triangles).map((t) => t.map((v) => v + 1)),
    'f ',
  ).replace(/f (\d+)/g, 'f $1//1')}`;

function toStl({ positions, triangles }: TriangleMesh): Uint8Array {
  const bytes = new Uint8Array(84 + (50 * triangles.length) / 3);
  const view = new DataView(bytes.buffer);
  bytes.set(text('solid misleading header'));
  view.setUint32(80, triangles.length / 3, true);
  triangles.forEach((vertex, i) => {
    for (let axis = 0; axis < 3; axis++) {
      view.setFloat32(84 + 50 * Math.floor(i / 3) + 12 * (1 + (i % 3)) + 4 * axis, positions[3 * vertex + axis], true);
    }
  });
  return bytes;
}

const toTextStl = ({ positions, triangles }: TriangleMesh): string =>
  `solid box\n${rows(triangles)
    .map(
      (t) =>
        `facet normal 0 0 0\n outer loop\n${t.map((v) => `  vertex ${[...positions.subarray(3 * v, 3 * v + 3)].join(' ')}\n`).join('')} endloop\nendfacet\n`,
    )
    .join('')}endsolid box\n`;

const plyHeader = (format: string, vertices: number, faces: number, more = ''): string =>
  `ply\nformat ${format} 1.0\ncomment made by a test\nelement vertex ${vertices}\nproperty float x\nproperty float y\nproperty float z\n${more}element face ${faces}\nproperty list uchar int vertex_indices\nend_header\n`;

const toTextPly = ({ positions, triangles }: TriangleMesh): string =>
  plyHeader('ascii', positions.length / 3, triangles.length / 3) + lines(rows(positions)) + lines(rows(triangles), '3 ');

function toPly({ positions, triangles }: TriangleMesh, little: boolean): Uint8Array {
  const header = text(
    plyHeader(little ? 'binary_little_endian' : 'binary_big_endian', positions.length / 3, triangles.length / 3, 'property uchar red\n'),
  );
  const bytes = new Uint8Array(header.length + (13 * positions.length) / 3 + (13 * triangles.length) / 3);
  bytes.set(header);
  const view = new DataView(bytes.buffer);
  let at = header.length;
  for (const row of rows(positions)) {
    for (let axis = 0; axis < 3; axis++) view.setFloat32(at + 4 * axis, row[axis], little);
    at += 13;
  }
  for (const row of rows(triangles)) {
    view.setUint8(at, 3);
    for (let corner = 0; corner < 3; corner++) view.setInt32(at + 1 + 4 * corner, row[corner], little);
    at += 13;
  }
  return bytes;
}

/** Two nodes share one mesh: one moved, one mirrored and doubled under a parent that moves it. */
async function toGlb({ positions, triangles }: TriangleMesh): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (type: 'VEC3' | 'SCALAR', array: Float32Array | Uint32Array) =>
    document
      .createAccessor()
      .setType(type)
      .setArray(array as Float32Array<ArrayBuffer>)
      .setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', positions))
    .setIndices(accessor('SCALAR', triangles));
  const mesh = document.createMesh().addPrimitive(primitive);
  const child = document.createNode().setMesh(mesh).setScale([-2, 2, 2]);
  const parent = document.createNode().setTranslation([10, 0, 0]).addChild(child);
  document
    .createScene()
    .addChild(document.createNode().setMesh(mesh).setTranslation([-10, 0, 0]))
    .addChild(parent);
  return new WebIO().writeBinary(document);
}

const torus = torusMesh(0.6, 0.25, 16, 8);

describe('mesh formats', () => {
  it.each([
    ['off', text(toOff(torus))],
    ['obj', text(toObj(torus))],
    ['stl', toStl(torus)],
    ['stl', text(toTextStl(torus))],
    ['ply', text(toTextPly(torus))],
    ['ply', toPly(torus, true)],
    ['ply', toPly(torus, false)],
  ])('%s gives the torus back, closed', async (ending, bytes) => {
    const mesh = await readMesh(bytes, `shape.${ending.toUpperCase()}`);
    const corners = ({ positions, triangles }: TriangleMesh) => [...triangles].flatMap((v) => [...positions.subarray(3 * v, 3 * v + 3)]);
    expect(corners(mesh)).toEqual(corners(torus));
    expect(inspectMesh(mesh)).toMatchObject({ watertight: true, vertices: 128, triangles: 256, components: 1 });
  });

  it('glb applies node transforms, turns mirrored triangles back and merges', async () => {
    const mesh = await readMesh(await toGlb(boxMesh(0.5, 0.5, 0.5)), 'boxes.glb');
    expect(inspectMesh(mesh)).toMatchObject({ watertight: true, vertices: 16, triangles: 24, components: 2 });
    expect(meshVolume(mesh)).toBeCloseTo(1 + 8, 5);
    const xs = rows(mesh.positions).map(([x]) => x);
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([-10.5, 11]);
  });

  it.each([
    [
      'off with colours, quads, and counts behind the keyword',
      'q.off',
      'COFF 4 1 0\n0 0 0 255 0 0 255\n1 0 0 0 0 0 0\n1 1 0 0 0 0 0\n0 1 0 0 0 0 0\n4 0 1 2 3 255 0 0\n',
    ],
    ["off with ModelNet's header", 'q.off', 'OFF4 1 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n'],
    [
      'obj with a quad by negative references, after a continued line',
      'q.obj',
      'v 0 0 0\nv 1 0 0\r\nv 1 1 0 1.0\nv 0 \\\n1 0\nf -4/1/1 -3/1 -2//1 -1\n',
    ],
    ['ply with a quad', 'q.ply', `${plyHeader('ascii', 4, 1)}0 0 0 1 0 0 1 1 0 0 1 0 4 0 1 2 3`],
  ])('%s', async (_, name, content) => {
    const mesh = await readMesh(text(content), name);
    expect([...mesh.positions]).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
    expect([...mesh.triangles]).toEqual([0, 1, 2, 0, 2, 3]);
  });

  it('ply keeps polygons of five corners', async () => {
    const mesh = await readMesh(text(`${plyHeader('ascii', 5, 1)}0 0 0 1 0 0 2 1 0 1 2 0 0 1 0 5 0 1 2 3 4`), 'p.ply');
    expect([...mesh.triangles]).toEqual([0, 1, 2, 0, 2, 3, 0, 3, 4]);
  });

  it('vertices split at a seam, or differing in the sign of zero, are welded', async () => {
    const mesh = await readMesh(text('v 0 0 0\nv 1 0 0\nv 0 1 0\nv -0 1 0\nv 1 0 -0\nv 1 1 0\nf 1 2 3\nf 4 5 6\n'), 'seam.obj');
    expect(mesh.positions).toHaveLength(12);
    expect([...mesh.triangles]).toEqual([0, 1, 2, 2, 1, 3]);
  });
});

const glb = await toGlb(torus);

describe('broken meshes', () => {
  const off = toOff(torus);
  const cut = (bytes: Uint8Array, share = 0.6) => bytes.subarray(0, Math.floor(bytes.length * share));

  it.each([
    ['an unknown ending', 'MESH_UNSUPPORTED_FORMAT', 'a.fbx', text('x')],
    ['no ending', 'MESH_UNSUPPORTED_FORMAT', 'mesh', text('x')],
    ['an ending that every object has', 'MESH_UNSUPPORTED_FORMAT', 'a.constructor', text('x')],
    ['an empty file', 'MESH_EMPTY', 'a.obj', text('')],
    ['obj without faces', 'MESH_EMPTY', 'a.obj', text('v 0 0 0\nv 1 0 0\nv 0 1 0\n')],
    ['off without faces', 'MESH_EMPTY', 'a.off', text('OFF\n3 0 0\n0 0 0\n1 0 0\n0 1 0\n')],
    ['ply without faces', 'MESH_EMPTY', 'a.ply', text(`${plyHeader('ascii', 1, 0)}0 0 0`)],
    ['binary stl without facets', 'MESH_EMPTY', 'a.stl', new Uint8Array(84)],
    ['off cut short', 'MESH_TRUNCATED', 'a.off', cut(text(off))],
    ['off cut inside its last face', 'MESH_TRUNCATED', 'a.off', text(off.trimEnd().replace(/ \d+$/, ''))],
    ['off after its keyword', 'MESH_INVALID', 'a.off', text('OFF\n')],
    ['off with an absurd count', 'MESH_TRUNCATED', 'a.off', text('OFF\n4000000000 4000000000 0\n0 0 0\n')],
    ['off with a negative count', 'MESH_INVALID', 'a.off', text('OFF\n-1 2 0\n')],
    ['off of another kind', 'MESH_UNSUPPORTED_FORMAT', 'a.off', text('OFF BINARY\n')],
    ['something else named off', 'MESH_INVALID', 'a.off', text('solid x')],
    ['obj cut inside its last line', 'MESH_TRUNCATED', 'a.obj', text('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2')],
    ['obj with a short vertex', 'MESH_INVALID', 'a.obj', text('v 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n')],
    ['binary stl cut short', 'MESH_TRUNCATED', 'a.stl', cut(toStl(torus))],
    ['binary stl cut in its header', 'MESH_TRUNCATED', 'a.stl', toStl(torus).subarray(0, 40)],
    ['text stl cut short', 'MESH_TRUNCATED', 'a.stl', cut(text(toTextStl(torus)))],
    ['text stl that lacks a vertex', 'MESH_INVALID', 'a.stl', text(toTextStl(torus).replace(/ {2}vertex.*\n/, ''))],
    ['binary ply cut short', 'MESH_TRUNCATED', 'a.ply', cut(toPly(torus, true))],
    ['text ply cut short', 'MESH_TRUNCATED', 'a.ply', cut(text(toTextPly(torus)))],
    ['ply cut in its header', 'MESH_TRUNCATED', 'a.ply', toPly(torus, true).subarray(0, 60)],
    ['ply with an absurd count', 'MESH_TRUNCATED', 'a.ply', text(`${plyHeader('binary_little_endian', 4e9, 1)}0`)],
    ['ply of an unknown type', 'MESH_INVALID', 'a.ply', text(plyHeader('ascii', 1, 1).replace('float x', 'half x'))],
    ['something else named ply', 'MESH_INVALID', 'a.ply', text('OFF')],
    ['glb cut short', 'MESH_TRUNCATED', 'a.glb', cut(glb)],
    ['glb with garbage for JSON', 'MESH_INVALID', 'a.glb', glb.map((byte, i) => (i > 20 && i < 60 ? 0xff : byte))],
    ['something else named glb', 'MESH_INVALID', 'a.glb', text('x'.repeat(40))],
    ['off with NaN', 'MESH_NOT_FINITE', 'a.off', text(off.replace(/ 256 0\n\S+/, ' 256 0\nnan'))],
    ['obj with an infinite number', 'MESH_NOT_FINITE', 'a.obj', text(toObj(torus).replace(/v [\d.e-]+/, 'v 1e99'))],
    ['text stl with NaN', 'MESH_NOT_FINITE', 'a.stl', text(toTextStl(torus).replace(/vertex \S+/, 'vertex nan'))],
    ['off with an index out of range', 'MESH_INVALID', 'a.off', text(`${off.trimEnd().replace(/\d+$/, '128')}\n`)],
    ['off with a negative index', 'MESH_INVALID', 'a.off', text(`${off.trimEnd().replace(/\d+$/, '-1')}\n`)],
    ['obj with reference 0', 'MESH_INVALID', 'a.obj', text('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n')],
    ['obj with an index out of range', 'MESH_INVALID', 'a.obj', text('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n')],
    ['a mesh without extent', 'MESH_INVALID', 'a.obj', text('v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n')],
  ] as [string, string, string, Uint8Array][])('%s: %s', async (_, code, name, bytes) => {
    await expect(readMesh(bytes, name)).rejects.toThrowError(refusal(code, new RegExp(`^${name}: `)));
  });

  it('glb cut anywhere never gives a mesh or an error of another kind', async () => {
    for (let share = 0.02; share < 1; share += 0.02) {
      await expect(readMesh(cut(glb, share), 'a.glb')).rejects.toThrowError(
        refusal(share * glb.length < 20 ? 'MESH_INVALID' : 'MESH_TRUNCATED'),
      );
    }
  });

  it('bytes changed at random give a mesh or a typed error', async () => {
    const originals: [string, Uint8Array][] = [
      ['a.off', text(off)],
      ['a.obj', text(toObj(torus))],
      ['a.stl', toStl(torus)],
      ['a.ply', toPly(torus, true)],
      ['a.ply', text(toTextPly(torus))],
      ['a.glb', glb],
    ];
    let seed = 1;
    const next = (count: number) => {
      seed = (seed * 16807) % 2147483647;
      return seed % count;
    };
    let refused = 0;
    for (const [name, original] of originals) {
      for (let round = 0; round < 60; round++) {
        const bytes = original.slice();
        for (let i = 0; i < 4; i++) bytes[next(round % 2 ? Math.min(200, bytes.length) : bytes.length)] = next(256);
        try {
          expect((await readMesh(bytes, name)).triangles.length).toBeGreaterThan(0);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^MESH_/);
          refused++;
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});

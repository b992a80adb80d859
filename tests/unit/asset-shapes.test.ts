import { describe, expect, it } from 'vitest';
import { EXTENSION_NAME } from '../../src/asset/extension-schema.js';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { readShapes } from '../../src/asset/read-shapes.js';
import { writeShapes } from '../../src/asset/write-shapes.js';
import type { DecoderSpec } from '../../src/decoder/spec.js';
import { NeuralSdfError } from '../../src/errors.js';
import { writeMeshGlb } from '../../src/meshing/write-mesh-glb.js';
import { Random } from '../../src/random.js';
import { editJson, jsonOf, makeAsset, validateGlb } from '../support/assets.js';
import { randomShapes } from '../support/torch-files.js';

const asset = makeAsset();
const file = await writeShapes(asset);

/** biome-ignore lint/suspicious/noExplicitAny: a test reaches anywhere into the JSON */
type Any = any;

const extensionOf = (json: Any) => json.extensions[EXTENSION_NAME];

function expectWellFormed({ decoder, shapes, delta, stepScale, halfExtent }: NeuralShapes): void {
  expect(shapes.every((shape) => shape.latent.length === decoder.spec.codeLength && shape.name.length > 0)).toBe(true);
  expect([delta, stepScale, halfExtent].every((value) => value > 0 && Number.isFinite(value))).toBe(true);
}

/** The error of a read; undefined when it succeeded, with well-formed shapes. Anything but a NeuralSdfError fails the test. */
async function readError(bytes: Uint8Array): Promise<NeuralSdfError | undefined> {
  try {
    expectWellFormed(await readShapes(bytes));
    return undefined;
  } catch (error) {
    if (error instanceof NeuralSdfError) return error;
    throw error;
  }
}

describe('written asset', () => {
  it('passes the Khronos validator', async () => {
    const { issues } = await validateGlb(file);
    expect(issues.messages.filter((message) => message.severity < 2)).toEqual([]);
    expect(issues).toMatchObject({ numErrors: 0, numWarnings: 0 });
    // The validator knows no vendor extension, nor the accessors that only it uses.
    expect(new Set(issues.messages.map((message) => message.code))).toEqual(new Set(['UNSUPPORTED_EXTENSION', 'UNUSED_OBJECT']));
  });

  it('comes back bit for bit', async () => {
    expect(await readShapes(file)).toEqual(asset);
    // toEqual takes 0 for -0 and NaN for any NaN; the bytes do not.
    expect(await writeShapes(await readShapes(file))).toEqual(file);
  });

  it.each<[string, Partial<DecoderSpec>]>([
    ['layer norm', { weightNorm: false, normLayers: [0, 2, 4] }],
    ['weight norm of the output', { normLayers: [4] }],
    ['sine', { activation: 'sine', activationScale: 30, innerTanh: true }],
  ])('comes back bit for bit with other layers: %s', async (_, change) => {
    const other = randomShapes(change);
    const bytes = await writeShapes(other, { withoutMeshes: true });
    expect(await readShapes(bytes)).toEqual(other);
    expect(await writeShapes(await readShapes(bytes), { withoutMeshes: true })).toEqual(bytes);
  });

  it('may leave out what older files do not say', async () => {
    const old = editJson(file, (json: Any) => {
      const { spec } = extensionOf(json).decoder;
      for (const field of ['normLayers', 'activation', 'activationScale', 'innerTanh']) delete spec[field];
    });
    const { spec } = (await readShapes(old)).decoder;
    expect(spec).toEqual({ ...asset.decoder.spec, normLayers: [0, 1] });
  });

  it('comes back from the middle of a larger buffer, at an odd address', async () => {
    const larger = new Uint8Array(file.length + 5);
    larger.set(file, 3);
    expect(await readShapes(larger.subarray(3, 3 + file.length))).toEqual(asset);
  });

  it('shows the shapes that have a baked mesh side by side, and demands nothing of a viewer', () => {
    const json = jsonOf(file) as Any;
    expect(json.extensionsUsed).toEqual([EXTENSION_NAME]);
    expect(json.extensionsRequired).toBeUndefined();
    expect(json.nodes.map((node: Any) => [node.name, node.translation[0], node.extensions[EXTENSION_NAME].shape])).toEqual([
      ['chair 0', 0, 0],
      ['chair 2', 2.2 * asset.halfExtent, 2],
    ]);
  });

  it('is refused without a single baked mesh', async () => {
    const shapes = asset.shapes.map(({ name, latent }) => ({ name, latent }));
    await expect(writeShapes({ ...asset, shapes })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each([
    ['a latent of the wrong length', 'LATENT_LENGTH', { latent: new Float32Array(3) }],
    ['a latent with a NaN', 'NOT_FINITE', { latent: new Float32Array(asset.decoder.spec.codeLength).fill(Number.NaN) }],
    ['no name', 'ASSET_INVALID', { name: '' }],
    ['an endless name', 'ASSET_INVALID', { name: 'x'.repeat(201) }],
    [
      'a mesh with an index out of range',
      'MESH_INVALID',
      { bakedMesh: { positions: new Float32Array(9), triangles: Uint32Array.of(0, 1, 3) } },
    ],
  ])('is refused with %s', async (_, code, change) => {
    const shapes = asset.shapes.map((shape, index) => (index === 2 ? { ...shape, ...change } : shape));
    await expect(writeShapes({ ...asset, shapes })).rejects.toMatchObject({ code });
  });
});

describe('damaged asset', () => {
  it('is refused when truncated anywhere', async () => {
    const random = new Random(1);
    const lengths = [0, 1, 11, 12, 19, 20, file.length - 1, ...Array.from({ length: 100 }, () => random.index(file.length))];
    for (const length of lengths) expect((await readError(file.slice(0, length)))?.code, `${length} bytes`).toBe('ASSET_INVALID');
  });

  it('is refused when truncated with a header that says so', async () => {
    const random = new Random(2);
    for (let i = 0; i < 100; i++) {
      const bytes = file.slice(0, random.index(file.length));
      if (bytes.length >= 12) new DataView(bytes.buffer).setUint32(8, bytes.length, true);
      expect((await readError(bytes))?.code, `${bytes.length} bytes`).toBe('ASSET_INVALID');
    }
  });

  it('is refused when its lengths lie', async () => {
    const longer = new Uint8Array(file.length + 4);
    longer.set(file);
    expect(await readError(longer)).toMatchObject({ code: 'ASSET_INVALID', details: { where: 'file' } });
    const lying = file.slice();
    const binary = 20 + new DataView(file.buffer).getUint32(12, true);
    new DataView(lying.buffer).setUint32(binary, 0xfffffff0, true);
    expect(await readError(lying)).toMatchObject({ code: 'ASSET_INVALID', details: { where: `chunk at byte ${binary}` } });
  });

  it('is read or refused with a typed error when any byte of header or JSON changes', async () => {
    const random = new Random(3);
    const end = 20 + new DataView(file.buffer).getUint32(12, true) + 8;
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const bytes = file.slice();
      const at = i < 20 ? i : random.index(end);
      bytes[at] = i % 2 ? random.index(256) : 0x30 + random.index(10);
      if (await readError(bytes)) refused++;
    }
    expect(refused).toBeGreaterThan(300);
  });

  it('names the layer when a weight is NaN', async () => {
    const json = jsonOf(file) as Any;
    const { weight } = extensionOf(json).decoder.layers[2];
    const start = 20 + new DataView(file.buffer).getUint32(12, true) + 8 + json.bufferViews[json.accessors[weight].bufferView].byteOffset;
    const bytes = file.slice();
    new DataView(bytes.buffer).setFloat32(start + 4 * 7, Number.NaN, true);
    expect(await readError(bytes)).toMatchObject({ code: 'NOT_FINITE', details: { layer: 2, name: 'weight', at: 7 } });
  });

  it.each<[string, string, string, (json: Any) => void]>([
    ['no extension', 'ASSET_INVALID', 'extensions', (j) => delete j.extensions],
    ['a later version', 'ASSET_UNSUPPORTED', '', (j) => (extensionOf(j).version = 2)],
    ['a bad spec', 'INVALID_SPEC', '', (j) => (extensionOf(j).decoder.spec.dims = [8, 1e9])],
    ['a spec that is no object', 'ASSET_INVALID', 'decoder.spec', (j) => (extensionOf(j).decoder.spec = null)],
    ['a layer too few', 'ASSET_INVALID', 'decoder.layers', (j) => extensionOf(j).decoder.layers.pop()],
    ['weights of another length', 'ASSET_INVALID', 'decoder.layers[1].weight', (j) => (extensionOf(j).decoder.layers[1].weight = 1)],
    [
      'a layer norm without its numbers',
      'ASSET_INVALID',
      'decoder.layers[0].gain',
      (j) => (extensionOf(j).decoder.spec.weightNorm = false),
    ],
    ['weights that are not there', 'ASSET_INVALID', 'decoder.layers[0].bias', (j) => (extensionOf(j).decoder.layers[0].bias = 99)],
    ['latents of the wrong length', 'LATENT_LENGTH', 'latents', (j) => extensionOf(j).shapes.pop()],
    ['latents without a buffer view', 'ASSET_INVALID', 'latents', (j) => delete j.accessors[extensionOf(j).latents].bufferView],
    ['delta 0', 'ASSET_INVALID', 'delta', (j) => (extensionOf(j).delta = 0)],
    ['stepScale above 1', 'ASSET_INVALID', 'stepScale', (j) => (extensionOf(j).stepScale = 1.01)],
    ['halfExtent as text', 'ASSET_INVALID', 'halfExtent', (j) => (extensionOf(j).halfExtent = '1')],
    ['a name that is a number', 'ASSET_INVALID', 'shapes[1].name', (j) => (extensionOf(j).shapes[1].name = 7)],
    ['scale 0', 'ASSET_INVALID', 'shapes[0].normalization.scale', (j) => (extensionOf(j).shapes[0].normalization.scale = 0)],
    ['a node of no shape', 'ASSET_INVALID', `nodes[0].${EXTENSION_NAME}.shape`, (j) => (j.nodes[0].extensions[EXTENSION_NAME].shape = 3)],
    ['a node of no mesh', 'ASSET_INVALID', 'meshes[9]', (j) => (j.nodes[0].mesh = 9)],
    ['lines for triangles', 'ASSET_INVALID', 'meshes[0]', (j) => (j.meshes[0].primitives[0].mode = 1)],
    ['a buffer elsewhere', 'ASSET_UNSUPPORTED', '', (j) => (j.buffers[0].uri = 'weights.bin')],
    ['views that overlap', 'ASSET_INVALID', 'bufferViews[2]', (j) => (j.bufferViews[2].byteOffset -= 4)],
    ['a view that is used twice', 'ASSET_INVALID', 'accessors[9].bufferView', (j) => (j.accessors[9].bufferView = 7)],
    ['a mesh over the weights', 'ASSET_INVALID', 'accessors[0]', (j) => (j.meshes[0].primitives[0].attributes.POSITION = 0)],
    ['a count beyond its view', 'ASSET_INVALID', 'accessors[9]', (j) => (j.accessors[9].count = 2 ** 30)],
    ['a view beyond the file', 'ASSET_INVALID', 'bufferViews[9]', (j) => (j.bufferViews[9].byteLength = 2 ** 30)],
    ['a negative offset', 'ASSET_INVALID', 'bufferViews[9].byteOffset', (j) => (j.bufferViews[9].byteOffset = -4)],
  ])('is refused with %s', async (_, code, where, change) => {
    const error = await readError(editJson(file, change));
    expect(error?.code).toBe(code);
    if (where) expect(error?.details.where).toBe(where);
  });
});

describe('plain mesh file', () => {
  it('passes the Khronos validator without a single message, and is no asset', async () => {
    const bytes = writeMeshGlb(asset.shapes[0].bakedMesh!, 'collider "1"');
    expect((await validateGlb(bytes)).issues.messages).toEqual([]);
    await expect(readShapes(bytes)).rejects.toMatchObject({ code: 'ASSET_INVALID', message: expect.stringContaining('plain glTF') });
  });

  it('keeps 32-bit indices above 65535 vertices', async () => {
    const side = 300;
    const positions = Float32Array.from(
      { length: 3 * side * side },
      (_, i) => [Math.floor(i / 3) % side, Math.floor(i / 3 / side), 0][i % 3],
    );
    const triangles = Uint32Array.from({ length: 3 * (side * side - side - 1) }, (_, i) => Math.floor(i / 3) + [0, 1, side][i % 3]);
    const { info, issues } = await validateGlb(writeMeshGlb({ positions, triangles }, 'grid'));
    expect(issues).toMatchObject({ numErrors: 0, numWarnings: 0 });
    expect(info.totalTriangleCount).toBe(triangles.length / 3);
  });

  it.each([
    ['MESH_EMPTY', { positions: new Float32Array(9), triangles: new Uint32Array(0) }],
    ['MESH_INVALID', { positions: new Float32Array(8), triangles: Uint32Array.of(0, 1, 1) }],
    ['MESH_INVALID', { positions: new Float32Array(9), triangles: Uint32Array.of(0, 1, 2), normals: new Float32Array(6) }],
    ['MESH_NOT_FINITE', { positions: new Float32Array(9).fill(Number.NaN), triangles: Uint32Array.of(0, 1, 2) }],
  ])('is refused: %s', (code, mesh) => {
    expect(() => writeMeshGlb(mesh, 'bad')).toThrowError(expect.objectContaining({ code }));
  });
});

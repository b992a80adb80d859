import { meshError, pushFan, type RawMesh } from './raw-mesh.js';

export interface RawPly extends RawMesh {
  /** [vertices, 3] where the file has nx, ny, nz */
  readonly normals?: Float64Array;
}

interface Property {
  readonly name: string;
  readonly type: string;
  /** Type of the length in front, for a list. */
  readonly countType?: string;
}

interface Element {
  readonly name: string;
  readonly count: number;
  readonly properties: Property[];
}

/** Bytes, and DataView's getter, by PLY's names of types, old and new. */
const TYPES: Readonly<Record<string, readonly [number, (view: DataView, at: number, little: boolean) => number]>> = {
  char: [1, (v, at) => v.getInt8(at)],
  uchar: [1, (v, at) => v.getUint8(at)],
  short: [2, (v, at, little) => v.getInt16(at, little)],
  ushort: [2, (v, at, little) => v.getUint16(at, little)],
  int: [4, (v, at, little) => v.getInt32(at, little)],
  uint: [4, (v, at, little) => v.getUint32(at, little)],
  float: [4, (v, at, little) => v.getFloat32(at, little)],
  double: [8, (v, at, little) => v.getFloat64(at, little)],
};
const NEW_NAMES: Readonly<Record<string, string>> = {
  int8: 'char',
  uint8: 'uchar',
  int16: 'short',
  uint16: 'ushort',
  int32: 'int',
  uint32: 'uint',
  float32: 'float',
  float64: 'double',
};
const MAX_HEADER_BYTES = 1 << 16;

/**
 * PLY, text or binary of either byte order: mesh or point cloud. Not through three's PLYLoader: it drops polygons of five and
 * more corners, and takes a text file that ends early for a whole one.
 * @throws NeuralSdfError MESH_INVALID, MESH_TRUNCATED
 */
export function parsePly(bytes: Uint8Array, name: string): RawPly {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, MAX_HEADER_BYTES));
  const header = /^ply\r?\n([\s\S]*?\n)?end_header[ \t]*\r?\n/.exec(start);
  if (!start.startsWith('ply')) throw meshError('MESH_INVALID', name, 'does not start with ply');
  if (!header) throw meshError('MESH_TRUNCATED', name, 'its header has no end');
  const { format, elements } = parseHeader(header[1] ?? '', name);
  const body = bytes.subarray(header[0].length);
  const next = format === 'ascii' ? textReader(body, name) : binaryReader(body, format === 'binary_little_endian', name);
  for (const { count, properties } of elements) {
    // Every value takes a byte at least, in any format: an absurd count is refused before anything is allocated.
    if (count * properties.length > body.length)
      throw meshError('MESH_TRUNCATED', name, `announces ${count} rows, more than the file can hold`);
  }
  let positions = new Float64Array(0);
  let normals: Float64Array | undefined;
  const triangles: number[] = [];
  for (const element of elements) {
    const columns = new Map(element.properties.map(({ name: property }, index) => [property, index]));
    const isVertex = element.name === 'vertex';
    const place = isVertex ? ['x', 'y', 'z'].map((axis) => columns.get(axis)) : [];
    const direction = isVertex ? ['nx', 'ny', 'nz'].map((axis) => columns.get(axis)) : [];
    if (isVertex && place.includes(undefined)) throw meshError('MESH_INVALID', name, 'its vertices lack x, y or z');
    if (isVertex) positions = new Float64Array(element.count * 3);
    if (isVertex && !direction.includes(undefined)) normals = new Float64Array(element.count * 3);
    const corners = element.name === 'face' ? (columns.get('vertex_indices') ?? columns.get('vertex_index')) : undefined;
    for (let row = 0; row < element.count; row++) {
      const values = element.properties.map((property) => {
        if (!property.countType) return next(property.type);
        const length = next(property.countType);
        if (!(length >= 0 && length <= body.length))
          throw meshError('MESH_INVALID', name, `${element.name} ${row} has a list of ${length}`);
        return Array.from({ length }, () => next(property.type));
      });
      for (let axis = 0; axis < 3 && isVertex; axis++) {
        positions[3 * row + axis] = values[place[axis]!] as number;
        if (normals) normals[3 * row + axis] = values[direction[axis]!] as number;
      }
      if (corners !== undefined) pushFan(triangles, values[corners] as number[]);
    }
  }
  return { positions, triangles, normals };
}

function parseHeader(text: string, name: string): { format: string; elements: Element[] } {
  let format = '';
  const elements: Element[] = [];
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'format') format = words[1];
    if (words[0] === 'element') elements.push({ name: words[1], count: Number(words[2]), properties: [] });
    if (words[0] === 'property') {
      const [countType, type] =
        words[1] === 'list' ? [typeName(words[2], name), typeName(words[3], name)] : [undefined, typeName(words[1], name)];
      elements.at(-1)?.properties.push({ name: words.at(-1)!, type, countType });
    }
  }
  if (!['ascii', 'binary_little_endian', 'binary_big_endian'].includes(format)) {
    throw meshError('MESH_INVALID', name, `format "${format}" is not one of PLY's`);
  }
  const bad = elements.find(({ count }) => !(Number.isSafeInteger(count) && count >= 0));
  if (bad) throw meshError('MESH_INVALID', name, `element ${bad.name} has no valid count`);
  return { format, elements };
}

function typeName(word: string, name: string): string {
  const type = NEW_NAMES[word] ?? word;
  if (!Object.hasOwn(TYPES, type)) throw meshError('MESH_INVALID', name, `type "${word}" is not one of PLY's`);
  return type;
}

function textReader(body: Uint8Array, name: string): (type: string) => number {
  const words = new TextDecoder('latin1').decode(body).match(/\S+/g) ?? [];
  let at = 0;
  return () => {
    if (at >= words.length) throw meshError('MESH_TRUNCATED', name, `ends after ${at} values, its header announces more`);
    return Number(words[at++]);
  };
}

function binaryReader(body: Uint8Array, little: boolean, name: string): (type: string) => number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  return (type) => {
    const [size, get] = TYPES[type];
    if (at + size > body.length) throw meshError('MESH_TRUNCATED', name, `ends after ${at} bytes of data, its header announces more`);
    const value = get(view, at, little);
    at += size;
    return value;
  };
}

/** A point cloud with normals, binary little-endian float32: DeepSDF's surface samples. */
export function formatPlyPoints(points: Float32Array, normals: Float32Array): Uint8Array<ArrayBuffer> {
  const count = points.length / 3;
  const properties = ['x', 'y', 'z', 'nx', 'ny', 'nz'].map((axis) => `property float ${axis}\n`).join('');
  const header = new TextEncoder().encode(`ply\nformat binary_little_endian 1.0\nelement vertex ${count}\n${properties}end_header\n`);
  const bytes = new Uint8Array(header.length + count * 24);
  bytes.set(header);
  const view = new DataView(bytes.buffer, header.length);
  for (let i = 0; i < count * 3; i++) {
    const at = 24 * Math.floor(i / 3) + 4 * (i % 3);
    view.setFloat32(at, points[i], true);
    view.setFloat32(at + 12, normals[i], true);
  }
  return bytes;
}

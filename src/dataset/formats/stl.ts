import { meshError, type RawMesh } from './raw-mesh.js';

const HEADER_BYTES = 84;
const FACET_BYTES = 50;

/**
 * STL, binary or text: a soup of triangles, whose vertices the caller welds. Normals and colours are passed over.
 * @throws NeuralSdfError MESH_TRUNCATED, MESH_INVALID
 */
export function parseStl(bytes: Uint8Array, name: string): RawMesh {
  // Binary files exist that start with "solid", and text files of any size: only text has facets.
  const text = /^\s*solid/.test(latin1(bytes.subarray(0, 16))) ? latin1(bytes) : '';
  return /facet/.test(text) ? parseText(text, name) : parseBinary(bytes, name);
}

function parseBinary(bytes: Uint8Array, name: string): RawMesh {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) throw meshError('MESH_TRUNCATED', name, `has ${bytes.length} bytes, a header takes ${HEADER_BYTES}`);
  const count = view.getUint32(HEADER_BYTES - 4, true);
  const present = Math.floor((bytes.length - HEADER_BYTES) / FACET_BYTES);
  if (present < count) throw meshError('MESH_TRUNCATED', name, `announces ${count} facets, ${present} are there`);
  const positions = new Float32Array(count * 9);
  for (let i = 0; i < positions.length; i++) {
    const facet = Math.floor(i / 9);
    // 12 bytes of normal first.
    positions[i] = view.getFloat32(HEADER_BYTES + FACET_BYTES * facet + 12 + 4 * (i % 9), true);
  }
  return soup(positions);
}

function parseText(text: string, name: string): RawMesh {
  if (!/endsolid[^\n]*\s*$/.test(text)) throw meshError('MESH_TRUNCATED', name, 'ends before endsolid');
  const facets = text.match(/\bendfacet\b/g)?.length ?? 0;
  const positions: number[] = [];
  for (const [, x, y, z] of text.matchAll(/\bvertex\s+(\S+)\s+(\S+)\s+(\S+)/g)) positions.push(Number(x), Number(y), Number(z));
  if (positions.length !== 9 * facets) {
    throw meshError('MESH_INVALID', name, `${facets} facets with ${positions.length / 3} vertices in all, three each are needed`);
  }
  return soup(positions);
}

const soup = (positions: ArrayLike<number>): RawMesh => ({
  positions,
  triangles: Uint32Array.from({ length: positions.length / 3 }, (_, i) => i),
});

const latin1 = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

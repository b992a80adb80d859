import type { TriangleMesh } from '../../src/mesh.js';

/** Little-endian PLY: float vertices, triangles as lists of three ints. */
export function binaryPly({ positions, triangles }: TriangleMesh): Uint8Array {
  const header = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      `element vertex ${positions.length / 3}`,
      ...['x', 'y', 'z'].map((axis) => `property float ${axis}`),
      `element face ${triangles.length / 3}`,
      'property list uchar int vertex_indices',
      'end_header\n',
    ].join('\n'),
  );
  const bytes = new Uint8Array(header.length + positions.length * 4 + (triangles.length / 3) * 13);
  bytes.set(header);
  const view = new DataView(bytes.buffer);
  let at = header.length;
  for (const value of positions) {
    view.setFloat32(at, value, true);
    at += 4;
  }
  triangles.forEach((vertex, i) => {
    if (i % 3 === 0) view.setUint8(at++, 3);
    view.setInt32(at, vertex, true);
    at += 4;
  });
  return bytes;
}

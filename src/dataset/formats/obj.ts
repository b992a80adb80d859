import { meshError, pushFan, type RawMesh } from './raw-mesh.js';

/**
 * Wavefront OBJ: vertices and polygons of all objects and groups; everything else is passed over. Not through three's
 * OBJLoader: it splits every vertex, and turns an index out of range into NaN without saying where.
 * @throws NeuralSdfError MESH_INVALID or MESH_TRUNCATED with the line
 */
export function parseObj(bytes: Uint8Array, name: string): RawMesh {
  const lines = new TextDecoder()
    .decode(bytes)
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\r\n|\r|\n/);
  const positions: number[] = [];
  const triangles: number[] = [];
  lines.forEach((line, index) => {
    if (!/^\s*[vf]\s/.test(line)) return;
    const [keyword, ...fields] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (fields.length < 3) {
      const code = index === lines.length - 1 ? 'MESH_TRUNCATED' : 'MESH_INVALID';
      throw meshError(code, name, `line ${index + 1}: "${line.trim()}" has ${fields.length} fields, at least 3 are needed`);
    }
    if (keyword === 'v') {
      positions.push(Number(fields[0]), Number(fields[1]), Number(fields[2]));
      return;
    }
    pushFan(
      triangles,
      fields.map((field) => {
        const reference = Number(field.split('/')[0]);
        if (!Number.isSafeInteger(reference) || reference === 0) {
          throw meshError('MESH_INVALID', name, `line ${index + 1}: "${field}" is no vertex reference`);
        }
        // Negative references count back from the vertex read last.
        return reference > 0 ? reference - 1 : positions.length / 3 + reference;
      }),
    );
  });
  return { positions, triangles };
}

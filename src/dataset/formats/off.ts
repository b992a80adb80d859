import { meshError, pushFan, type RawMesh } from './raw-mesh.js';

/**
 * Object File Format (Geomview): counts, one vertex a line, one polygon a line. Normals, colours and texture coordinates that
 * its variants (NOFF, COFF, STOFF) append to a line are passed over. Reads ModelNet's headers too, where the counts follow "OFF" at once.
 * @throws NeuralSdfError MESH_INVALID, MESH_TRUNCATED, MESH_UNSUPPORTED_FORMAT for binary or four-dimensional files
 */
export function parseOff(bytes: Uint8Array, name: string): RawMesh {
  const lines = new TextDecoder()
    .decode(bytes)
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  const header = /^(ST)?C?N?(4?n?)OFF\s*(.*)$/.exec(lines[0] ?? '');
  if (!header) throw meshError('MESH_INVALID', name, 'does not start with OFF');
  if (header[2] || /BINARY/i.test(header[3])) throw meshError('MESH_UNSUPPORTED_FORMAT', name, 'binary and 4-dimensional OFF are not read');
  let at = 1;
  const counts = numbers(header[3] || (lines[at++] ?? ''));
  const [vertexCount, faceCount] = counts;
  if (![vertexCount, faceCount].every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw meshError('MESH_INVALID', name, `counts are ${counts.join(' ') || 'missing'}`);
  }
  if (lines.length - at < vertexCount + faceCount) {
    const reason = `announces ${vertexCount} vertices and ${faceCount} faces, ${lines.length - at} lines are there`;
    throw meshError('MESH_TRUNCATED', name, reason);
  }
  const positions = new Float64Array(vertexCount * 3);
  for (let v = 0; v < vertexCount; v++, at++) {
    const line = numbers(lines[at]);
    if (line.length < 3) throw meshError('MESH_TRUNCATED', name, `vertex ${v} has ${line.length} coordinates`);
    positions.set(line.slice(0, 3), 3 * v);
  }
  const triangles: number[] = [];
  for (let f = 0; f < faceCount; f++, at++) {
    const [corners, ...rest] = numbers(lines[at]);
    if (!(corners <= rest.length))
      throw meshError('MESH_TRUNCATED', name, `face ${f} announces ${corners} corners, ${rest.length} are there`);
    pushFan(triangles, rest.slice(0, corners));
  }
  return { positions, triangles };
}

const numbers = (line: string): number[] => (line === '' ? [] : line.split(/\s+/).map(Number));

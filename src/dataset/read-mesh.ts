import { firstNotFinite } from '../decoder/decoder.js';
import type { TriangleMesh } from '../mesh.js';
import { parseGlb } from './formats/glb.js';
import { parseObj } from './formats/obj.js';
import { parseOff } from './formats/off.js';
import { parsePly } from './formats/ply.js';
import { meshError, type RawMesh } from './formats/raw-mesh.js';
import { parseStl } from './formats/stl.js';
import { weldMesh } from './weld-mesh.js';

const PARSERS: Readonly<Record<string, (bytes: Uint8Array, name: string) => RawMesh | Promise<RawMesh>>> = {
  glb: parseGlb,
  obj: parseObj,
  off: parseOff,
  ply: parsePly,
  stl: parseStl,
};

/** File name endings that `readMesh` takes. */
export const MESH_FORMATS: readonly string[] = Object.keys(PARSERS);

/**
 * Reads a mesh file: polygons become triangles, coincident vertices one, everything but shape is dropped.
 * @param fileName its ending tells the format; also used in messages
 * @throws NeuralSdfError MESH_UNSUPPORTED_FORMAT, MESH_EMPTY (nothing in the file, or no triangle), MESH_TRUNCATED (less than
 * announced), MESH_NOT_FINITE, MESH_INVALID (malformed, index out of range, no extent)
 */
export async function readMesh(bytes: Uint8Array, fileName: string): Promise<TriangleMesh> {
  const ending = /\.([^./\\]+)$/.exec(fileName)?.[1].toLowerCase() ?? '';
  if (!Object.hasOwn(PARSERS, ending)) {
    throw meshError('MESH_UNSUPPORTED_FORMAT', fileName, `meshes are read from ${MESH_FORMATS.map((f) => `.${f}`).join(', ')}`);
  }
  if (bytes.length === 0) throw meshError('MESH_EMPTY', fileName, 'the file is empty');
  return weldMesh(checkMesh(await PARSERS[ending](bytes, fileName), fileName));
}

function checkMesh(raw: RawMesh, name: string): TriangleMesh {
  if (raw.triangles.length === 0) throw meshError('MESH_EMPTY', name, 'there is no triangle in it');
  const vertexCount = raw.positions.length / 3;
  const triangles = new Uint32Array(raw.triangles.length);
  for (let i = 0; i < triangles.length; i++) {
    const vertex = raw.triangles[i];
    // Not "or": this refuses NaN and fractions as well.
    if (!(vertex >= 0 && vertex < vertexCount && Number.isInteger(vertex))) {
      throw meshError(
        'MESH_INVALID',
        name,
        `triangle ${Math.floor(i / 3)} uses vertex ${vertex}, there are ${vertexCount} (counted from 0)`,
      );
    }
    triangles[i] = vertex;
  }
  const positions = Float32Array.from(raw.positions);
  const bad = firstNotFinite(positions);
  if (bad >= 0) throw meshError('MESH_NOT_FINITE', name, `vertex ${Math.floor(bad / 3)} has ${'xyz'[bad % 3]} = ${raw.positions[bad]}`);
  const first = 3 * triangles[0];
  const hasExtent = triangles.some((vertex) => [0, 1, 2].some((axis) => positions[3 * vertex + axis] !== positions[first + axis]));
  if (!hasExtent) throw meshError('MESH_INVALID', name, 'it has no extent: all its triangles lie in one point');
  return { positions, triangles };
}

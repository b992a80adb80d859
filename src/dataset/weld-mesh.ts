import type { TriangleMesh } from '../mesh.js';

/**
 * Makes vertices at exactly the same place one, as formats split them at seams of normals or texture coordinates, or (STL)
 * altogether. The first of each place stays, in order.
 */
export function weldMesh({ positions, triangles }: TriangleMesh): TriangleMesh {
  const count = positions.length / 3;
  // +0 and -0 are one place; as bits they are two.
  const welded = positions.map((value) => value + 0);
  const bits = new Uint32Array(welded.buffer);
  // Open addressing, half empty: a Map over text keys took twenty times as long.
  const mask = 2 ** Math.ceil(Math.log2(2 * count + 2)) - 1;
  const table = new Int32Array(mask + 1).fill(-1);
  const vertexOf = new Uint32Array(count);
  let kept = 0;
  for (let v = 0; v < count; v++) {
    const [x, y, z] = [bits[3 * v], bits[3 * v + 1], bits[3 * v + 2]];
    let slot = hash(x, y, z) & mask;
    while (table[slot] >= 0) {
      const at = 3 * table[slot];
      if (bits[at] === x && bits[at + 1] === y && bits[at + 2] === z) break;
      slot = (slot + 1) & mask;
    }
    if (table[slot] < 0) {
      table[slot] = kept;
      bits.copyWithin(3 * kept, 3 * v, 3 * v + 3);
      kept++;
    }
    vertexOf[v] = table[slot];
  }
  return { positions: welded.slice(0, 3 * kept), triangles: triangles.map((vertex) => vertexOf[vertex]) };
}

function hash(x: number, y: number, z: number): number {
  let h = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(z, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}

import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import type { Vector } from './vector.js';

/**
 * A closed solid through rings of equally many points, with a pole at either end. Each ring runs counter-clockwise seen from the end pole.
 * @param wasm manifold-3d, after `setup()`
 * @returns a solid that the caller must `delete()`
 */
export function loft(wasm: ManifoldToplevel, startPole: Vector, rings: readonly (readonly Vector[])[], endPole: Vector): Manifold {
  const size = rings[0].length;
  const vertProperties = Float32Array.from([startPole, ...rings.flat(), endPole].flat());
  const end = 1 + rings.length * size;
  const apart = (a: number, b: number): number =>
    Math.hypot(...[0, 1, 2].map((axis) => vertProperties[3 * a + axis] - vertProperties[3 * b + axis]));
  const triVerts: number[] = [];
  for (let i = 0; i < size; i++) {
    const j = (i + 1) % size;
    triVerts.push(0, 1 + j, 1 + i, end - size + i, end - size + j, end);
    for (let a = 1, b = 1 + size; b < end; a = b, b += size) {
      // The shorter diagonal: on a bent sheet the longer one would stand out as a wrinkle.
      if (apart(a + i, b + j) <= apart(a + j, b + i)) triVerts.push(a + i, a + j, b + j, a + i, b + j, b + i);
      else triVerts.push(a + i, a + j, b + i, a + j, b + j, b + i);
    }
  }
  return new wasm.Manifold(new wasm.Mesh({ numProp: 3, vertProperties, triVerts: Uint32Array.from(triVerts) }));
}

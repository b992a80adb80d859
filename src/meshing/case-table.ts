/*
 * Marching cubes' 256 cases (Lorensen and Cline 1987), derived instead of listed. Corner c of a cell lies at (c & 1, c >> 1 & 1, c >> 2 & 1);
 * an edge is its axis and its lower corner.
 *
 * Each face is settled on its own, by one rule: every run of inside corners around it is cut off by one segment. Two cells see the four
 * corners of their common face alike, so they draw the same segments in opposite directions, ambiguous faces included. On a cell's surface
 * each crossed edge then has one segment in and one out, so that the segments link into loops, and the loops of all cells into a closed,
 * consistently oriented surface.
 */

/** The twelve edges of a cell: from `corner`, whose bit `axis` is 0, along `axis`. */
export const CELL_EDGES: readonly { readonly axis: number; readonly corner: number }[] = [0, 1, 2].flatMap((axis) =>
  [0, 1, 2, 3, 4, 5, 6, 7].filter((corner) => !(corner & (1 << axis))).map((corner) => ({ axis, corner })),
);

/** Corners of the six faces, counter-clockwise seen from outside the cell. */
const FACES: readonly (readonly number[])[] = [0, 1, 2].flatMap((axis) => {
  const u = 1 << ((axis + 1) % 3);
  const v = 1 << ((axis + 2) % 3);
  const high = [0, u, u | v, v].map((corner) => corner | (1 << axis));
  return [high, [0, v, u | v, u]];
});

const edgeBetween = (a: number, b: number): number =>
  CELL_EDGES.findIndex(({ axis, corner }) => corner === (a & b) && (a ^ b) === 1 << axis);

/** Which faces an edge belongs to, one bit each. */
const FACES_OF_EDGE = CELL_EDGES.map((_, edge) =>
  FACES.reduce(
    (bits, face, at) => (face.some((corner, k) => edgeBetween(corner, face[(k + 1) % 4]) === edge) ? bits | (1 << at) : bits),
    0,
  ),
);

/** The loops of one case: edges of the cell in the order in which the surface's border passes them, inside on its left from outside. */
function loopsOf(inside: number): number[][] {
  const isInside = (corner: number) => (inside >> corner) & 1;
  const next = new Map<number, number>();
  for (const face of FACES) {
    for (let k = 0; k < 4; k++) {
      if (isInside(face[k]) || !isInside(face[(k + 1) % 4])) continue;
      let last = k + 1;
      while (isInside(face[(last + 1) % 4])) last++;
      next.set(edgeBetween(face[k], face[(k + 1) % 4]), edgeBetween(face[last % 4], face[(last + 1) % 4]));
    }
  }
  const loops: number[][] = [];
  while (next.size > 0) {
    const loop: number[] = [];
    let edge = next.keys().next().value as number;
    for (let following = next.get(edge); following !== undefined; following = next.get(edge)) {
      loop.push(edge);
      next.delete(edge);
      edge = following;
    }
    loops.push(loop);
  }
  return loops;
}

/**
 * Splits a loop along diagonals that run through the cell's interior. A diagonal within a face could be the neighbour's too, and an edge
 * would then have four triangles. @returns undefined when there is no such split
 */
function triangulate(loop: readonly number[]): number[] | undefined {
  if (loop.length === 3) return [...loop];
  for (let i = 0; i < loop.length; i++) {
    for (let j = i + 2; j < loop.length && j - i < loop.length - 1; j++) {
      if (FACES_OF_EDGE[loop[i]] & FACES_OF_EDGE[loop[j]]) continue;
      const one = triangulate(loop.slice(i, j + 1));
      const other = one && triangulate([...loop.slice(j), ...loop.slice(0, i + 1)]);
      if (one && other) return [...one, ...other];
    }
  }
  return undefined;
}

function trianglesOf(inside: number): Uint8Array {
  return Uint8Array.from(
    loopsOf(inside).flatMap((loop) => {
      const triangles = triangulate(loop);
      if (!triangles) throw new Error(`marching cubes case ${inside} has no triangulation through the cell's interior`);
      return triangles;
    }),
  );
}

/** Per case (bit c set: corner c is inside), triples of indices into CELL_EDGES, counter-clockwise seen from outside. */
export const CASE_TABLE: readonly Uint8Array[] = Array.from({ length: 256 }, (_, inside) => trianglesOf(inside));

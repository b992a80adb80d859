/** OFF text of a torus around the z axis, `rings` x `sides` quads split into triangles; `drop` leaves out every n-th triangle. */
export function torusOff(rings = 24, sides = 12, drop = 0): string {
  const vertices: string[] = [];
  const triangles: string[] = [];
  for (let i = 0; i < rings; i++) {
    for (let j = 0; j < sides; j++) {
      const [u, v] = [(2 * Math.PI * i) / rings, (2 * Math.PI * j) / sides];
      const radius = 0.7 + 0.25 * Math.cos(v);
      vertices.push(`${radius * Math.cos(u)} ${radius * Math.sin(u)} ${0.25 * Math.sin(v)}`);
      const at = (a: number, b: number) => ((i + a) % rings) * sides + ((j + b) % sides);
      triangles.push(`3 ${at(0, 0)} ${at(1, 0)} ${at(1, 1)}`, `3 ${at(0, 0)} ${at(1, 1)} ${at(0, 1)}`);
    }
  }
  const kept = triangles.filter((_, index) => drop === 0 || index % drop !== 0);
  return `OFF\n${vertices.length} ${kept.length} 0\n${[...vertices, ...kept].join('\n')}\n`;
}

/** OFF text of an axis-aligned box. */
export function boxOff(width: number, height: number, depth: number): string {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `${(i & 1) * width} ${((i >> 1) & 1) * height} ${(i >> 2) * depth}`);
  const quads = ['0 2 3 1', '4 5 7 6', '0 1 5 4', '2 6 7 3', '0 4 6 2', '1 3 7 5'];
  return `OFF\n8 6 0\n${corners.join('\n')}\n${quads.map((quad) => `4 ${quad}`).join('\n')}\n`;
}

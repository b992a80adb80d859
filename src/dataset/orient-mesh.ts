import type { TriangleMesh } from '../mesh.js';
import { forEachEdge } from './mesh-edges.js';

/**
 * Turns triangles so that neighbours run round their common edge in opposite directions. Of the two ways to do so, each connected
 * part gets the one that turns fewer of its triangles: a shell that was meant as a hollow stays one.
 */
export function orientMesh(mesh: TriangleMesh): { mesh: TriangleMesh; turnedTriangles: number } {
  const count = mesh.triangles.length / 3;
  // Per half-edge its partner over an ordinary edge, or -1.
  const partners = new Int32Array(mesh.triangles.length).fill(-1);
  forEachEdge(mesh, (halfEdges) => {
    if (halfEdges.length !== 2) return;
    partners[halfEdges[0]] = halfEdges[1];
    partners[halfEdges[1]] = halfEdges[0];
  });
  const UNSEEN = 2;
  const turned = new Uint8Array(count).fill(UNSEEN);
  let turnedTriangles = 0;
  for (let seed = 0; seed < count; seed++) {
    if (turned[seed] !== UNSEEN) continue;
    turned[seed] = 0;
    const part = [seed];
    for (let i = 0; i < part.length; i++) {
      for (let half = 3 * part[i]; half < 3 * part[i] + 3; half++) {
        const partner = partners[half];
        if (partner < 0) continue;
        const neighbour = Math.floor(partner / 3);
        if (turned[neighbour] !== UNSEEN) continue;
        const sameDirection = mesh.triangles[half] === mesh.triangles[partner];
        turned[neighbour] = sameDirection ? 1 - turned[part[i]] : turned[part[i]];
        part.push(neighbour);
      }
    }
    const turnedHere = part.reduce((sum, triangle) => sum + turned[triangle], 0);
    const flip = turnedHere > part.length / 2;
    if (flip) for (const triangle of part) turned[triangle] = 1 - turned[triangle];
    turnedTriangles += flip ? part.length - turnedHere : turnedHere;
  }
  if (turnedTriangles === 0) return { mesh, turnedTriangles };
  const triangles = mesh.triangles.slice();
  for (let t = 0; t < count; t++) {
    if (turned[t] === 0) continue;
    triangles[3 * t + 1] = mesh.triangles[3 * t + 2];
    triangles[3 * t + 2] = mesh.triangles[3 * t + 1];
  }
  return { mesh: { positions: mesh.positions, triangles }, turnedTriangles };
}

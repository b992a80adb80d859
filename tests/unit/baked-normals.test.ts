import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bakeTriangles } from '../../plugin/baked/baked-mesh.js';
import { readShapes } from '../../src/asset/index.js';
import { normalKinkWidths } from '../../src/decoder/kink-widths.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { planEdits } from '../../src/editing/edit-plan.js';
import type { TriangleMesh } from '../../src/mesh.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const shapes = tinyShapes();
const { latent } = shapes.shapes[0];

/** Largest sine of the angle between a mesh's normals and the decoder's gradients at its vertices. */
function farthest({ positions, normals }: TriangleMesh, kinkWidths?: Float32Array[]): number {
  let most = 0;
  for (let i = 0; i < positions.length; i += 3) {
    const { point } = referenceGradient(shapes.decoder, latent, positions.subarray(i, i + 3), kinkWidths);
    const [x, y, z] = point.map((value) => value / Math.hypot(...point));
    const [u, v, w] = normals!.subarray(i, i + 3);
    most = Math.max(most, Math.hypot(y * w - z * v, z * u - x * w, x * v - y * u));
  }
  return most;
}

describe('normals of a baked mesh', () => {
  const kinkWidths = normalKinkWidths(shapes.decoder, shapes.shapes[0].latent, shapes.halfExtent);

  it('are the gradients that the shader takes, kinks blurred', async () => {
    const mesh = await bakeTriangles(shapes, latent, 24);
    expect(farthest(mesh, kinkWidths)).toBeLessThan(1e-4);
    // Exact gradients are others.
    expect(farthest(mesh)).toBeGreaterThan(0.05);
  });

  it('are so of an edited shape as well', async () => {
    // An edit that leaves the surface where it is.
    const edits = planEdits([{ type: 'union', operand: { kind: 'sphere', radius: 0.1, position: [0.6, 0, 0] } }], shapes);
    expect(farthest(await bakeTriangles(shapes, latent, 24, { edits }), kinkWidths)).toBeLessThan(1e-4);
  });
});

// Made by `npm run assets -- --rebake assets/*.glb`, where baking has changed.
it.each(['chairs', 'mugs', 'planes', 'mugs-student'])('normals that assets/%s.glb holds are what baking gives now', async (name) => {
  const { decoder, halfExtent, shapes: all } = await readShapes(readFileSync(`assets/${name}.glb`));
  const kinkWidths = normalKinkWidths(decoder, all[0].latent, halfExtent);
  for (const { latent: code, bakedMesh } of all) {
    if (!bakedMesh) continue;
    const { positions, normals } = bakedMesh;
    const angles: number[] = [];
    for (let i = 0; i < positions.length; i += 3 * 101) {
      const { point } = referenceGradient(decoder, code, positions.subarray(i, i + 3), kinkWidths);
      const cosine = point.reduce((sum, value, axis) => sum + value * normals![i + axis], 0) / Math.hypot(...point);
      angles.push((180 / Math.PI) * Math.acos(Math.min(1, cosine)));
    }
    angles.sort((a, b) => a - b);
    // In walls thinner than a cell the gradient may point into the surface, and the triangles' normal stands in.
    expect(angles[Math.floor(0.95 * angles.length)]).toBeLessThan(0.1);
  }
});

import { describe, expect, it } from 'vitest';
import { meshVolume } from '../../src/mesh-volume.js';
import { centerSurface } from '../../src/meshing/center-surface.js';
import { marchingCubes } from '../../src/meshing/marching-cubes.js';
import { AnalyticEvaluator, denseGrid } from '../support/analytic-shapes.js';

describe('centred surface', () => {
  // A capsule two and a half cells thick: what a chair's leg is to a collider's grid.
  const [length, radius] = [1.2, 0.08];
  const capsule = (x: number, y: number, z: number) => Math.hypot(x, y - Math.max(-length / 2, Math.min(length / 2, y)), z) - radius;
  const exact = Math.PI * radius ** 2 * length + (4 / 3) * Math.PI * radius ** 3;

  it('gives back the volume that marching cubes cut off a thin rod', () => {
    const { mesh } = marchingCubes(denseGrid(capsule, 32));
    const centered = centerSurface(new AnalyticEvaluator(capsule), mesh, 2 / 32);
    expect(meshVolume(mesh) / exact).toBeLessThan(0.9);
    expect(Math.abs(meshVolume(centered) / exact - 1)).toBeLessThan(0.01);
    expect(centered.triangles).toBe(mesh.triangles);
  });

  it('leaves flat faces and the cut at the boundary where they are', () => {
    const slab = (_x: number, y: number) => Math.abs(y) - 0.3;
    const { mesh } = marchingCubes(denseGrid(slab, 16));
    const { positions } = centerSurface(new AnalyticEvaluator(slab), mesh, 2 / 16);
    for (let i = 0; i < positions.length; i += 3) {
      const onFace = Math.abs(mesh.positions[i]) < 0.8 && Math.abs(mesh.positions[i + 2]) < 0.8;
      if (onFace) expect(Math.abs(Math.abs(positions[i + 1]) - 0.3)).toBeLessThan(1e-5);
      expect(Math.abs(positions[i])).toBeLessThan(1.05);
    }
  });
});

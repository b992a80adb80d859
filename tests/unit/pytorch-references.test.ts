import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExperiment } from '../../src/asset/experiment.js';
import { formatExperiment } from '../../src/asset/experiment-export.js';
import { readExperimentFolder } from '../../src/asset/experiment-folder-node.js';
import { readNpz } from '../../src/dataset/npz.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { bakeMesh } from '../../src/meshing/bake-mesh.js';
import { largestComponent } from '../../src/meshing/mesh-components.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';

const checkpoints = '../shared/data/checkpoints';
const reference = join(checkpoints, 'reference');
const maurock = join(checkpoints, 'maurock/results/runs_sdf/17_07_172540');

/** Of 1,000 points; a gradient of the paper's decoder takes a millisecond or three in float64. */
const GRADIENT_POINTS = 100;

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>, offset = 0): number => {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[offset + i]));
  return largest;
};

describe.skipIf(!existsSync(reference))('checkpoints that PyTorch wrote (skipped without ../shared/data)', () => {
  const names = existsSync(reference) ? readdirSync(reference) : [];

  it.each(names)('%s reproduces its golden distances and gradients to 1e-5, and survives export and import to the bit', async (name) => {
    const folder = join(reference, name);
    const { decoder, latents, delta, epoch } = await readExperimentFolder(folder);
    const file = readdirSync(folder).find((entry) => entry.startsWith('golden')) as string;
    const golden = readNpz(readFileSync(join(folder, file)), file);
    const [points, latent, sdf, sdf64, byPoint, byLatent] = ['points', 'latent', 'sdf', 'sdf_f64', 'dsdf_dxyz_f64', 'dsdf_dlatent_f32'].map(
      (key) => golden.get(key)?.data as Float32Array,
    );
    expect(latents[Number(/\d+/.exec(file))]).toEqual(latent);
    expect(delta).toBe(0.1);

    const distances = new Float32Array(sdf.length);
    (await createWasmEvaluator(decoder, latent)).evaluate(points, distances);
    expect(largestDifference(distances, sdf)).toBeLessThan(1e-5);
    for (let i = 0; i < GRADIENT_POINTS; i++) {
      const gradient = referenceGradient(decoder, latent, points.subarray(3 * i, 3 * i + 3));
      expect(Math.abs(gradient.distance - sdf64[i])).toBeLessThan(1e-6);
      expect(largestDifference(gradient.point, byPoint, 3 * i)).toBeLessThan(1e-5);
      expect(largestDifference(gradient.latent, byLatent, latent.length * i)).toBeLessThan(1e-5);
    }

    const shapes = latents.map((code, i) => ({ name: `shape-${i}`, latent: code }));
    const again = readExperiment(
      formatExperiment({ decoder, shapes, delta, stepScale: 1, halfExtent: 1, provenance: { import: { epoch } } }),
    );
    expect(again.decoder).toEqual(decoder);
    expect(again.latents).toEqual(latents);
    expect(again.epoch).toBe(epoch);
  });
});

describe.skipIf(!existsSync(maurock))('a run of maurock/DeepSDF (skipped without ../shared/data)', () => {
  it('bakes its mug, camera and bottle: closed shapes of plausible extent, all but crumbs in one piece', async () => {
    const { decoder, latents, delta } = await readExperimentFolder(maurock);
    expect(latents).toHaveLength(3);
    // Extent by axis, model units; the mug's wall is 0.02 thick, so that its grid is finer.
    const expected = [
      { resolution: 56, halfExtent: 0.42, size: [0.68, 0.59, 0.41] },
      { resolution: 24, halfExtent: 0.7, size: [0.44, 0.78, 0.41] },
      { resolution: 24, halfExtent: 0.7, size: [0.3, 0.3, 0.96] },
    ];
    for (const [i, { size, ...grid }] of expected.entries()) {
      const { mesh, report } = await bakeMesh(await createWasmEvaluator(decoder, latents[i]), {
        ...grid,
        delta,
        stepScale: 0.9,
        normals: false,
      });
      expect(report.closedAtBoundary).toBe(false);
      expect(report.volume).toBeGreaterThan(0.01);
      expect(meshVolume(largestComponent(mesh)) / report.volume).toBeGreaterThan(0.95);
      const extent = [0, 1, 2].map((axis) => {
        const values = mesh.positions.filter((_, at) => at % 3 === axis);
        return Math.max(...values) - Math.min(...values);
      });
      expect(largestDifference(extent, size)).toBeLessThan(0.06);
    }
  });
});

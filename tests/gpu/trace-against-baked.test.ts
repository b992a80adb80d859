import { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { DistanceOutput, readDistances } from '../support/distance-output.js';
import { type Comparison, compare, shoot } from '../support/pictures.js';
import { openStudio, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** The traced picture against that of the shape's own 256^3 baked mesh: same material, same camera, same lights. */
describe('traced against baked', () => {
  let engine: WebGPUEngine;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 320, height: 240 });
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
    engine.useReverseDepthBuffer = false;
  });

  async function comparePictures(studio: Studio, mesh: NeuralSdfMesh, name: string): Promise<Comparison> {
    mesh.setEnabled(false);
    const empty = await shoot(studio.scene, `${name}-empty`);
    mesh.setEnabled(true);
    const traced = await shoot(studio.scene, `${name}-traced`);
    expect(mesh.isTraced).toBe(true);
    mesh.showBaked = 'always';
    const baked = await shoot(studio.scene, `${name}-baked`);
    expect(mesh.isTraced).toBe(false);
    return compare(traced, baked, empty);
  }

  const arrangements: Record<string, (studio: Studio, mesh: NeuralSdfMesh) => void> = {
    perspective: () => {},
    orthographic: ({ camera }) => {
      camera.mode = Camera.ORTHOGRAPHIC_CAMERA;
      [camera.orthoLeft, camera.orthoRight, camera.orthoBottom, camera.orthoTop] = [-1.6, 1.6, -1.2, 1.2];
    },
    'camera inside the box': ({ camera }, mesh) => {
      camera.position = new Vector3(0.3, 0.75, -0.6);
      camera.setTarget(new Vector3(0, 0, 0.1));
      mesh.computeWorldMatrix(true);
    },
    'near plane cuts the shape': ({ camera }) => {
      camera.minZ = 2.9;
    },
    'turned and scaled unevenly': (_, mesh) => {
      mesh.scaling.set(1.4, 0.7, 1);
      mesh.rotation.set(0.4, 0.9, -0.3);
    },
    'mirrored by a negative scale': (_, mesh) => {
      mesh.scaling.set(-1, 1.2, 0.8);
      mesh.rotation.set(0.2, 0.5, 0);
    },
    'logarithmic depth': (_, mesh) => {
      mesh.material!.useLogarithmicDepth = true;
    },
  };

  it.each(Object.keys(arrangements))('%s', async (name) => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, tinyShapes(), 'torus');
    arrangements[name](studio, mesh);
    const { hits, agreement, silhouette } = await comparePictures(studio, mesh, name.replaceAll(' ', '-'));
    expect(hits).toBeGreaterThan(4000);
    expect(agreement).toBeGreaterThan(0.993);
    expect(silhouette).toBeLessThan(0.006);
  });

  it.each([
    [true, false],
    [false, true],
    [true, true],
  ])('reverse depth %s, right-handed %s', async (reverse, rightHanded) => {
    engine.useReverseDepthBuffer = reverse;
    const studio = openStudio(engine, { rightHanded });
    const mesh = await stageShape(studio.scene, tinyShapes(), 'box');
    mesh.rotation.set(0.3, 0.6, 0.2);
    const { hits, agreement, silhouette } = await comparePictures(studio, mesh, `reverse-${reverse}-right-handed-${rightHanded}`);
    expect(hits).toBeGreaterThan(4000);
    expect(agreement).toBeGreaterThan(0.993);
    expect(silhouette).toBeLessThan(0.006);
  });

  it('stands at the same distance, to a thousandth of a unit at the median', async () => {
    const studio = openStudio(engine);
    const mesh = await stageShape(studio.scene, tinyShapes(), 'torus');
    new DistanceOutput(mesh.material!);
    const traced = readDistances(await shoot(studio.scene, 'distance-traced'));
    mesh.showBaked = 'always';
    const baked = readDistances(await shoot(studio.scene, 'distance-baked'));
    const errors = traced.flatMap((distance, i) => (distance && baked[i] ? [Math.abs(distance - baked[i])] : [])).sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(5000);
    expect(errors[errors.length >> 1]).toBeLessThan(0.001);
    expect(errors[Math.floor(errors.length * 0.99)]).toBeLessThan(0.01);
  });
});

import '@babylonjs/core/Culling/ray.js';
import { Ray } from '@babylonjs/core/Culling/ray.core.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Plane } from '@babylonjs/core/Maths/math.plane.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { NeuralSdfPickingInfo } from '../../plugin/picking/picking.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { createDecoder, type Decoder } from '../../src/decoder/decoder.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { planLayers } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';
import { boxWindow, type Vector } from '../../src/tracing/march-ray.js';
import { DistanceOutput, readDistances } from '../support/distance-output.js';
import { shoot } from '../support/pictures.js';
import { searchShape } from '../support/ray-judge.js';
import { openStudio, type Studio, stageShape } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const WIDTH = 160;
const HEIGHT = 120;
const shapes = tinyShapes();
let engine: WebGPUEngine;
beforeAll(async () => {
  engine = await createHeadlessEngine({ width: WIDTH, height: HEIGHT });
});
afterEach(() => {
  for (const scene of [...engine.scenes]) scene.dispose();
});

/** A torus, turned and unevenly scaled; not yet drawn. */
async function stageTorus(): Promise<Studio & { mesh: NeuralSdfMesh }> {
  const studio = openStudio(engine);
  const mesh = await stageShape(studio.scene, shapes, 'torus', { resolution: 48 });
  mesh.rotation.set(0.4, 0.9, -0.3);
  mesh.scaling.set(1.3, -0.8, 1);
  mesh.position.set(0.1, 0.05, -0.1);
  studio.scene.render();
  return { ...studio, mesh };
}

describe('scene.pick', () => {
  it('agrees with a dense search along 500 rays, at any scale and rotation', async () => {
    const { scene, mesh } = await stageTorus();
    const random = new Random(4);
    const world = mesh.getWorldMatrix();
    const toLocal = world.clone().invert();
    const rays = Array.from({ length: 500 }, () => {
      const from = Vector3.FromArray([random.normal(), random.normal(), random.normal()]).normalize().scale(4);
      const to = new Vector3(random.range(-0.8, 0.8), random.range(-0.8, 0.8), random.range(-0.8, 0.8));
      return new Ray(from, to.subtract(from).normalize());
    });
    const local = rays.map((ray) => Ray.Transform(ray, toLocal));
    const windows = local.map(({ origin, direction }) =>
      boxWindow(origin.asArray() as Vector, direction.asArray() as Vector, shapes.halfExtent),
    );
    const truth = await searchShape(shapes.decoder, mesh.latent, {
      origins: Float32Array.from(local.flatMap((ray, i) => ray.origin.add(ray.direction.scale(windows[i].entry)).asArray())),
      directions: Float32Array.from(local.flatMap(({ direction }) => direction.asArray())),
      // Of no length where a ray misses the box: such a ray is never inside the shape, and no hit.
      lengths: Float32Array.from(windows, ({ entry, exit }) => Math.max(0, exit - entry)),
    });
    let [hits, wrong] = [0, 0];
    rays.forEach((ray, i) => {
      const pick = scene.pickWithRay(ray)!;
      if (pick.hit !== Number.isFinite(truth[i])) wrong++;
      if (!pick.hit || !Number.isFinite(truth[i])) return;
      hits++;
      expect(pick.pickedMesh).toBe(mesh);
      const expected = local[i].origin.add(local[i].direction.scale(windows[i].entry + truth[i]));
      const picked = Vector3.TransformCoordinates(pick.pickedPoint!, toLocal);
      expect(Vector3.Distance(picked, expected)).toBeLessThan(1e-3);
      expect(pick.distance).toBeCloseTo(Vector3.Distance(ray.origin, pick.pickedPoint!), 5);
      const gradient = Vector3.FromArray(referenceGradient(shapes.decoder, mesh.latent, picked.asArray()).point);
      expect(Vector3.Dot(pick.getNormal()!, gradient.normalize())).toBeGreaterThan(0.99);
    });
    expect(hits).toBeGreaterThan(150);
    expect(wrong).toBeLessThanOrEqual(2);
  });

  it('hits what pixels show, at their distance', async () => {
    const { scene, camera, mesh } = await stageTorus();
    new DistanceOutput(mesh.material!);
    const shown = readDistances(await shoot(scene, 'picked-pixels'));
    expect(mesh.isTraced).toBe(true);
    let [either, wrong] = [0, 0];
    const errors: number[] = [];
    for (let y = 1; y < HEIGHT; y += 3) {
      for (let x = 1; x < WIDTH; x += 3) {
        const pick = scene.pick(x + 0.5, y + 0.5);
        const pixel = shown[y * WIDTH + x];
        if (pick.hit || pixel) either++;
        if (pick.hit !== pixel > 0) wrong++;
        else if (pick.hit) errors.push(Math.abs(Vector3.Distance(camera.globalPosition, pick.pickedPoint!) - pixel));
      }
    }
    errors.sort((a, b) => a - b);
    expect(either).toBeGreaterThan(300);
    expect(wrong / either).toBeLessThan(0.01);
    expect(errors[errors.length >> 1]).toBeLessThan(1e-3);
    // A pixel counts as hit a quarter of its own size away.
    expect(errors[Math.floor(0.99 * errors.length)]).toBeLessThan(5e-3);
  });

  it('gives the normal in world coordinates as the surface has it, by differences of neighbouring picks', async () => {
    const { scene } = await stageTorus();
    let compared = 0;
    for (let y = 20; y < HEIGHT; y += 12) {
      for (let x = 20; x < WIDTH; x += 12) {
        const [at, right, below] = [scene.pick(x, y), scene.pick(x + 0.05, y), scene.pick(x, y + 0.05)];
        if (!at.hit || !right.hit || !below.hit) continue;
        const across = Vector3.Cross(
          right.pickedPoint!.subtract(at.pickedPoint!),
          below.pickedPoint!.subtract(at.pickedPoint!),
        ).normalize();
        const normal = at.getNormal(true)!;
        if (Math.abs(Vector3.Dot(normal, at.ray!.direction)) < 0.2) continue;
        compared++;
        expect(Math.abs(Vector3.Dot(across, normal))).toBeGreaterThan(0.97);
        expect(Vector3.Dot(normal, at.ray!.direction)).toBeLessThan(0);
      }
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('tells the shape, and knows edits at once', async () => {
    const { scene, mesh } = await stageTorus();
    mesh.setShape('sphere');
    const pick = scene.pickWithRay(new Ray(new Vector3(0.1, 3, -0.1), Vector3.Down()))!;
    expect(pick).toBeInstanceOf(NeuralSdfPickingInfo);
    expect(pick).toMatchObject({ latent: mesh.latent, shapeIndex: 1, shapeName: 'sphere' });
    mesh.blend('sphere', 'torus', 0.3);
    expect(scene.pickWithRay(new Ray(new Vector3(0.1, 3, -0.1), Vector3.Down()))).toMatchObject({ shapeIndex: -1, shapeName: undefined });
  });

  it.each(['never', 'always', 'overlay'] as const)('answers once, with the mesh, with showBaked %s', async (showBaked) => {
    const { scene, mesh } = await stageTorus();
    const down = new Ray(new Vector3(0.1, 3, -0.1), Vector3.Down());
    mesh.setShape('sphere');
    const exact = scene.pickWithRay(down)!.pickedPoint!.clone();
    await shoot(scene, `picked-${showBaked}`);
    mesh.showBaked = showBaked;
    const all = scene.multiPickWithRay(down)!;
    expect(all.map(({ pickedMesh }) => pickedMesh)).toEqual([mesh]);
    expect(Vector3.Distance(all[0].pickedPoint!, exact)).toBeLessThan(1e-6);
    expect(Vector3.Dot(all[0].getNormal(true)!, Vector3.Up())).toBeGreaterThan(0.9);
    mesh.isPickable = false;
    expect(scene.pickWithRay(down)!.hit).toBe(false);
  });

  it('sees through the hole, prefers what is nearer, and keeps to the length of the ray', async () => {
    const { scene } = openStudio(engine);
    const mesh = await stageShape(scene, shapes, 'torus', { resolution: 48 });
    const box = CreateBox('behind', { size: 3 }, scene);
    box.position.y = -2.5;
    scene.render();
    const through = new Ray(new Vector3(0, 3, 0), Vector3.Down());
    expect(scene.pickWithRay(through)!.pickedMesh).toBe(box);
    const onto = new Ray(new Vector3(0.6, 3, 0), Vector3.Down());
    expect(scene.pickWithRay(onto)!.pickedMesh).toBe(mesh);
    expect(scene.pickWithRay(onto, undefined, true)!.pickedMesh).toBe(mesh);
    expect(scene.multiPickWithRay(onto)!.length).toBe(2);
    expect(scene.pickWithRay(new Ray(new Vector3(0.6, 3, 0), Vector3.Down(), 2.5))!.hit).toBe(false);
    expect(scene.pickWithBoundingInfo(WIDTH / 2, HEIGHT / 2)!.hit).toBe(true);
  });

  it('meets a decoder that is too wide to trace, by the mesh that stands in for it', async () => {
    const { scene } = openStudio(engine);
    const narrow = await stageShape(scene, shapes, 'torus', { resolution: 48 });
    const ray = new Ray(new Vector3(0.5, 3, 0.2), new Vector3(0.05, -1, 0).normalize());
    const expected = scene.pickWithRay(ray)!.pickedPoint!;
    narrow.dispose();
    const wide = await stageShape(scene, { ...shapes, decoder: widen(shapes.decoder, 256) }, 'torus', { resolution: 48 });
    const picks = scene.multiPickWithRay(ray)!;
    expect(picks.map(({ pickedMesh }) => pickedMesh)).toEqual([wide]);
    expect(Vector3.Distance(picks[0].pickedPoint!, expected)).toBeLessThan(1e-4);
    expect(picks[0].getNormal(true)!.y).toBeGreaterThan(0.5);
  });

  it.each(['never', 'always'] as const)('tells instances and their shapes apart, with showBaked %s', async (showBaked) => {
    const { scene } = openStudio(engine);
    const mesh = await stageShape(scene, shapes, 'torus', { resolution: 48 });
    mesh.scaling.setAll(0.4);
    const [same, other] = [mesh.createInstance('same'), mesh.createInstance('other')];
    [same.position.x, other.position.x] = [2, 4];
    other.setShape('sphere');
    await shoot(scene, `picked-instances-${showBaked}`);
    mesh.showBaked = showBaked;
    const down = (x: number) =>
      scene.multiPickWithRay(new Ray(new Vector3(x, 3, 0), Vector3.Down()))!.map((pick) => {
        const { pickedMesh, pickedPoint, shapeName } = pick as NeuralSdfPickingInfo;
        return [pickedMesh!.name, shapeName, pickedPoint!.y.toFixed(1)];
      });
    expect(down(0.24)).toEqual([['torus', 'torus', '0.1']]);
    expect(down(2.24)).toEqual([['same', 'torus', '0.1']]);
    expect(down(2)).toEqual([]);
    expect(down(4)).toEqual([['other', 'sphere', '0.3']]);
  });

  it('tells thin instances and their shapes apart', async () => {
    const { scene } = openStudio(engine);
    const mesh = await stageShape(scene, shapes, 'torus', { resolution: 48 });
    mesh.thinInstanceEnablePicking = true;
    mesh.thinInstanceAdd([Matrix.Identity(), Matrix.Translation(2, 0, 0)]);
    mesh.setThinInstanceLatents(Float32Array.from([...shapes.shapes[0].latent, ...shapes.shapes[1].latent]));
    scene.render();
    const down = (x: number) => {
      const pick = scene.pickWithRay(new Ray(new Vector3(x, 3, 0), Vector3.Down())) as NeuralSdfPickingInfo;
      return [pick.thinInstanceIndex, pick.shapeName, pick.pickedPoint?.y.toFixed(2)];
    };
    expect(down(0)).toEqual([-1, undefined, undefined]);
    expect(down(0.6)).toEqual([0, 'torus', '0.25']);
    expect(down(2)).toEqual([1, 'sphere', '0.65']);
  });

  it('passes what a clip plane takes away', async () => {
    const { scene } = openStudio(engine);
    const mesh = await stageShape(scene, shapes, 'sphere', { resolution: 48 });
    scene.render();
    const along = new Ray(new Vector3(-3, 0.2, 0.1), Vector3.Right());
    const near = scene.pickWithRay(along)!.pickedPoint!.x;
    expect(near).toBeCloseTo(-Math.sqrt(0.65 ** 2 - 0.05), 1);
    // Babylon keeps the negative side: the half with the smaller x goes, and with it the only face that looks at the ray.
    scene.clipPlane = new Plane(-1, 0, 0, 0);
    expect(scene.pickWithRay(along)!.hit).toBe(false);
    expect(scene.pickWithRay(new Ray(new Vector3(3, 0.2, 0.1), Vector3.Left()))!.pickedPoint!.x).toBeGreaterThan(0.4);
    mesh.material!.clipPlane = new Plane(1, 0, 0, 0);
    expect(scene.pickWithRay(along)!.pickedPoint!.x).toBeCloseTo(near, 5);
  });
});

/** The same distances from layers of more units, the added ones dead. */
function widen(decoder: Decoder, width: number): Decoder {
  const spec = { ...decoder.spec, dims: decoder.spec.dims.map(() => width) };
  const narrow = planLayers(decoder.spec);
  const layers = planLayers(spec).map((plan, index) => {
    const weight = new Float32Array(plan.outputs * plan.inputs);
    const bias = new Float32Array(plan.outputs);
    const { outputs, inputs, hidden } = narrow[index];
    bias.set(decoder.layers[index].bias);
    for (let row = 0; row < outputs; row++) {
      const from = decoder.layers[index].weight.subarray(row * inputs, (row + 1) * inputs);
      weight.set(from.subarray(0, hidden), row * plan.inputs);
      weight.set(from.subarray(hidden), row * plan.inputs + plan.hidden);
    }
    return { weight, bias };
  });
  return createDecoder(spec, layers);
}

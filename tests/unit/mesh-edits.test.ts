import { Ray } from '@babylonjs/core/Culling/ray.js';
import { NullEngine } from '@babylonjs/core/Engines/nullEngine.js';
import { Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import { Scene } from '@babylonjs/core/scene.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCollider } from '../../plugin/baked/collider.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { CombineStep } from '../../src/editing/edit-plan.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** Without WebGPU: the same API, and the baked mesh follows. */
describe('edits of a mesh', () => {
  let scene: Scene;
  let mesh: NeuralSdfMesh;
  beforeEach(() => {
    vi.spyOn(Logger, 'Warn').mockImplementation(() => {});
    scene = new Scene(new NullEngine());
    mesh = NeuralSdfMesh.Create('edited', tinyShapes(), scene, { shape: 'sphere' });
  });
  afterEach(() => {
    mesh.dispose();
    scene.getEngine().dispose();
    vi.restoreAllMocks();
  });

  it('survive JSON, in order', () => {
    const { edits } = mesh;
    edits.union({ kind: 'box', size: new Vector3(1, 0.5, 0.2), position: [0, 0.5, 0], rotation: Quaternion.RotationAxis(Vector3.Up(), 1) });
    edits.subtract({ kind: 'shape', shape: 'torus', scale: 0.9 }, { smoothness: 0.02 });
    edits.intersect({ kind: 'shape', latent: [0.1, 0.2, 0.7] });
    edits.round(0.01);
    edits.shell(0.02).enabled = false;
    edits.cut(new Vector3(0, 2, 0), 0.3);
    const json = JSON.stringify(edits);
    const other = mesh.clone('other');
    other.edits.load(JSON.parse(json));
    expect(JSON.stringify(other.edits)).toBe(json);
    expect([...other.edits].map(({ type }) => type)).toEqual(['union', 'subtract', 'intersect', 'round', 'shell', 'cut']);
    expect(other.editPlan).toEqual(mesh.editPlan);
    edits.move([...edits][5], 0);
    expect([...edits].map(({ type }) => type)).toEqual(['cut', 'union', 'subtract', 'intersect', 'round', 'shell']);
    expect(mesh.editPlan!.steps[1]).toMatchObject({ action: 'intersect', kind: 'plane' });
    expect(() => edits.move([...other.edits][0], 0)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('can be changed in place, switched off and removed', () => {
    const bite = mesh.edits.subtract({ kind: 'sphere', radius: 0.3, position: [0.5, 0, 0] });
    expect(mesh.editPlan!.steps[1]).toMatchObject({ action: 'subtract', size: [0, 0.3, 0, 0] });
    bite.operand.position.x += 0.1;
    bite.operand.radius = 0.2;
    expect(mesh.editPlan!.steps[1]).toMatchObject({ size: [0, 0.2, 0, 0] });
    expect((mesh.editPlan!.steps[1] as CombineStep).toOperand[0]).toEqual([1, 0, 0, expect.closeTo(-0.6)]);
    bite.set({ operand: { radius: 0.25 }, smoothness: 0.05 });
    expect(mesh.editPlan!.steps[1]).toMatchObject({ size: [0, 0.25, 0, 0], smoothness: 0.05 });
    expect(bite.operand.position.x).toBeCloseTo(0.6);
    bite.enabled = false;
    expect(mesh.editPlan!.steps).toHaveLength(1);
    bite.set({ enabled: true });
    expect(mesh.editPlan!.steps).toHaveLength(2);
    bite.remove();
    expect(mesh.edits.length).toBe(0);
    expect(mesh.editPlan!.steps).toHaveLength(1);
  });

  it('take a shape for their operand in place of a latent code', () => {
    const hole = mesh.edits.subtract({ kind: 'shape', latent: [0.1, 0.2, 0.7] });
    hole.set({ operand: { scale: 0.8 } });
    expect(hole.toJSON().operand).toMatchObject({ latent: [0.1, 0.2, 0.7], scale: 0.8 });
    hole.set({ operand: { shape: 'torus' } });
    const other = mesh.clone('other');
    other.edits.clear();
    other.edits.subtract({ kind: 'shape', shape: 'torus', scale: 0.8 });
    expect(mesh.editPlan!.latents).toEqual(other.editPlan!.latents);
  });

  it('refuse nonsense by name and stay as they were', () => {
    const { edits } = mesh;
    const bite = edits.subtract({ kind: 'sphere', radius: 0.3 });
    const before = edits.toJSON();
    const refused = (field: string) => expect.objectContaining({ code: 'INVALID_ARGUMENT', details: expect.objectContaining({ field }) });
    expect(() => bite.set({ operand: { radius: -1 } })).toThrow(refused('edits[0].operand.radius'));
    expect(() => bite.set({ smoothness: edits.limits.smoothness * 1.01 })).toThrow(refused('edits[0].smoothness'));
    expect(() => edits.round(Number.NaN)).toThrow(refused('edits[1].radius'));
    expect(() => edits.load([{ type: 'twist' }])).toThrow(refused('edits[0].type'));
    expect(edits.toJSON()).toEqual(before);
    const { editPlan } = mesh;
    bite.operand.position.y = Number.NaN;
    scene.onBeforeRenderObservable.notifyObservers(scene);
    expect(Logger.Warn).toHaveBeenCalledWith(expect.stringContaining('edits[0].operand.position[1]'));
    expect(mesh.editPlan).toBe(editPlan);
  });

  it('are picked, beyond the box of the shape alone too', () => {
    const pick = (origin: Vector3, direction: Vector3) =>
      mesh.intersects(new Ray(origin, direction, 10), false, undefined, false, mesh.computeWorldMatrix(true));
    const down = new Vector3(0, -1, 0);
    expect(pick(new Vector3(0, 5, 0), down).pickedPoint!.y).toBeCloseTo(0.65, 1);
    const limb = mesh.edits.union({ kind: 'sphere', radius: 0.4, position: [0, 1.2, 0] });
    const info = pick(new Vector3(0.2, 5, 0), down);
    expect(info.pickedPoint!.y).toBeCloseTo(1.2 + Math.sqrt(0.12), 4);
    expect(info.getNormal(true)!.x).toBeCloseTo(0.5, 3);
    limb.operand.position.x = 2;
    expect(pick(new Vector3(0.2, 5, 0), down).pickedPoint!.y).toBeCloseTo(0.62, 1);
    expect(pick(new Vector3(2, 5, 0), down).pickedPoint!.y).toBeCloseTo(1.6, 4);
    mesh.edits.subtract({ kind: 'shape', shape: 'box' });
    mesh.edits.cut([0, 1, 0], 0.1);
    const cut = pick(new Vector3(0.55, 5, 0), down);
    expect(cut.pickedPoint!.y).toBeCloseTo(0.1, 4);
    expect(cut.getNormal(true)!.y).toBeCloseTo(1, 4);
    expect(pick(new Vector3(0, 5, 0), down).hit).toBe(false);
  });

  it('reach the box, the collider and, once they have settled, the baked mesh', async () => {
    await mesh.bakeFallbackAsync(24);
    const top = () => {
      const { fallbackMesh } = mesh;
      fallbackMesh!.refreshBoundingInfo();
      return fallbackMesh!.getBoundingInfo().maximum.y;
    };
    expect(top()).toBeCloseTo(0.65, 1);
    mesh.edits.union({ kind: 'sphere', radius: 0.4, position: [0, 1.2, 0] });
    scene.onBeforeRenderObservable.notifyObservers(scene);
    expect(mesh.getBoundingInfo().maximum.y).toBeCloseTo(1.6, 1);
    expect(mesh.getBoundingInfo().minimum.y).toBeCloseTo(-1.05);
    const collider = await createCollider(mesh, { resolution: 32 });
    collider.refreshBoundingInfo();
    expect(collider.getBoundingInfo().maximum.y).toBeCloseTo(1.6, 1);
    await vi.waitFor(() => expect(top()).toBeCloseTo(1.6, 1), { timeout: 10_000 });
  });
});

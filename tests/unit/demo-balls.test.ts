import { NullEngine } from '@babylonjs/core/Engines/nullEngine.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Scene } from '@babylonjs/core/scene.js';
import { afterEach, expect, it, vi } from 'vitest';
import { Balls } from '../../demo/balls.js';
import { Piece } from '../../demo/piece.js';
import { StanceTable } from '../../demo/stance.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const colliders = new Map<string, Mesh>();
vi.mock('../../demo/finish.js', () => ({ createBallMaterials: () => [] }));
vi.mock('../../demo/physics.js', () => ({
  Physics: {
    create: async () => ({
      balls: [],
      setCollider: (name: string, mesh: Mesh) => colliders.set(name, mesh),
      removeCollider: (name: string) => colliders.delete(name),
      pushOut: () => {},
      drop: vi.fn(() => []),
    }),
  },
}));
afterEach(() => {
  vi.unstubAllGlobals();
  colliders.clear();
});

it('balls drop on whatever has a collider, and the page is told of what has none', async () => {
  vi.stubGlobal('location', { href: 'http://127.0.0.1/' });
  const scene = new Scene(new NullEngine());
  const studio = { scene, shade: () => {}, floor: undefined } as never;
  const shapes = tinyShapes();
  const errors: string[] = [];
  const pieces = shapes.shapes.slice(0, 2).map(({ name }, i) => {
    const mesh = NeuralSdfMesh.Create(`piece ${i + 1}`, shapes, scene, { shape: name });
    const finish = { material: new PBRMaterial('finish', scene) } as never;
    const place = { x: i, z: 0, turn: 0 };
    const collider = new PBRMaterial('collider', scene);
    const onError = (error: unknown) => errors.push((error as Error).message);
    return new Piece(mesh, finish, place, new StanceTable(shapes), studio, collider, () => {}, onError);
  });
  // Nothing is left of it.
  pieces[0].mesh.edits.cut([0, 1, 0], -5);
  const balls = new Balls(studio, []);
  balls.show(pieces);
  await balls.drop();
  expect([...colliders.keys()]).toEqual(['floor', 'piece 2']);
  expect(errors).toEqual([expect.stringMatching(/^piece 1 has no collider, so that balls fall through it: .*surface/)]);

  pieces[0].mesh.edits.load([]);
  pieces[0].edited();
  pieces[1].mesh.edits.cut([0, 1, 0], -5);
  pieces[1].edited();
  await vi.waitFor(() => expect([...colliders.keys()]).toEqual(['floor', 'piece 1']), 20_000);
  expect(errors).toContainEqual(expect.stringMatching(/^piece 2 has no collider/));
  scene.getEngine().dispose();
});

import { AssetContainer } from '@babylonjs/core/assetContainer.js';
import { Ray } from '@babylonjs/core/Culling/ray.js';
import { NullEngine } from '@babylonjs/core/Engines/nullEngine.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreateBox } from '@babylonjs/core/Meshes/Builders/boxBuilder.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { Scene } from '@babylonjs/core/scene.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerNeuralSdfSerialization } from '../../plugin/asset/serialization.js';
import { nameNeuralShapes } from '../../plugin/asset/serialized-shapes.js';
import { NeuralSdfInstance } from '../../plugin/instances/instances.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import type { NeuralSdfPickingInfo } from '../../plugin/picking/picking.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** What the tests spoil of `serialize().neuralSdf`. */
interface Spoilt {
  latent: unknown;
  instanceLatents: unknown;
  shapes: { spec: { codeLength: number }; shapes: unknown; layers?: { weight: string; bias: string }[] };
}

/** On an engine that is not WebGPU, where the baked mesh is all that is drawn; what pictures show is in tests/gpu. */
describe('a neural shape as a Babylon mesh', () => {
  const shapes = tinyShapes();
  let scene: Scene;
  beforeEach(() => {
    const engine = new NullEngine();
    // It draws nothing, thin instances included, but may be asked to.
    engine.getCaps().instancedArrays = true;
    scene = new Scene(engine);
    registerNeuralSdfSerialization();
  });
  afterEach(() => scene.getEngine().dispose());

  const parse = (json: unknown) => Mesh.Parse(JSON.parse(JSON.stringify(json)), scene, '') as NeuralSdfMesh;

  describe('serialised', () => {
    it('comes back with its code, options, instances and their codes', () => {
      const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { maxEvaluations: 40, lodPixels: 17, autoBake: true });
      mesh.setLatent([0.1, 0.2, 0.3]);
      mesh.position.set(1, 2, 3);
      mesh.createInstance('follows');
      mesh.createInstance('differs').setShape('box');
      mesh.thinInstanceAdd([Matrix.Identity(), Matrix.Translation(1, 0, 0)]);
      mesh.setThinInstanceLatents(new Float32Array([1, 0, 0, 0, 0, 1]));
      mesh.edits.subtract({ kind: 'sphere', radius: 0.3 });
      const read = parse(mesh.serialize());
      expect(read).toBeInstanceOf(NeuralSdfMesh);
      expect(read.edits.toJSON()).toEqual(mesh.edits.toJSON());
      expect(read.edits.toJSON().length).toBe(1);
      expect(read.latent).toEqual(mesh.latent);
      expect(read.position.asArray()).toEqual([1, 2, 3]);
      expect(read.lodPixels).toBe(17);
      expect(read.autoBake).toBe(true);
      expect(read.shapes.decoder.layers).toEqual(shapes.decoder.layers);
      const [follows, differs] = read.instances as NeuralSdfInstance[];
      expect([follows.hasOwnLatent(), differs.hasOwnLatent()]).toEqual([false, true]);
      expect(differs.latent).toEqual(shapes.shapes[2].latent);
      expect(read.thinInstanceCount).toBe(2);
      expect(read.thinInstanceLatents).toEqual(new Float32Array([1, 0, 0, 0, 0, 1]));
    });

    it('keeps whatever a user has set, as a clone does', () => {
      const created = { bake: 'bricks', brickResolution: 64, gridResolution: 48, maxEvaluations: 50, live: true } as const;
      const mesh = NeuralSdfMesh.Create('all', shapes, scene, { ...created, targetFrameTime: 40, lodPixels: 5, shape: 'box' });
      mesh.blend('torus', 'sphere', 0.3);
      mesh.targetFrameTime = 25;
      mesh.lodPixels = 12;
      mesh.autoBake = true;
      mesh.showBaked = 'always';
      mesh.receiveShadows = true;
      mesh.edits.cut([0, 1, 0], 0.1);
      const { targetFrameTime, lodPixels, autoBake, showBaked, receiveShadows, blendFactor, latent } = mesh;
      for (const copy of [parse(mesh.serialize()), mesh.clone(), parse(mesh.clone().serialize())]) {
        expect(copy).toMatchObject({ targetFrameTime, lodPixels, autoBake, showBaked, receiveShadows, blendFactor, latent });
        expect(copy.edits.toJSON()).toEqual(mesh.edits.toJSON());
        expect((copy.serialize().neuralSdf as { options: unknown }).options).toEqual({ ...created, targetFrameTime, lodPixels, autoBake });
        copy.blendFactor = 1;
        expect(copy.latent).toEqual(shapes.shapes[1].latent);
      }
    });

    it('keeps a code that was edited after a blend', () => {
      const mesh = NeuralSdfMesh.Create('shape', shapes, scene);
      mesh.blend('torus', 'sphere', 0.3);
      mesh.setLatent([0.1, 0.2, 0.3]);
      expect(parse(mesh.serialize()).latent).toEqual(mesh.latent);
    });

    it.each([
      ['lodPixels', '"lodPixels":32', '"lodPixels":"wide"'],
      ['showBaked', '"showBaked":"never"', '"showBaked":"sometimes"'],
      ['targetFrameTime', '"targetFrameTime":0', '"targetFrameTime":-1'],
      ['bake', '"autoBake":false', '"bake":"toast"'],
      ['latent code', '"latent":[', '"blend":{"ends":[[1],[2]],"factor":1},"latent":['],
    ])('refuses a %s that makes no sense, and leaves nothing behind', (named, there, instead) => {
      const mesh = NeuralSdfMesh.Create('one', shapes, scene);
      const json = JSON.stringify(mesh.serialize());
      mesh.dispose();
      const { length } = scene.meshes;
      expect(json).toContain(there);
      const read = () => Mesh.Parse(JSON.parse(json.replace(there, instead)), scene, '');
      expect(read).toThrow(expect.objectContaining({ name: 'NeuralSdfError', message: expect.stringContaining(named) }));
      expect(scene.meshes.length).toBe(length);
    });

    it('shares one decoder among the meshes that were written with it', () => {
      const json = NeuralSdfMesh.Create('shape', shapes, scene).serialize();
      expect(parse(json).shapes).toBe(parse(json).shapes);
    });

    it('refers to an asset that has a name, and wants it known', () => {
      const forget = nameNeuralShapes('tiny.glb', shapes);
      const json = NeuralSdfMesh.Create('shape', shapes, scene).serialize();
      expect(JSON.stringify(json)).not.toContain('layers');
      expect(parse(json).shapes).toBe(shapes);
      forget();
      expect(() => parse(json)).toThrowError(expect.objectContaining({ code: 'ASSET_INVALID' }));
      expect(scene.meshes.length).toBe(2);
    });

    it.each<[string, string, (json: Spoilt) => void]>([
      [
        'weights cut short',
        'SHAPE_MISMATCH',
        ({ shapes }) => {
          shapes.layers![1].weight = shapes.layers![1].weight.slice(0, 48);
        },
      ],
      [
        'weights that are no base64',
        'ASSET_INVALID',
        ({ shapes }) => {
          shapes.layers![0].bias = '***';
        },
      ],
      [
        'no layers',
        'ASSET_INVALID',
        ({ shapes }) => {
          delete shapes.layers;
        },
      ],
      [
        'a spec out of range',
        'INVALID_SPEC',
        ({ shapes }) => {
          shapes.spec.codeLength = -1;
        },
      ],
      [
        'no shapes',
        'ASSET_INVALID',
        ({ shapes }) => {
          shapes.shapes = [];
        },
      ],
      [
        'a code of another length',
        'LATENT_LENGTH',
        (json) => {
          json.latent = [1];
        },
      ],
      [
        'a code that is none',
        'ASSET_INVALID',
        (json) => {
          json.latent = 'x';
        },
      ],
      [
        'an instance with a code of another length',
        'LATENT_LENGTH',
        (json) => {
          json.instanceLatents = [[1]];
        },
      ],
    ])('refuses %s, and leaves nothing behind', (_, code, spoil) => {
      const mesh = NeuralSdfMesh.Create('shape', shapes, scene);
      mesh.createInstance('instance');
      const json = JSON.parse(JSON.stringify(mesh.serialize()));
      spoil(json.neuralSdf);
      const before = scene.meshes.length;
      expect(() => parse(json)).toThrowError(expect.objectContaining({ code }));
      expect(scene.meshes.length).toBe(before);
    });
  });

  it('clones with options, settings, code, blend and children', () => {
    const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { lodPixels: 5 });
    mesh.blend('torus', 'box', 0.25);
    mesh.isPickable = false;
    mesh.metadata = { mark: 1 };
    mesh.setEnabled(false);
    new Mesh('child', scene).parent = mesh;
    const copy = mesh.clone('copy');
    expect(copy.latent).toEqual(mesh.latent);
    expect([copy.lodPixels, copy.isPickable, copy.metadata, copy.isEnabled()]).toEqual([5, false, { mark: 1 }, false]);
    expect(copy.getChildMeshes().map(({ name }) => name)).toEqual(['child']);
    copy.blendFactor = 1;
    expect(copy.latent).toEqual(shapes.shapes[2].latent);
    expect(mesh.latent).not.toEqual(copy.latent);
  });

  it('instantiates its hierarchy with one stand-in for each', () => {
    const fallbackMesh = CreateBox('baked', {}, scene);
    const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { fallbackMesh });
    const copy = mesh.instantiateHierarchy() as NeuralSdfInstance;
    copy.setShape('box');
    const second = copy.instantiateHierarchy() as unknown as NeuralSdfInstance;
    expect(copy).toBeInstanceOf(NeuralSdfInstance);
    expect(second.latent).toEqual(shapes.shapes[2].latent);
    expect(mesh.getChildMeshes().length).toBe(1);
    expect(copy.getChildMeshes(true).length).toBe(1);
    expect(second.getChildMeshes(true).length).toBe(1);
  });

  it('has its baked mesh follow edits where it is all there is', async () => {
    const mesh = NeuralSdfMesh.Create('shape', shapes, scene);
    const baked = new Promise((resolve) => mesh.onBakedObservable.addOnce(resolve));
    mesh.setShape('sphere');
    expect(await baked).toBe(mesh.fallbackMesh);
    expect(mesh.fallbackMesh!.isEnabled()).toBe(true);
    // Radius 0.65.
    expect(mesh.fallbackMesh!.getBoundingInfo().boundingBox.extendSize.x).toBeCloseTo(0.65, 1);
  });

  it('is picked at each instance, by its own shape', () => {
    const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { shape: 'sphere', fallbackMesh: CreateBox('baked', {}, scene) });
    const same = mesh.createInstance('same');
    same.position.x = 3;
    const other = mesh.createInstance('other');
    other.position.x = 6;
    other.scaling.y = 2;
    other.setShape('torus');
    const down = (x: number) => scene.pickWithRay(new Ray(new Vector3(x, 5, 0), Vector3.Down()))!;
    expect(down(3).pickedMesh).toBe(same);
    expect(down(3).pickedPoint!.y).toBeCloseTo(0.65, 1);
    // The torus' hole, and its tube: 0.25 thick at 0.6, twice as high.
    expect(down(6).hit).toBe(false);
    const tube = down(6.6) as NeuralSdfPickingInfo;
    expect(tube.pickedMesh).toBe(other);
    expect(tube.shapeName).toBe('torus');
    expect(tube.pickedPoint!.y).toBeCloseTo(0.5, 1);
    expect(tube.getNormal(true).y).toBeGreaterThan(0.8);
  });

  it('keeps what it makes for a mesh in an asset container there', () => {
    const container = new AssetContainer(scene);
    const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { fallbackMesh: CreateBox('first', {}, scene) });
    const instance = mesh.createInstance('instance');
    container.moveAllFromScene();
    mesh._parentContainer = container;
    instance._parentContainer = container;
    scene._blockEntityCollection = true;
    const second = CreateBox('second', {}, scene);
    scene._blockEntityCollection = false;
    mesh.adoptFallback(second);
    expect(scene.meshes).toEqual([]);
    expect(instance.getChildMeshes(true).length).toBe(1);
  });

  it('shows the inspector its shape, its principal directions and how it is drawn', () => {
    const mesh = NeuralSdfMesh.Create('shape', shapes, scene, { shape: 'sphere' });
    const properties = mesh.inspectableCustomProperties;
    const host = mesh as unknown as Record<string, unknown>;
    for (const { propertyName } of properties) expect(propertyName in host, propertyName).toBe(true);
    expect(host.inspectedShape).toBe(1);
    host.inspectedShape = 2;
    expect(mesh.latent).toEqual(shapes.shapes[2].latent);
    const sliders = properties.filter(({ propertyName }) => propertyName.startsWith('inspectedDirection'));
    expect(sliders.length).toBe(2);
    const [first, second] = sliders.map(({ propertyName }) => propertyName);
    host[first] = 1.5;
    host[second] = -0.5;
    expect(host[first]).toBeCloseTo(1.5, 4);
    expect(host[second]).toBeCloseTo(-0.5, 4);
    expect(host.inspectedShape).toBe(-1);
    expect(host.inspectedStatus).toBe('baked mesh');
    host.inspectedBaked = 2;
    expect(mesh.showBaked).toBe('overlay');
  });
});

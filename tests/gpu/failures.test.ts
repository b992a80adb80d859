import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShaderMaterial } from '@babylonjs/core/Materials/shaderMaterial.js';
import { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { deviceOf } from '../../plugin/device.js';
import { NeuralSdfMesh } from '../../plugin/mesh/neural-sdf-mesh.js';
import { ThreadedWasmBatches } from '../../plugin/shape/wasm-batches.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { initializeDecoder } from '../../src/decoder/decoder.js';
import { Random } from '../../src/random.js';
import { changed, shoot } from '../support/pictures.js';
import { openStudio } from '../support/studio.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** Whatever goes wrong is said in one sentence, and the baked mesh is on the screen. */
describe('where a shape cannot be traced', () => {
  const shapes = tinyShapes();
  let engine: WebGPUEngine;
  let scene: Scene;
  let limits: PropertyDescriptor;
  let errors: MockInstance<typeof Logger.Error>;
  let warnings: MockInstance<typeof Logger.Warn>;
  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 96, height: 72 });
    limits = Object.getOwnPropertyDescriptor(deviceOf(engine), 'limits')!;
  });
  beforeEach(() => {
    scene = openStudio(engine).scene;
    errors = vi.spyOn(Logger, 'Error').mockImplementation(() => {});
    warnings = vi.spyOn(Logger, 'Warn').mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
    Object.defineProperty(deviceOf(engine), 'limits', limits);
    for (const one of [...engine.scenes]) one.dispose();
  });

  /** Has a compiler refuse whatever it is given. */
  function failToCompile(factory: 'createComputePipelineAsync' | 'createRenderPipelineAsync'): void {
    vi.spyOn(deviceOf(engine), factory).mockRejectedValue(new Error('no shader today'));
  }

  function limit(lowered: Partial<Record<keyof GPUSupportedLimits, number>>): void {
    const device = deviceOf(engine);
    const value = new Proxy(device.limits, {
      get: (real, name) => lowered[name as keyof GPUSupportedLimits] ?? Reflect.get(real, name, real),
    });
    Object.defineProperty(device, 'limits', { value, configurable: true });
  }

  const baked = (mesh: NeuralSdfMesh) => new Promise<void>((resolve) => mesh.onBakedObservable.addOnce(() => resolve()));
  const said = (spy: MockInstance) => spy.mock.calls.map(([message]) => String(message));

  it.each(['createComputePipelineAsync', 'createRenderPipelineAsync'] as const)(
    '%s fails: it is baked, and edits are too',
    async (factory) => {
      const empty = await shoot(scene, 'failures-empty');
      failToCompile(factory);
      const mesh = NeuralSdfMesh.Create('unlucky', shapes, scene);
      // It came without a baked mesh.
      const first = baked(mesh);
      await shoot(scene, `failures-${factory}-waiting`);
      await first;
      const torus = await shoot(scene, `failures-${factory}-torus`);
      expect(mesh.isTraced).toBe(false);
      expect(changed(torus, empty)).toBeGreaterThan(0.1);
      const second = baked(mesh);
      mesh.setShape('box');
      await second;
      const box = await shoot(scene, `failures-${factory}-box`);
      expect(changed(box, torus)).toBeGreaterThan(0.05);
      const third = baked(mesh);
      mesh.edits.cut([0, 1, 0], 0);
      mesh.edits.flush();
      await third;
      expect(changed(await shoot(scene, `failures-${factory}-cut`), box)).toBeGreaterThan(0.03);
      expect(said(errors)).toEqual([expect.stringMatching(/^babylon-neural-sdf: .*baked.*no shader today/)]);
      expect(said(warnings)).toEqual([]);
    },
  );

  it('for want of storage buffers: it is baked, and says what to do', async () => {
    limit({ maxStorageBuffersPerShaderStage: 2 });
    const mesh = NeuralSdfMesh.Create('poor', shapes, scene);
    await baked(mesh);
    const picture = await shoot(scene, 'failures-storage');
    expect(mesh.traceStatus).toMatchObject({ form: 'baked', reason: expect.stringContaining('2 storage buffers') });
    mesh.setEnabled(false);
    expect(changed(picture, await shoot(scene, 'failures-storage-empty'))).toBeGreaterThan(0.1);
    expect(said(warnings)).toEqual([expect.stringMatching(/2 storage buffers.*setMaximumLimits.*baked meshes are shown/)]);
    expect(said(errors)).toEqual([]);
  });

  it('a decoder that cannot be live is refused, and leaves nothing in the scene', () => {
    const spec = { ...shapes.decoder.spec, activation: 'sine' as const };
    const sine = { ...shapes, decoder: initializeDecoder(spec, new Random(1)) };
    const { length } = scene.meshes;
    const refused = expect.objectContaining({ code: 'DECODER_UNSUPPORTED', message: expect.stringContaining("take 'bricks'") });
    expect(() => NeuralSdfMesh.Create('sine', sine, scene, { live: true })).toThrow(refused);
    expect(() => NeuralSdfMesh.Create('nonsense', shapes, scene, { gridResolution: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('gridResolution') }),
    );
    expect(scene.meshes.length).toBe(length);
  });

  it('a material that cannot be traced is refused by name, and the one before stays', () => {
    const mesh = NeuralSdfMesh.Create('dressed', shapes, scene);
    const { material } = mesh;
    const odd = new ShaderMaterial('odd', scene, { vertexSource: '', fragmentSource: '' });
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/ShaderMaterial.*PBRMaterial/) });
    expect(() => Object.assign(mesh, { material: odd })).toThrow(refused);
    expect(mesh.material).toBe(material);
  });

  it('instances with more codes than there is room for are refused, and stay as they were', () => {
    const mesh = NeuralSdfMesh.Create('crowd', shapes, scene);
    limit({ maxStorageBufferBindingSize: 3.5 * mesh.buffers!.decoder.slotStrides.grid });
    const instances = [1, 2, 3].map((i) => mesh.createInstance(`instance ${i}`));
    instances[0].setShape('box');
    instances[1].setShape('sphere');
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/has room for 2.*same code/) });
    expect(() => instances[2].setLatent([0.5, 0.5, 0])).toThrow(refused);
    expect(instances[2].hasOwnLatent()).toBe(false);
    expect(instances[0].latent).toEqual(shapes.shapes[2].latent);
    for (const instance of instances) instance.dispose();

    mesh.thinInstanceAdd([1, 2, 3].map((x) => Matrix.Translation(x, 0, 0)));
    const fits = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 1, 0);
    mesh.setThinInstanceLatents(fits);
    expect(() => mesh.setThinInstanceLatents(Float32Array.of(0.1, 0, 0, 0.2, 0, 0, 0.3, 0, 0))).toThrow(refused);
    expect(mesh.thinInstanceLatents).toEqual(fits);
    mesh.setThinInstanceLatents(Float32Array.of(0, 0, 1, 0, 1, 0, 0, 0, 1));
  });

  it('the same where there are fewer thin instances than before, whose codes are gone with them', () => {
    const mesh = NeuralSdfMesh.Create('dwindling crowd', shapes, scene);
    limit({ maxStorageBufferBindingSize: 3.5 * mesh.buffers!.decoder.slotStrides.grid });
    const matrices = [1, 2, 3, 4].map((x) => Matrix.Translation(x, 0, 0));
    mesh.thinInstanceAdd(matrices);
    mesh.setThinInstanceLatents(Float32Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0));
    const fewer = new Float32Array(3 * 16);
    for (const i of [0, 1, 2]) matrices[i].copyToArray(fewer, 16 * i);
    mesh.thinInstanceSetBuffer('matrix', fewer);
    const left = Float32Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0);
    expect(mesh.thinInstanceLatents).toEqual(left);
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/has room for 2/) });
    expect(() => mesh.setThinInstanceLatents(Float32Array.of(0.1, 0, 0, 0.2, 0, 0, 0.3, 0, 0))).toThrow(refused);
    expect(mesh.thinInstanceLatents).toEqual(left);
    mesh.thinInstanceAdd(matrices[3]);
    expect(mesh.thinInstanceLatents).toEqual(left);
    mesh.thinInstanceSetBuffer('matrix', null);
    expect(mesh.thinInstanceLatents).toBeNull();
    // Room for two others again.
    mesh.thinInstanceAdd(matrices);
    mesh.setThinInstanceLatents(Float32Array.of(0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0));
  });

  it('of bricks a fill that has failed, and no other of the decoder: the next edit fills them after all', async () => {
    const options = { bake: 'bricks', brickResolution: 32 } as const;
    vi.spyOn(ThreadedWasmBatches.prototype, 'evaluate').mockRejectedValueOnce(new Error('no batch today'));
    const unlucky = NeuralSdfMesh.Create('unlucky', shapes, scene, options);
    const [bakedNow, shown] = [baked(unlucky), vi.fn()];
    unlucky.onTracedChangedObservable.add(shown);
    const drawUntil = async (done: () => boolean) => {
      for (let frame = 0; frame < 200 && !done(); frame++) await shoot(scene, 'failures-bricks');
      expect(done()).toBe(true);
    };
    await drawUntil(() => errors.mock.calls.length > 0);
    await bakedNow;
    expect(unlucky.traceStatus.form).toBe('baked');
    const other = NeuralSdfMesh.Create('other', shapes, scene, { ...options, shape: 'sphere' });
    expect(other.buffers!.decoder).toBe(unlucky.buffers!.decoder);
    await drawUntil(() => other.traceStatus.isComplete && other.isTraced);
    expect(shown).not.toHaveBeenCalled();
    unlucky.setShape('box');
    await drawUntil(() => unlucky.traceStatus.isComplete && unlucky.isTraced);
    expect(unlucky.traceStatus.form).toBe('bricks');
    expect(said(errors)).toEqual([expect.stringMatching(/bricks were not filled, and a baked mesh is shown: Error: no batch today/)]);
  });

  it('of bricks a finer level: the coarser one stays, and is as fine as it gets', async () => {
    const { evaluate } = ThreadedWasmBatches.prototype;
    let mesh: NeuralSdfMesh | undefined;
    let hasFailed = false;
    vi.spyOn(ThreadedWasmBatches.prototype, 'evaluate').mockImplementation(function (this: ThreadedWasmBatches, ...batch) {
      if (hasFailed || !mesh?.traceStatus.resolution) return evaluate.apply(this, batch);
      hasFailed = true;
      return Promise.reject(new Error('no finer batch today'));
    });
    mesh = NeuralSdfMesh.Create('coarse', shapes, scene, { bake: 'bricks', brickResolution: 64 });
    for (let frame = 0; frame < 200 && !mesh.traceStatus.isComplete; frame++) await shoot(scene, 'failures-coarse');
    expect(hasFailed).toBe(true);
    expect(mesh.traceStatus).toMatchObject({ form: 'bricks', isComplete: true, progress: 1 });
    expect(mesh.traceStatus.resolution).toBeLessThan(64);
    expect(mesh.isTraced).toBe(true);
    expect(said(errors)).toEqual([
      expect.stringMatching(/bricks were not filled, and coarser ones are shown: Error: no finer batch today/),
    ]);
  });
});

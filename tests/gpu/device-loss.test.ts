import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { ImportMeshAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder.js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { bakeTriangles } from '../../plugin/baked/baked-mesh.js';
import { NeuralSdfMesh, registerNeuralSdf } from '../../plugin/index.js';
import { writeShapes } from '../../src/asset/index.js';
import { createHeadlessEngine } from '../../src/cli/headless-engine-node.js';
import { Random } from '../../src/random.js';
import { drawFrame, type FrameStep, listenToLog, loseDevice, turns } from '../support/device-loss.js';
import { octahedra } from '../support/octahedra.js';
import { changed, type Picture, shoot } from '../support/pictures.js';
import { openStudio, paint, type Studio } from '../support/studio.js';

/** A studio with a ground, a sun that casts shadows, and the two moments at which a test may lose the device. */
interface Stage extends Studio {
  readonly shadows: ShadowGenerator;
  /** A frame, step by step; `at` is called before each. */
  frame(at?: (step: FrameStep) => void): void;
}

describe('the device is lost', () => {
  const random = new Random(20);
  let engine: WebGPUEngine;
  let glb: Uint8Array;
  let undisturbed: Record<'created' | 'edited' | 'loaded' | 'baked', Picture>;

  beforeAll(async () => {
    engine = await createHeadlessEngine({ width: 96, height: 72 });
    const shapes = octahedra();
    const baked = [];
    for (const shape of shapes.shapes) baked.push({ ...shape, bakedMesh: await bakeTriangles(shapes, shape.latent, 24) });
    glb = await writeShapes({ ...shapes, shapes: baked });
    registerNeuralSdf();
    const picture = async (name: string, arrange: (stage: Stage) => unknown) => {
      const stage = await open();
      await arrange(stage);
      const taken = await shoot(stage.scene, `lost-not-${name}`);
      stage.scene.dispose();
      return taken;
    };
    undisturbed = {
      created: await picture('created', create),
      edited: await picture('edited', (stage) => edit(create(stage))),
      loaded: await picture('loaded', load),
      baked: await picture('baked', (stage) => bake(create(stage))),
    };
  });
  afterEach(() => {
    for (const scene of [...engine.scenes]) scene.dispose();
    vi.restoreAllMocks();
  });

  async function open(): Promise<Stage> {
    const studio = openStudio(engine);
    const ground = CreateGround('ground', { width: 5, height: 5 }, studio.scene);
    ground.position.y = -0.5;
    ground.material = paint(studio.scene, new Color3(0.8, 0.8, 0.8));
    ground.receiveShadows = true;
    // With Babylon's own table of reflectances in place.
    await shoot(studio.scene, 'lost-empty');
    const shadows = new ShadowGenerator(128, studio.sun);
    shadows.usePercentageCloserFiltering = true;
    shadows.bias = 0.01;
    // Towards the camera, where the shadow is seen.
    studio.sun.direction.set(0.5, -1, -0.6);
    studio.sun.position = studio.sun.direction.scale(-5);
    const frame = (at?: (step: FrameStep) => void) => drawFrame(studio.scene, at, shadows);
    return { ...studio, shadows, frame };
  }

  function create(stage: Stage): NeuralSdfMesh {
    const mesh = NeuralSdfMesh.Create('large', octahedra(), stage.scene);
    stage.shadows.addShadowCaster(mesh);
    mesh.receiveShadows = true;
    return mesh;
  }

  async function load({ scene, shadows }: Stage): Promise<NeuralSdfMesh[]> {
    const { meshes } = await ImportMeshAsync(glb, scene, { pluginExtension: '.glb' });
    const neural = meshes.filter((mesh): mesh is NeuralSdfMesh => mesh instanceof NeuralSdfMesh);
    for (const [i, mesh] of neural.entries()) {
      mesh.scaling.setAll(0.5);
      mesh.position.set(i - 1, 0, 0);
      mesh.receiveShadows = true;
      shadows.addShadowCaster(mesh);
    }
    return neural;
  }

  function edit(mesh: NeuralSdfMesh): void {
    mesh.blend('large', 'high', 0.3);
  }

  async function bake(mesh: NeuralSdfMesh): Promise<void> {
    mesh.setShape('high');
    await mesh.bakeFallbackAsync(24);
    mesh.showBaked = 'always';
  }

  /** What happens before the last picture, which is to be the undisturbed one. */
  const moments: [string, keyof typeof undisturbed, (stage: Stage) => Promise<unknown>][] = [
    ...[0, 2, 5].map((least): (typeof moments)[number] => [
      `some turns into the loading of a .glb: ${least} or more`,
      'loaded',
      async (stage) => {
        const loading = load(stage);
        await turns(least + random.index(3));
        await Promise.all([loseDevice(engine), loading]);
      },
    ]),
    [
      'a .glb is loaded while there is no device',
      'loaded',
      async (stage) => {
        await Promise.all([loseDevice(engine), load(stage)]);
      },
    ],
    [
      'between registering, loading and the first frame',
      'loaded',
      async (stage) => {
        registerNeuralSdf();
        await load(stage);
        await turns(random.index(4));
        await loseDevice(engine);
      },
    ],
    [
      'in the same turn, after Create',
      'created',
      (stage) => {
        create(stage);
        return loseDevice(engine);
      },
    ],
    [
      'in the same turn, before Create',
      'created',
      async (stage) => {
        const restored = loseDevice(engine);
        create(stage);
        await restored;
      },
    ],
    [
      'Create while there is no device',
      'created',
      async (stage) => {
        const restored = loseDevice(engine);
        await turns(1);
        create(stage);
        await restored;
      },
    ],
    [
      'while the grid filler compiles',
      'created',
      async (stage) => {
        create(stage);
        await turns(random.index(2));
        await loseDevice(engine);
      },
    ],
    [
      'while pipelines compile',
      'created',
      async (stage) => {
        const mesh = create(stage);
        while (mesh.plugin!.decoder.pipelines.pendingCount === 0) {
          stage.frame();
          await turns(1);
        }
        await turns(random.index(2));
        await loseDevice(engine);
      },
    ],
    [
      'after an edit of the same turn',
      'edited',
      async (stage) => {
        const mesh = create(stage);
        await shoot(stage.scene, 'lost-while');
        edit(mesh);
        await loseDevice(engine);
      },
    ],
    [
      'before an edit of the same turn',
      'edited',
      async (stage) => {
        const mesh = create(stage);
        await shoot(stage.scene, 'lost-while');
        const restored = loseDevice(engine);
        edit(mesh);
        await restored;
      },
    ],
    [
      'edits on every turn until there is a device again',
      'edited',
      async (stage) => {
        const mesh = create(stage);
        let gone = true;
        const restored = loseDevice(engine).then(() => {
          gone = false;
        });
        while (gone) {
          mesh.blend('large', 'right', random.uniform());
          edit(mesh);
          await turns(1);
        }
        await restored;
      },
    ],
    [
      'while the fallback is baked',
      'baked',
      async (stage) => {
        const baking = bake(create(stage));
        await turns(random.index(6));
        await Promise.all([loseDevice(engine), baking]);
        // Babylon's own table of reflectances takes frames to come back, where nothing traced makes the picture wait.
        await shoot(stage.scene, 'lost-while');
        await new Promise((resolve) => setTimeout(resolve, 100));
      },
    ],
    ...(['begin', 'shadow', 'after the shadow', 'draw', 'end', 'done'] as const).map((when): (typeof moments)[number] => [
      `in a frame: ${when}`,
      'created',
      async (stage) => {
        create(stage);
        await shoot(stage.scene, 'lost-while');
        let restored: Promise<void> | undefined;
        stage.frame((step) => {
          if (step === when) restored = loseDevice(engine);
        });
        await restored;
      },
    ]),
    [
      'twice, the second time before anything was drawn',
      'created',
      async (stage) => {
        create(stage);
        await shoot(stage.scene, 'lost-while');
        await loseDevice(engine);
        await turns(random.index(3));
        await loseDevice(engine);
      },
    ],
  ];

  it('at twenty points or more', () => expect(moments.length).toBeGreaterThanOrEqual(20));

  it.each(moments)('%s', async (name, ends, happens) => {
    const said = listenToLog();
    const stage = await open();
    await happens(stage);
    const picture = await shoot(stage.scene, `lost-${name.replaceAll(/\W+/g, '-')}`);
    expect(changed(picture, undisturbed[ends], 1)).toBe(0);
    const traced = stage.scene.meshes.filter((mesh) => mesh instanceof NeuralSdfMesh).map((mesh) => mesh.isTraced);
    expect(traced).toEqual(traced.map(() => ends !== 'baked'));
    expect(said()).toEqual([]);
  });
});

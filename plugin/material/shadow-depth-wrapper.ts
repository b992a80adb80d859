import type { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import { DrawWrapper } from '@babylonjs/core/Materials/drawWrapper.js';
import type { Effect } from '@babylonjs/core/Materials/effect.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import { ShadowDepthWrapper } from '@babylonjs/core/Materials/shadowDepthWrapper.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';

/** The private members of ShadowDepthWrapper (9.34) that are needed here. */
interface Internals {
  _makeEffect(subMesh: SubMesh, defines: string[], generator: ShadowGenerator, passId: number): Effect | null;
  _subMeshToEffect: Map<SubMesh, [Effect, number]>;
  _onEffectCreatedObserver: Observer<{ effect: Effect; subMesh: SubMesh | null }>;
  _subMeshToDepthWrapper: {
    get(subMesh: SubMesh, generator: ShadowGenerator): DepthEntry | undefined;
    set(subMesh: SubMesh, generator: ShadowGenerator, entry: DepthEntry): void;
  };
}

interface DepthEntry {
  drawWrapper: DrawWrapper[];
  mainDrawWrapper: DrawWrapper;
  depthDefines: string;
  token: string;
}

/**
 * Babylon's wrapper compiles the shadow shader once for each mesh and light, naming it by a random token. A baked decoder takes
 * seconds to compile, so here the token is the material's effect: meshes that share that share the shadow shader.
 */
export class SharedShadowDepthWrapper extends ShadowDepthWrapper {
  constructor(material: Material, scene: Scene) {
    super(material, scene);
    const internals = this as unknown as Internals;
    // Shadows are traced: a shader that takes the shape from elsewhere is none to derive them from.
    const observer = internals._onEffectCreatedObserver;
    const noteEffect = observer.callback;
    observer.callback = (event, state) => {
      if (!event.effect.defines.includes('#define NEURAL_SDF_UPSAMPLED')) noteEffect(event, state);
    };
    const makeEffect = internals._makeEffect;
    internals._makeEffect = (subMesh, defines, generator, passId) => {
      const original = internals._subMeshToEffect.get(subMesh);
      if (original && !internals._subMeshToDepthWrapper.get(subMesh, generator)) {
        const [effect, renderPassId] = original;
        const main = new DrawWrapper(scene.getEngine());
        const originalDefines = subMesh._getDrawWrapper(renderPassId)?.defines ?? null;
        main.defines = typeof originalDefines === 'string' ? null : originalDefines;
        const entry: DepthEntry = { drawWrapper: [], mainDrawWrapper: main, depthDefines: '', token: `neuralSdfShadow${effect.uniqueId}` };
        entry.drawWrapper[passId] = main;
        internals._subMeshToDepthWrapper.set(subMesh, generator, entry);
      }
      return makeEffect.call(this, subMesh, defines, generator, passId);
    };
  }
}

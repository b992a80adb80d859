import { Constants } from '@babylonjs/core/Engines/constants.js';
import '@babylonjs/core/Engines/WebGPU/Extensions/engine.multiRender.js';
import '@babylonjs/core/Rendering/prePassRendererSceneComponent.js';
import type { Configuration, Configurations, Stage } from '../../support/matrix.js';
import { viewTexture } from './view-texture.js';

const {
  PREPASS_ALBEDO_SQRT_TEXTURE_TYPE: ALBEDO,
  PREPASS_DEPTH_TEXTURE_TYPE: DEPTH,
  PREPASS_LOCAL_POSITION_TEXTURE_TYPE: LOCAL_POSITION,
  PREPASS_NORMAL_TEXTURE_TYPE: NORMAL,
  PREPASS_POSITION_TEXTURE_TYPE: POSITION,
  PREPASS_REFLECTIVITY_TEXTURE_TYPE: REFLECTIVITY,
  PREPASS_SCREENSPACE_DEPTH_TEXTURE_TYPE: SCREEN_DEPTH,
  PREPASS_VELOCITY_TEXTURE_TYPE: VELOCITY,
  PREPASS_VELOCITY_LINEAR_TEXTURE_TYPE: LINEAR_VELOCITY,
  PREPASS_WORLD_NORMAL_TEXTURE_TYPE: WORLD_NORMAL,
} = Constants;

/** Written in one pass; more would exceed a pixel's bytes. */
const SURFACE = [DEPTH, NORMAL, POSITION, ALBEDO, REFLECTIVITY];
const SPACE = [SCREEN_DEPTH, WORLD_NORMAL, LOCAL_POSITION];

/**
 * One of the prepass' textures on the screen.
 * @param range what its values are multiplied by, and what is then added
 */
function show(types: readonly number[], type: number, range: readonly [number, number]): (stage: Stage) => () => void {
  return (stage) => {
    const prepass = stage.scene.enablePrePassRenderer()!;
    const view = viewTexture(stage, () => prepass.getRenderTarget().textures[prepass.getIndex(type)], range);
    (view as unknown as { _prePassEffectConfiguration: object })._prePassEffectConfiguration = {
      enabled: true,
      name: 'matrix',
      texturesRequired: [...types],
    };
    prepass.markAsDirty();
    return () => view.dispose();
  };
}

/** In motion: the third frame, the one that is kept, finds the shape moved and turned since the second. */
const moving =
  (type: number, range: readonly [number, number]): Configuration['arrange'] =>
  (stage) => {
    let frame = 0;
    stage.scene.onBeforeRenderObservable.add(() => {
      const moved = ++frame % 3 === 0;
      stage.shape.position.x = moved ? 0.05 : 0;
      stage.shape.rotation.y = moved ? 0.1 : 0;
    });
    return show([type, DEPTH], type, range)(stage);
  };

export const PREPASS: Configurations = {
  'prepass depth': show(SURFACE, DEPTH, [0.4, -0.5]),
  'prepass normal': show(SURFACE, NORMAL, [0.5, 0.5]),
  'prepass position': show(SURFACE, POSITION, [0.5, 0.5]),
  'prepass albedo': show(SURFACE, ALBEDO, [0.8, 0]),
  'prepass reflectivity': (stage) => {
    stage.material.metallic = 0.7;
    return show(SURFACE, REFLECTIVITY, [1, 0])(stage);
  },
  'prepass screen depth': show(SPACE, SCREEN_DEPTH, [20, -18.7]),
  'prepass world normal': show(SPACE, WORLD_NORMAL, [1, 0]),
  'prepass local position': show(SPACE, LOCAL_POSITION, [0.5, 0.5]),
  'prepass velocity': moving(VELOCITY, [1, 0]),
  'prepass linear velocity': moving(LINEAR_VELOCITY, [10, 0.5]),
};

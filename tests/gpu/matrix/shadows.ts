import { PointLight } from '@babylonjs/core/Lights/pointLight.js';
import { CascadedShadowGenerator } from '@babylonjs/core/Lights/Shadows/cascadedShadowGenerator.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import type { IShadowLight } from '@babylonjs/core/Lights/shadowLight.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { SpotLight } from '@babylonjs/core/Lights/spotLight.js';
import { Plane } from '@babylonjs/core/Maths/math.plane.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Configurations, Stage } from '../../support/matrix.js';

/** A light's shadows, cast and received by everything on the stage. */
function castShadows(stage: Stage, settings: Partial<CascadedShadowGenerator> = {}, generator = new ShadowGenerator(256, stage.sun)): void {
  Object.assign(generator, { bias: 0.006, ...settings });
  for (const caster of [stage.shape, ...stage.boxes]) generator.addShadowCaster(caster);
  for (const receiver of [...stage.pair, stage.ground, ...stage.boxes]) receiver.receiveShadows = true;
}

/** In place of the sun. */
function lit<T extends IShadowLight & { intensity: number }>({ sun }: Stage, light: T, intensity: number): T {
  sun.setEnabled(false);
  light.intensity = intensity;
  light.shadowMinZ = 0.1;
  light.shadowMaxZ = 8;
  return light;
}

const spot = (stage: Stage) =>
  lit(stage, new SpotLight('spot', new Vector3(1.2, 2.4, -0.8), new Vector3(-0.5, -1, 0.3), 1.3, 2, stage.scene), 25);
const lamp = (stage: Stage) => lit(stage, new PointLight('lamp', new Vector3(0.9, 1.7, -0.7), stage.scene), 12);

/** Cascades over no more than the stage. */
function cascades(stage: Stage): CascadedShadowGenerator {
  stage.camera.maxZ = 10;
  return new CascadedShadowGenerator(256, stage.sun);
}

/** Without so much bias, an exponential map shades its own casters all over. */
const EXPONENTIAL = { depthScale: 12, bias: 0.12 };
const PCF = { usePercentageCloserFiltering: true };

/** Without a filter, a texel of the map is lit or not, and a difference in depth far below the bias may turn it. */
export const SHADOWS: Configurations = {
  'shadow plain': { differing: 0.0025, arrange: (stage) => castShadows(stage) },
  'shadow ESM': (stage) => castShadows(stage, { useExponentialShadowMap: true, ...EXPONENTIAL }),
  'shadow blurred ESM': (stage) => castShadows(stage, { useBlurExponentialShadowMap: true, ...EXPONENTIAL }),
  'shadow close ESM': (stage) => castShadows(stage, { useCloseExponentialShadowMap: true }),
  'shadow blurred close ESM': (stage) => castShadows(stage, { useBlurCloseExponentialShadowMap: true }),
  'shadow Poisson': { differing: 0.002, arrange: (stage) => castShadows(stage, { usePoissonSampling: true }) },
  'shadow PCF': (stage) => castShadows(stage, PCF),
  'shadow PCF with normal bias': (stage) => castShadows(stage, { ...PCF, normalBias: 0.04 }),
  'shadow PCSS': (stage) => castShadows(stage, { useContactHardeningShadow: true }),
  'shadow CSM': (stage) => castShadows(stage, { lambda: 0.8 }, cascades(stage)),
  'shadow CSM PCSS': (stage) => castShadows(stage, { filter: ShadowGenerator.FILTER_PCSS, bias: 0.02 }, cascades(stage)),
  'shadow point': (stage) => castShadows(stage, {}, new ShadowGenerator(256, lamp(stage))),
  'shadow spot PCF': (stage) => castShadows(stage, PCF, new ShadowGenerator(256, spot(stage))),
  'shadow spot close ESM': (stage) => castShadows(stage, { useCloseExponentialShadowMap: true }, new ShadowGenerator(256, spot(stage))),
  'shadow PCF with reverse depth': { reverseDepth: true, arrange: (stage) => castShadows(stage, PCF) },
  'shadow plain with reverse depth': { reverseDepth: true, differing: 0.0025, arrange: (stage) => castShadows(stage) },
  'shadow CSM with reverse depth': { reverseDepth: true, arrange: (stage) => castShadows(stage, { lambda: 0.8 }, cascades(stage)) },
  'shadow PCF right-handed': { rightHanded: true, arrange: (stage) => castShadows(stage, PCF) },
  'shadow of a clipped shape': (stage) => {
    castShadows(stage, PCF);
    stage.scene.clipPlane = new Plane(0.8, 0.2, -0.6, -0.25);
  },
};

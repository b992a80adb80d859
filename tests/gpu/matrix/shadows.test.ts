import { PointLight } from '@babylonjs/core/Lights/pointLight.js';
import { CascadedShadowGenerator } from '@babylonjs/core/Lights/Shadows/cascadedShadowGenerator.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import type { IShadowLight } from '@babylonjs/core/Lights/shadowLight.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import { SpotLight } from '@babylonjs/core/Lights/spotLight.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { describeMatrix, type Stage } from '../../support/matrix.js';

/** A light's shadows, cast and received by everything on the stage. */
function castShadows(
  stage: Stage,
  configure: (generator: ShadowGenerator) => void = () => {},
  generator = new ShadowGenerator(256, stage.sun),
): void {
  generator.bias = 0.006;
  configure(generator);
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

describeMatrix('shadows', {
  'shadow plain': (stage) => castShadows(stage),
  'shadow ESM': (stage) => castShadows(stage, (generator) => ((generator.useExponentialShadowMap = true), (generator.depthScale = 12))),
  'shadow blurred ESM': (stage) =>
    castShadows(stage, (generator) => ((generator.useBlurExponentialShadowMap = true), (generator.depthScale = 12))),
  'shadow close ESM': (stage) => castShadows(stage, (generator) => (generator.useCloseExponentialShadowMap = true)),
  'shadow blurred close ESM': (stage) => castShadows(stage, (generator) => (generator.useBlurCloseExponentialShadowMap = true)),
  'shadow Poisson': (stage) => castShadows(stage, (generator) => (generator.usePoissonSampling = true)),
  'shadow PCF': (stage) => castShadows(stage, (generator) => (generator.usePercentageCloserFiltering = true)),
  'shadow PCSS': (stage) => castShadows(stage, (generator) => (generator.useContactHardeningShadow = true)),
  'shadow PCF with normal bias': (stage) =>
    castShadows(stage, (generator) => {
      generator.usePercentageCloserFiltering = true;
      generator.normalBias = 0.04;
    }),
  'shadow CSM': (stage) => {
    stage.camera.maxZ = 10;
    const generator = new CascadedShadowGenerator(256, stage.sun);
    castShadows(stage, () => (generator.lambda = 0.8), generator);
  },
  'shadow CSM PCSS': (stage) => {
    stage.camera.maxZ = 10;
    const generator = new CascadedShadowGenerator(256, stage.sun);
    castShadows(
      stage,
      () => {
        generator.filter = ShadowGenerator.FILTER_PCSS;
        generator.bias = 0.02;
      },
      generator,
    );
  },
  'shadow point': (stage) => castShadows(stage, undefined, new ShadowGenerator(256, lamp(stage))),
  'shadow spot PCF': (stage) =>
    castShadows(stage, (generator) => (generator.usePercentageCloserFiltering = true), new ShadowGenerator(256, spot(stage))),
  'shadow spot close ESM': (stage) =>
    castShadows(stage, (generator) => (generator.useCloseExponentialShadowMap = true), new ShadowGenerator(256, spot(stage))),
  'shadow with reverse depth': {
    reverseDepth: true,
    arrange: (stage) => castShadows(stage, (generator) => (generator.usePercentageCloserFiltering = true)),
  },
  'shadow plain with reverse depth': { reverseDepth: true, arrange: (stage) => castShadows(stage) },
});

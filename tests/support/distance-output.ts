import type { Material } from '@babylonjs/core/Materials/material.js';
import { MaterialPluginBase } from '@babylonjs/core/Materials/materialPluginBase.js';
import { ShaderLanguage } from '@babylonjs/core/Materials/shaderLanguage.js';
import type { Picture } from './pictures.js';

/** Longest distance that fits in the two channels. */
const RANGE = 8;

/** Replaces a material's colour by its distance to the eye: sixteen bits in red and green, blue full as a mark of a hit. */
export class DistanceOutput extends MaterialPluginBase {
  constructor(material: Material) {
    super(material, 'DistanceOutput', 300, { DISTANCE_OUTPUT: true });
    this._enable(true);
  }

  override isCompatible(language: ShaderLanguage): boolean {
    return language === ShaderLanguage.WGSL;
  }

  override getCustomCode(shaderType: string): Record<string, string> | null {
    if (shaderType === 'vertex') return null;
    return {
      CUSTOM_FRAGMENT_BEFORE_FRAGCOLOR: `{ let share = distance(fragmentInputs.vPositionW, scene.vEyePosition.xyz) / ${RANGE}. * 255.;
finalColor = vec4f(floor(share) / 255., fract(share), 1., 1.); }`,
    };
  }
}

/** [height * width], world units; 0 where nothing was hit. */
export function readDistances({ data }: Picture): number[] {
  return Array.from({ length: data.length / 4 }, (_, i) =>
    data[4 * i + 2] === 255 ? ((data[4 * i] + data[4 * i + 1] / 255) / 255) * RANGE : 0,
  );
}

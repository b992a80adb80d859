import { ShaderStore } from '@babylonjs/core/Engines/shaderStore.js';
import { ShaderLanguage } from '@babylonjs/core/Materials/shaderLanguage.js';
import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture.js';
import { PostProcess } from '@babylonjs/core/PostProcesses/postProcess.js';
import type { Stage } from '../../support/matrix.js';

ShaderStore.ShadersStoreWGSL.matrixViewPixelShader = `
varying vUV: vec2f;
var textureSamplerSampler: sampler;
var textureSampler: texture_2d<f32>;
var shownSampler: texture_2d<f32>;
uniform range: vec2f;
@fragment
fn main(input: FragmentInputs) -> FragmentOutputs {
  let kept = textureSample(textureSampler, textureSamplerSampler, input.vUV).rgb * 0.;
  let size = vec2f(textureDimensions(shownSampler));
  fragmentOutputs.color = vec4f(kept + textureLoad(shownSampler, vec2i(input.vUV * size), 0).rgb * uniforms.range.x + uniforms.range.y, 1.);
}
`;

/**
 * A texture of the picture's size, instead of the picture.
 * @param range what its values are multiplied by, and what is then added
 */
export function viewTexture({ camera, engine }: Stage, texture: () => BaseTexture, range: readonly [number, number]): PostProcess {
  const view = new PostProcess('view', 'matrixView', {
    uniforms: ['range'],
    samplers: ['shownSampler'],
    size: 1,
    camera,
    engine,
    shaderLanguage: ShaderLanguage.WGSL,
  });
  view.onApplyObservable.add((effect) => {
    effect.setTexture('shownSampler', texture());
    effect.setFloat2('range', ...range);
  });
  return view;
}

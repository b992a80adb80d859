import { ShaderStore } from '@babylonjs/core/Engines/shaderStore.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/bayerDitherFunctions.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/packingFunctions.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapFragment.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapFragmentExtraDeclaration.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapFragmentSoftTransparentShadow.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapVertexExtraDeclaration.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapVertexMetric.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapVertexNormalBias.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowsVertex.js';

const NAME = 'neuralSdfReceivedShadows';

/**
 * Babylon projects a vertex into each light's shadow map; here the same code projects the hit. With it comes what casting needs of Babylon's
 * own shaders.
 * @returns WGSL that includes it, for each light
 */
export function registerReceivedShadows(): string {
  const store = ShaderStore.IncludesShadersStoreWGSL;
  store[NAME] ??=
    `#ifndef SM_FLOAT\n${store.shadowsVertex.replaceAll('vertexOutputs.', 'fragmentInputs.').replaceAll('worldPos', 'sdfWorld')}\n#endif\n`;
  return `#include<${NAME}>[0..maxSimultaneousLights]`;
}

import type { TraceShaders } from '../../src/gpu/compose-wgsl.js';
import type { TraceOutput } from './trace-output.js';

/**
 * The tracing shaders by Babylon's injection points, and by the patterns of what Babylon's own text must read otherwise.
 * @param output what is written instead of a lit colour
 */
export function composeCustomCode(shaders: TraceShaders, output: TraceOutput | undefined, shaderType: string): Record<string, string> {
  if (shaderType === 'vertex') {
    return {
      CUSTOM_VERTEX_DEFINITIONS: shaders.vertexDeclarations,
      CUSTOM_VERTEX_UPDATE_WORLDPOS: shaders.vertexMain,
      CUSTOM_VERTEX_MAIN_END: shaders.vertexEnd,
    };
  }
  const { before = '', declarations = '', main } = output ?? { main: '' };
  const start = before && `#ifdef NEURAL_SDF\n${before}\n#endif\n`;
  const ending = main && `#ifdef NEURAL_SDF\n${main}\nreturn fragmentOutputs;\n#endif\n`;
  return {
    // The wrapper adds this in GLSL only.
    CUSTOM_FRAGMENT_DEFINITIONS: `#ifdef SM_FLOAT\n#include<shadowMapFragmentExtraDeclaration>\n#endif\n${shaders.fragmentDeclarations}${declarations}`,
    CUSTOM_FRAGMENT_MAIN_BEGIN: start + shaders.fragmentMain + ending,
    // Babylon reads these two from the immutable input in places, where the hit must be seen instead.
    '!input\\.vPositionW': 'fragmentInputs.vPositionW',
    '!input\\.vNormalW': 'fragmentInputs.vNormalW',
    // Without tangents of the mesh's own, Babylon makes them of texture coordinates.
    '!var TBN: mat3x3f=cotangent_frame\\(normalW,': 'var TBN: mat3x3f=sdfTangentFrame(normalW,',
    // Made of derivatives of the position, which hits do not have everywhere.
    '!var faceNormal: vec3f=[^;]+;': 'var faceNormal: vec3f=sdfFaceNormal();',
  };
}

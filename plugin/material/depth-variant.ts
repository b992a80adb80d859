import type { DepthRenderer } from '@babylonjs/core/Rendering/depthRenderer.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { TracedMesh } from '../mesh/traced-mesh.js';
import type { TraceOutput } from './trace-output.js';
import { shareTraceVariant } from './trace-variant.js';

/** The private members of DepthRenderer (9.34) that are needed here. */
interface Internals {
  _storeNonLinearDepth: boolean;
  _storeCameraSpaceZ: boolean;
}

/** As Babylon's depth.fragment has it, at the hit; DepthRenderer sets depthValues for every draw. */
const DEPTHS = {
  linear: `#ifdef USE_REVERSE_DEPTHBUFFER
let sdfDepth = (uniforms.depthValues.x - sdfClip.z) / uniforms.depthValues.y;
#else
let sdfDepth = (uniforms.depthValues.x + sdfClip.z) / uniforms.depthValues.y;
#endif`,
  nonLinear: 'let sdfDepth = sdfClip.z / sdfClip.w;',
  cameraSpace: 'let sdfDepth = (scene.view * sdfWorld).z;',
} as const;

/** Depth outputs are 1 to 6 among the variants. */
function depthOutput(renderer: DepthRenderer): TraceOutput {
  const { _storeNonLinearDepth, _storeCameraSpaceZ } = renderer as unknown as Internals;
  const kind = _storeCameraSpaceZ ? 'cameraSpace' : _storeNonLinearDepth ? 'nonLinear' : 'linear';
  const packed = renderer.isPacked;
  return {
    id: 1 + 2 * Object.keys(DEPTHS).indexOf(kind) + Number(packed),
    declarations: `uniform depthValues: vec2f;\n${packed ? '#include<packingFunctions>\n' : ''}`,
    main: `${DEPTHS[kind]}\nfragmentOutputs.color = ${packed ? 'pack(sdfDepth)' : 'vec4f(sdfDepth, 0., 0., 1.)'};`,
  };
}

/**
 * Has a DepthRenderer see the traced surface instead of the mesh's box. Done by itself for those of `scene.enableDepthRenderer`; to be
 * called for one that was constructed by hand.
 */
export function enableDepthRendering(renderer: DepthRenderer, mesh: TracedMesh): void {
  const variant = shareTraceVariant(mesh, 'neural-sdf depth', depthOutput(renderer));
  if (variant) renderer.setMaterialForRendering(mesh, variant.material);
}

/** Shows a mesh to the depth renderers that its scene has, or comes to have. */
export function followDepthRenderers(scene: Scene, mesh: TracedMesh): void {
  const seen = new WeakSet<DepthRenderer>();
  const observer = scene.onBeforeRenderObservable.add(() => {
    for (const renderer of Object.values(scene._depthRenderer ?? {})) {
      if (seen.has(renderer)) continue;
      seen.add(renderer);
      enableDepthRendering(renderer, mesh);
    }
  });
  mesh.onDisposeObservable.addOnce(() => observer.remove());
}

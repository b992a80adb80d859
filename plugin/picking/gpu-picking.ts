import type { ShaderMaterial } from '@babylonjs/core/Materials/shaderMaterial.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { TraceOutput } from '../material/trace-output.js';
import { shareTraceVariant, type TraceVariant } from '../material/trace-variant.js';
import type { NeuralSdfMesh } from '../mesh/neural-sdf-mesh.js';

/** What GPUPicker's list holds. */
export type PickingListEntry = AbstractMesh | { mesh: AbstractMesh; material: ShaderMaterial };

/** Constants.TEXTURETYPE_UNSIGNED_BYTE and TEXTURE_NEAREST_SAMPLINGMODE: GPUPicker's own texture, so that pipelines serve both. */
const PICKING_TEXTURE = { type: 0, samplingMode: 1, generateMipMaps: false };

/** As Babylon's picking.fragment has it; GPUPicker sets meshID for every draw. */
const IDENTITY: TraceOutput = {
  id: 7,
  declarations: 'uniform meshID: f32;\n',
  main: `let sdfId = u32(uniforms.meshID);
fragmentOutputs.color = vec4f(vec3f(f32((sdfId >> 16u) & 255u), f32((sdfId >> 8u) & 255u), f32(sdfId & 255u)) / 255., 1.);`,
};

/**
 * What to put into GPUPicker's list for a neural shape: `picker.setPickingList([...gpuPickingList(chair), floor])`. The picker then answers
 * with the mesh on its traced pixels, and with its `fallbackMesh`, a child, where that is shown. The first pick waits until the shader has
 * compiled. GPUPicker's `enableDepthPicking` is not supported: `scene.pick` tells point and normal.
 */
export function gpuPickingList(mesh: NeuralSdfMesh): PickingListEntry[] {
  const variant = shareTraceVariant(mesh, 'neural-sdf identity', IDENTITY, waitForPipelines);
  const fallback = mesh.fallbackMesh ? [mesh.fallbackMesh] : [];
  if (!variant) return fallback;
  compileAhead(mesh, variant.material);
  // The picker needs no more of a material than to be bound by its own passes.
  return [{ mesh, material: variant.material as unknown as ShaderMaterial }, ...fallback];
}

/** GPUPicker draws once, as soon as the material is ready: it must not be before its pipeline is there. */
function waitForPipelines({ material, plugin }: TraceVariant): void {
  const isReady = material.isReady.bind(material);
  material.isReady = (mesh, useInstances) => {
    if (!isReady(mesh, useInstances)) return false;
    if (!mesh?.isVisible || !mesh.isEnabled()) return true;
    const effect = mesh.subMeshes[0]?._getDrawWrapper(mesh.getEngine().currentRenderPassId)?.effect;
    const status = effect && plugin.decoder.pipelines.statusOf(effect);
    return status === 'ready' || status === 'failed';
  };
}

/** A pipeline is asked for by the first draw: into a texture of one pixel like the picker's, for as long as that takes. */
function compileAhead(mesh: NeuralSdfMesh, material: StandardMaterial): void {
  const scene = mesh.getScene();
  const target = new RenderTargetTexture('neural-sdf identity', 1, scene, PICKING_TEXTURE);
  target.renderList = [mesh];
  target.setMaterialForRendering(mesh, material);
  scene.customRenderTargets.push(target);
  const end = () => {
    observer.remove();
    disposed?.remove();
    const at = scene.customRenderTargets.indexOf(target);
    if (at >= 0) scene.customRenderTargets.splice(at, 1);
    if (!mesh.isDisposed()) target.setMaterialForRendering(mesh, undefined);
    target.dispose();
  };
  const observer = scene.onAfterRenderObservable.add(() => {
    const engine = scene.getEngine();
    const pass = engine.currentRenderPassId;
    engine.currentRenderPassId = target.renderPassId;
    const ready = mesh.isVisible && mesh.isEnabled() && material.isReady(mesh);
    engine.currentRenderPassId = pass;
    if (ready) end();
  });
  const disposed = mesh.onDisposeObservable.addOnce(end);
}

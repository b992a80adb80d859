import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { TracedMesh } from '../mesh/traced-mesh.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';
import { NeuralSdfMaterialPlugin } from './material-plugin.js';
import type { TraceOutput } from './trace-output.js';

export interface TraceVariant {
  readonly material: StandardMaterial;
  readonly plugin: NeuralSdfMaterialPlugin;
}

/** Variants that meshes share, by decoder and output. */
const perScene = new WeakMap<Scene, Map<string, TraceVariant>>();

/**
 * A material that traces as the lit one does and writes something else: what passes that bring their own material (depth,
 * identity, masks) draw a traced mesh with. Add meshes by `plugin.addMesh`.
 */
export function createTraceVariant(name: string, scene: Scene, decoder: SharedDecoder, output: TraceOutput): TraceVariant {
  const material = new StandardMaterial(name, scene);
  material.disableLighting = true;
  material.doNotSerialize = true;
  return { material, plugin: NeuralSdfMaterialPlugin.attach(material, decoder, output) };
}

/**
 * The variant of a mesh, shared with all meshes of its decoder in the scene; it goes with the last of them.
 * @param onCreated called where there was none yet
 * @returns undefined where the mesh cannot be traced
 */
export function shareTraceVariant(
  mesh: TracedMesh,
  name: string,
  output: TraceOutput,
  onCreated: (variant: TraceVariant) => void = () => {},
): TraceVariant | undefined {
  const { buffers } = mesh;
  if (!buffers) return undefined;
  const scene = mesh.getScene();
  const variants = perScene.get(scene) ?? new Map<string, TraceVariant>();
  perScene.set(scene, variants);
  const key = `${buffers.decoder.id} ${output.id}`;
  const present = variants.get(key);
  const variant = present ?? createTraceVariant(name, scene, buffers.decoder, output);
  if (!present) {
    variants.set(key, variant);
    onCreated(variant);
  }
  if (variant.plugin.traces(mesh)) return variant;
  variant.plugin.addMesh(mesh, buffers);
  mesh.onDisposeObservable.addOnce(() => {
    variant.plugin.removeMesh(mesh);
    if (variant.plugin.meshCount > 0) return;
    variants.delete(key);
    variant.material.dispose();
  });
  return variant;
}

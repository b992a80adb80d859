import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { NeuralSdfMaterialPlugin, type TraceOutput } from './material-plugin.js';
import type { SharedDecoder } from './shared-decoder.js';

/**
 * A material that traces as the lit one does and writes something else: what passes that bring their own material (depth,
 * identity, masks) draw a traced mesh with. Add meshes by `plugin.addMesh`.
 */
export function createTraceVariant(
  name: string,
  scene: Scene,
  decoder: SharedDecoder,
  output: TraceOutput,
): { readonly material: StandardMaterial; readonly plugin: NeuralSdfMaterialPlugin } {
  const material = new StandardMaterial(name, scene);
  material.disableLighting = true;
  material.doNotSerialize = true;
  return { material, plugin: NeuralSdfMaterialPlugin.attach(material, decoder, output) };
}

import { NeuralSdfInstance } from '../instances/instances.js';
import type { KeptOptions } from '../mesh/mesh-options.js';
import type { NeuralSdfMesh } from '../mesh/neural-sdf-mesh.js';
import { serializeShapes } from './serialized-shapes.js';

/**
 * What a neural mesh adds to its JSON in a .babylon file; serialization.ts reads it.
 * @param options as they are by now
 * @param isEdited whether it has a list of edits, empty or not
 */
export function serializeNeuralSdf(mesh: NeuralSdfMesh, options: KeptOptions, isEdited: boolean): Record<string, unknown> {
  const thin = mesh.thinInstanceLatents;
  return {
    shapes: serializeShapes(mesh.shapes),
    latent: [...mesh.latent],
    ...mesh.serializedBlend,
    options,
    showBaked: mesh.showBaked,
    fallbackUniqueId: mesh.fallbackMesh?.uniqueId,
    instanceLatents: mesh.instances
      .filter((instance) => !instance.doNotSerialize)
      .map((instance) => (instance instanceof NeuralSdfInstance && instance.hasOwnLatent() ? [...instance.latent] : null)),
    ...(thin && { thinInstanceLatents: [...thin] }),
    ...(isEdited && { edits: mesh.edits.toJSON() }),
  };
}

import type { FloatArray } from '../decoder/decoder.js';
import { validateSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import {
  EXTENSION_NAME,
  EXTENSION_VERSION,
  type ExtensionJson,
  type LayerJson,
  type NodeExtensionJson,
  parseExtension,
} from './extension-schema.js';
import { GlbWriter } from './glb-writer.js';
import type { NeuralShapes } from './neural-shapes.js';

export interface WriteShapesOptions {
  /** Writes an asset that no viewer shows anything of, because no shape has a surface. Default false. */
  readonly withoutMeshes?: boolean;
}

/** Distance between neighbours in the row that a viewer shows, in units of `halfExtent`. */
const ROW_SPACING = 2.2;

/**
 * Writes an asset: a .glb with the extension BNS_neural_sdf (assets/FORMAT.md), and one node for every shape with a baked mesh.
 * Deterministic: the same shapes give the same bytes.
 * @throws NeuralSdfError INVALID_ARGUMENT when no shape has a baked mesh, unless that is meant; whatever the reader would refuse the
 * result for (ASSET_INVALID, INVALID_SPEC, LATENT_LENGTH, NOT_FINITE); MESH_EMPTY, MESH_INVALID, MESH_NOT_FINITE for a bad baked mesh
 */
export async function writeShapes(asset: NeuralShapes, options: WriteShapesOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { decoder, shapes, delta, stepScale, halfExtent, provenance } = asset;
  validateSpec(decoder.spec);
  if (!options.withoutMeshes && !shapes.some((shape) => shape.bakedMesh)) {
    throw new NeuralSdfError('INVALID_ARGUMENT', 'no shape has a baked mesh, so that a viewer would show nothing; bake at least one');
  }
  const writer = new GlbWriter();
  const { codeLength } = decoder.spec;
  const latents = new Float32Array(shapes.length * codeLength);
  shapes.forEach(({ name, latent }, index) => {
    if (latent.length !== codeLength) {
      throw new NeuralSdfError('LATENT_LENGTH', `latent code of "${name}" has ${latent.length} values, the decoder takes ${codeLength}`, {
        name,
      });
    }
    latents.set(latent, index * codeLength);
  });
  const extension: ExtensionJson = {
    version: EXTENSION_VERSION,
    decoder: {
      spec: decoder.spec,
      layers: decoder.layers.map(({ weight, bias, layerNorm }): LayerJson => {
        const add = (values: FloatArray) => writer.addFloats(Float32Array.from(values));
        const layer = { weight: add(weight), bias: add(bias) };
        return layerNorm ? { ...layer, gain: add(layerNorm.gain), shift: add(layerNorm.shift) } : layer;
      }),
    },
    shapes: shapes.map(({ name, normalization }) => ({ name, ...(normalization && { normalization }) })),
    latents: writer.addFloats(latents),
    delta,
    stepScale,
    halfExtent,
    ...(provenance && { provenance }),
  };
  shapes.forEach(({ name, bakedMesh }, shape) => {
    if (!bakedMesh) return;
    const place = writer.nodeCount * ROW_SPACING * halfExtent;
    const nodeExtension: NodeExtensionJson = { shape };
    const mesh = writer.addMesh(name, bakedMesh);
    writer.addNode({ name, mesh, translation: [place, 0, 0], extensions: { [EXTENSION_NAME]: nodeExtension } });
  });
  const json = JSON.parse(JSON.stringify(extension));
  await parseExtension(json, writer.accessors, (accessor) => writer.floats(accessor));
  return writer.finish({ extensionsUsed: [EXTENSION_NAME], extensions: { [EXTENSION_NAME]: json } });
}

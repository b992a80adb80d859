import { createDecoder, type DecoderLayer, firstNotFinite } from '../decoder/decoder.js';
import { allHiddenLayers, DECODER_LIMITS, type DecoderSpec, planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import { arrayAt, objectAt, positiveAt, refuseAsset } from './checks.js';
import { COMPONENT } from './glb-format.js';
import type { NeuralShape, NeuralShapes, Normalization } from './neural-shapes.js';

/** Name of the glTF vendor extension; listed in `extensionsUsed` only, so that any viewer shows the baked meshes. */
export const EXTENSION_NAME = 'BNS_neural_sdf';
export const EXTENSION_VERSION = 1;

/** Caps that are checked before anything is loaded: what a lying header can cost at most. */
export const EXTENSION_LIMITS = {
  shapes: 65_536,
  nameLength: 200,
  /** Floats in decoder and latent codes together; the paper's decoder has 1.8 million. */
  values: 1 << 26,
} as const;

/** Accessors of float32 SCALARs: weight [outputs * inputs] row-major, the others [outputs]; the last two where the layer has layer norm. */
export interface LayerJson {
  readonly weight: number;
  readonly bias: number;
  readonly gain?: number;
  readonly shift?: number;
}

/** The root extension object, `extensions.BNS_neural_sdf`. */
export interface ExtensionJson {
  readonly version: number;
  readonly decoder: {
    readonly spec: DecoderSpec;
    readonly layers: readonly LayerJson[];
  };
  readonly shapes: readonly { readonly name: string; readonly normalization?: Normalization }[];
  /** Accessor of float32 SCALARs, [shapes * codeLength]. */
  readonly latents: number;
  readonly delta: number;
  readonly stepScale: number;
  readonly halfExtent: number;
  readonly provenance?: Readonly<Record<string, unknown>>;
}

/** The extension object of a node that shows a shape's baked mesh. */
export interface NodeExtensionJson {
  /** Index into the root extension's `shapes`. */
  readonly shape: number;
}

/**
 * Checks the root extension object and loads what it refers to. The one place where an asset is validated: the .glb reader and
 * the Babylon loader both call it. Baked meshes are not its business, since either reads meshes in its own way.
 * @param json `extensions.BNS_neural_sdf` of the glTF document, as parsed
 * @param accessors the document's `accessors` array, as parsed: counts and types are checked there before anything is loaded
 * @param loadFloats loads an accessor (index into `accessors`) that was found to be float32 SCALARs; its answer is copied
 * @throws NeuralSdfError ASSET_INVALID with `details.where`, ASSET_UNSUPPORTED for a later version, INVALID_SPEC,
 * LATENT_LENGTH when the table of latent codes has the wrong length, NOT_FINITE
 */
export async function parseExtension(
  json: unknown,
  accessors: readonly unknown[] | undefined,
  loadFloats: LoadFloats,
): Promise<NeuralShapes> {
  const root = objectAt(json, EXTENSION_NAME);
  if (root.version !== EXTENSION_VERSION) {
    if (typeof root.version !== 'number') refuseAsset('version', 'must be a number');
    throw new NeuralSdfError(
      'ASSET_UNSUPPORTED',
      `asset: ${EXTENSION_NAME} version ${root.version}, this library reads ${EXTENSION_VERSION}; update the library`,
      { version: root.version },
    );
  }
  const decoderJson = objectAt(root.decoder, 'decoder');
  const spec = specOf(decoderJson.spec);
  const plans = planLayers(spec);
  const layersJson = arrayAt(decoderJson.layers, 'decoder.layers', DECODER_LIMITS.layers + 1);
  if (layersJson.length !== plans.length) refuseAsset('decoder.layers', `lists ${layersJson.length} layers, the spec says ${plans.length}`);
  const shapes = arrayAt(root.shapes, 'shapes', EXTENSION_LIMITS.shapes).map(shapeOf);
  if (shapes.length === 0) refuseAsset('shapes', 'is empty');
  const delta = positiveAt(root.delta, 'delta');
  const stepScale = positiveAt(root.stepScale, 'stepScale');
  if (stepScale > 1) refuseAsset('stepScale', `is ${stepScale}, must be at most 1`);
  const halfExtent = positiveAt(root.halfExtent, 'halfExtent');
  const provenance = root.provenance === undefined ? undefined : objectAt(root.provenance, 'provenance');

  // Every reference is checked before the first is loaded.
  const tensors = plans.map((plan, i) => {
    const layer = objectAt(layersJson[i], `decoder.layers[${i}]`);
    const tensor = (name: keyof LayerJson, count: number) => tensorAt(accessors, layer[name], `decoder.layers[${i}].${name}`, count);
    const normalized = plan.normalization === 'layer';
    return {
      weight: tensor('weight', plan.outputs * plan.inputs),
      bias: tensor('bias', plan.outputs),
      ...(normalized && { gain: tensor('gain', plan.outputs), shift: tensor('shift', plan.outputs) }),
    };
  });
  const latentsTensor = tensorAt(accessors, root.latents, 'latents', shapes.length * spec.codeLength, 'LATENT_LENGTH');
  const values = tensors.flatMap((layer) => Object.values(layer)).reduce((sum, { count }) => sum + count, latentsTensor.count);
  if (values > EXTENSION_LIMITS.values) refuseAsset('decoder and latents', `hold ${values} numbers, more than ${EXTENSION_LIMITS.values}`);

  const layers: DecoderLayer[] = [];
  for (const { weight, bias, gain, shift } of tensors) {
    const layer = { weight: await load(weight, loadFloats), bias: await load(bias, loadFloats) };
    layers.push(
      gain && shift ? { ...layer, layerNorm: { gain: await load(gain, loadFloats), shift: await load(shift, loadFloats) } } : layer,
    );
  }
  const decoder = createDecoder(spec, layers);
  const latents = await load(latentsTensor, loadFloats);
  const bad = firstNotFinite(latents);
  if (bad >= 0) {
    const shape = Math.floor(bad / spec.codeLength);
    throw new NeuralSdfError('NOT_FINITE', `asset: latent code of shape ${shape} ("${shapes[shape].name}") holds ${latents[bad]}`, {
      shape,
      at: bad % spec.codeLength,
    });
  }
  return {
    decoder,
    shapes: shapes.map((shape, i) => ({ ...shape, latent: latents.slice(i * spec.codeLength, (i + 1) * spec.codeLength) })),
    delta,
    stepScale,
    halfExtent,
    ...(provenance && { provenance }),
  };
}

/**
 * Which shape a node's baked mesh belongs to.
 * @param json `extensions.BNS_neural_sdf` of a node
 * @throws NeuralSdfError ASSET_INVALID
 */
export function parseNodeExtension(json: unknown, shapeCount: number, where = `node ${EXTENSION_NAME}`): number {
  const { shape } = objectAt(json, where);
  if (!Number.isInteger(shape) || (shape as number) < 0 || (shape as number) >= shapeCount) {
    refuseAsset(`${where}.shape`, `is ${String(shape)}, must be 0 to ${shapeCount - 1}`);
  }
  return shape as number;
}

type LoadFloats = (accessor: number) => Float32Array | Promise<Float32Array>;

/** An accessor that was found to hold what is asked of it. */
interface Tensor {
  readonly accessor: number;
  readonly count: number;
  readonly where: string;
}

function tensorAt(
  accessors: readonly unknown[] | undefined,
  index: unknown,
  where: string,
  count: number,
  wrongLength: 'ASSET_INVALID' | 'LATENT_LENGTH' = 'ASSET_INVALID',
): Tensor {
  const list = accessors ?? [];
  if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= list.length) {
    refuseAsset(where, `is ${String(index)}, not the index of one of ${list.length} accessors`);
  }
  const accessor = objectAt(list[index as number], `accessors[${index}]`);
  if (accessor.componentType !== COMPONENT.float32 || accessor.type !== 'SCALAR' || accessor.sparse !== undefined) {
    refuseAsset(where, 'must refer to an accessor of plain float32 SCALARs');
  }
  // glTF reads an accessor without a buffer view as zeros, which cost memory that the file does not have.
  if (!Number.isInteger(accessor.bufferView)) refuseAsset(where, 'refers to an accessor without a buffer view');
  if (accessor.count !== count) {
    throw new NeuralSdfError(wrongLength, `asset: ${where} has ${String(accessor.count)} values, the spec and shapes need ${count}`, {
      where,
      count: accessor.count,
      expected: count,
    });
  }
  return { accessor: index as number, count, where };
}

/** A copy, since a loader may answer a view of the whole file. */
async function load({ accessor, count, where }: Tensor, loadFloats: LoadFloats): Promise<Float32Array> {
  const values = await loadFloats(accessor);
  if (!(values instanceof Float32Array) || values.length !== count) {
    refuseAsset(where, `was loaded as ${values?.length} values, its accessor says ${count}`);
  }
  return values.slice();
}

/**
 * Only the known fields, so that whatever else a file holds goes no further; `planLayers` validates them. Those that came later may be
 * missing: then the decoder is ReLU throughout, and weight normalisation, which concerns training alone, was on all layers or none.
 */
function specOf(json: unknown): DecoderSpec {
  const spec = objectAt(json, 'decoder.spec') as unknown as DecoderSpec;
  const { codeLength, dims, latentIn, xyzInAll, latentInAll, fourierOctaves, weightNorm, outputTanh } = spec;
  const { normLayers, activation = 'relu', activationScale = 1, innerTanh = false } = spec;
  const implied = weightNorm && Array.isArray(dims) ? allHiddenLayers(dims.slice(0, DECODER_LIMITS.layers)) : [];
  return {
    codeLength,
    dims,
    latentIn,
    xyzInAll,
    latentInAll,
    fourierOctaves,
    normLayers: normLayers ?? implied,
    weightNorm,
    activation,
    activationScale,
    innerTanh,
    outputTanh,
  };
}

function shapeOf(json: unknown, index: number): Omit<NeuralShape, 'latent' | 'bakedMesh'> {
  const { name, normalization } = objectAt(json, `shapes[${index}]`);
  if (typeof name !== 'string' || name.length === 0 || name.length > EXTENSION_LIMITS.nameLength) {
    refuseAsset(`shapes[${index}].name`, `must be a string of 1 to ${EXTENSION_LIMITS.nameLength} characters`);
  }
  if (normalization === undefined) return { name: name as string };
  const where = `shapes[${index}].normalization`;
  const { offset, scale } = objectAt(normalization, where);
  const numbers = arrayAt(offset, `${where}.offset`, 3);
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) refuseAsset(`${where}.offset`, 'must be three finite numbers');
  const [x, y, z] = numbers as number[];
  return { name: name as string, normalization: { offset: [x, y, z], scale: positiveAt(scale, `${where}.scale`) } };
}

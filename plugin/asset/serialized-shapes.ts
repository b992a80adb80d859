import { DecodeBase64ToBinary, EncodeArrayBufferToBase64 } from '@babylonjs/core/Misc/stringTools.js';
import { arrayAt, objectAt, positiveAt, refuseAsset } from '../../src/asset/checks.js';
import type { NeuralShape, NeuralShapes } from '../../src/asset/neural-shapes.js';
import { checkLatent, createDecoder, type FloatArray } from '../../src/decoder/decoder.js';
import { DECODER_LIMITS, type DecoderSpec } from '../../src/decoder/spec.js';
import { NeuralSdfError } from '../../src/errors.js';

const MOST_SHAPES = 65_536;

const byName = new Map<string, NeuralShapes>();
/** Meshes of one serialised decoder share it again: by the JSON they were parsed from. */
const parsed = new Map<string, WeakRef<NeuralShapes>>();

/**
 * Gives an asset a name, by which scenes that are serialised refer to it, instead of holding its decoder; they can be read wherever the same
 * asset was given the same name before. Its address is a good name.
 * @returns takes the name back
 */
export function nameNeuralShapes(name: string, shapes: NeuralShapes): () => void {
  byName.set(name, shapes);
  return () => {
    if (byName.get(name) === shapes) byName.delete(name);
  };
}

/** JSON for a .babylon file: the asset's name if it has one, or else all of it but its baked meshes, weights as base64 float32. */
export function serializeShapes(shapes: NeuralShapes): unknown {
  for (const [name, known] of byName) if (known === shapes) return { name };
  const { decoder, delta, stepScale, halfExtent } = shapes;
  return {
    spec: decoder.spec,
    layers: decoder.layers.map(({ weight, bias, layerNorm }) => ({
      weight: encode(weight),
      bias: encode(bias),
      ...(layerNorm && { gain: encode(layerNorm.gain), shift: encode(layerNorm.shift) }),
    })),
    shapes: shapes.shapes.map(({ name, latent, normalization }) => ({
      name,
      latent: encode(latent),
      ...(normalization && { normalization }),
    })),
    delta,
    stepScale,
    halfExtent,
  };
}

/**
 * What `serializeShapes` wrote.
 * @throws NeuralSdfError ASSET_INVALID with `details.where`, for an unknown name too; INVALID_SPEC, SHAPE_MISMATCH, LATENT_LENGTH, NOT_FINITE
 */
export function parseShapes(json: unknown): NeuralShapes {
  const root = objectAt(json, 'neuralSdf.shapes');
  if (root.name !== undefined) {
    const known = byName.get(String(root.name));
    if (!known) {
      refuseAsset(
        'neuralSdf.shapes.name',
        `is "${String(root.name)}", which no asset bears: load it, and call nameNeuralShapes, before the scene`,
      );
    }
    return known;
  }
  const key = JSON.stringify(json);
  const before = parsed.get(key)?.deref();
  if (before) return before;
  const spec = objectAt(root.spec, 'neuralSdf.shapes.spec') as unknown as DecoderSpec;
  const layers = arrayAt(root.layers, 'neuralSdf.shapes.layers', DECODER_LIMITS.layers + 1).map((json, i) => {
    const where = `neuralSdf.shapes.layers[${i}]`;
    const layer = objectAt(json, where);
    const floats = (name: string) => decode(layer[name], `${where}.${name}`);
    const norm = layer.gain === undefined ? {} : { layerNorm: { gain: floats('gain'), shift: floats('shift') } };
    return { weight: floats('weight'), bias: floats('bias'), ...norm };
  });
  const decoder = createDecoder(spec, layers);
  const shapes = arrayAt(root.shapes, 'neuralSdf.shapes.shapes', MOST_SHAPES).map((json, i): NeuralShape => {
    const where = `neuralSdf.shapes.shapes[${i}]`;
    const { name, latent, normalization } = objectAt(json, where);
    if (typeof name !== 'string') refuseAsset(`${where}.name`, 'must be a string');
    const values = decode(latent, `${where}.latent`);
    checkLatent(spec, values);
    return { name, latent: values, ...(normalization !== undefined && { normalization: normalization as NeuralShape['normalization'] }) };
  });
  if (shapes.length === 0) refuseAsset('neuralSdf.shapes.shapes', 'is empty');
  const stepScale = positiveAt(root.stepScale, 'neuralSdf.shapes.stepScale');
  if (stepScale > 1) refuseAsset('neuralSdf.shapes.stepScale', `is ${stepScale}, must be at most 1`);
  const read: NeuralShapes = {
    decoder,
    shapes,
    delta: positiveAt(root.delta, 'neuralSdf.shapes.delta'),
    stepScale,
    halfExtent: positiveAt(root.halfExtent, 'neuralSdf.shapes.halfExtent'),
  };
  parsed.set(key, new WeakRef(read));
  return read;
}

function encode(values: FloatArray): string {
  return EncodeArrayBufferToBase64(Float32Array.from(values));
}

function decode(text: unknown, where: string): Float32Array {
  if (typeof text !== 'string') refuseAsset(where, 'must be base64 text');
  let bytes: ArrayBuffer;
  try {
    bytes = DecodeBase64ToBinary(text);
  } catch (error) {
    throw new NeuralSdfError('ASSET_INVALID', `asset: ${where} is no base64 text`, { where }, { cause: error });
  }
  if (bytes.byteLength % 4) refuseAsset(where, `holds ${bytes.byteLength} bytes, not a whole number of float32 values`);
  return new Float32Array(bytes);
}

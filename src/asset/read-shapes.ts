import { firstNotFinite } from '../decoder/decoder.js';
import type { TriangleMesh } from '../mesh.js';
import { arrayAt, objectAt, refuseAsset } from './checks.js';
import { EXTENSION_NAME, parseExtension, parseNodeExtension } from './extension-schema.js';
import { COMPONENT } from './glb-format.js';
import { GlbReader } from './glb-reader.js';
import type { NeuralShapes } from './neural-shapes.js';

/** glTF's default, and the only mode of a baked mesh. */
const TRIANGLES = 4;

/**
 * Reads an asset that `writeShapes` wrote, baked meshes included. Anything else in the document is ignored.
 * @param file a whole .glb
 * @throws NeuralSdfError ASSET_INVALID with `details.where`, ASSET_UNSUPPORTED, INVALID_SPEC, LATENT_LENGTH, NOT_FINITE; nothing larger
 * than a few times the file is ever allocated
 */
export async function readShapes(file: Uint8Array): Promise<NeuralShapes> {
  const reader = new GlbReader(file);
  const extensions = objectAt(reader.json.extensions ?? {}, 'extensions');
  if (extensions[EXTENSION_NAME] === undefined)
    refuseAsset('extensions', `hold no ${EXTENSION_NAME}: a plain glTF file without neural shapes`);
  const floats = (accessor: number) => reader.load(accessor, 'SCALAR', [COMPONENT.float32]) as Float32Array;
  const asset = await parseExtension(extensions[EXTENSION_NAME], reader.objects('accessors'), floats);

  // A scene may show a shape, and a mesh, more than once.
  const meshes = new Map<unknown, TriangleMesh>();
  const meshOfShape = new Map<number, TriangleMesh>();
  reader.objects('nodes').forEach((json, index) => {
    const where = `nodes[${index}]`;
    const node = objectAt(json, where);
    const nodeExtension = objectAt(node.extensions ?? {}, `${where}.extensions`)[EXTENSION_NAME];
    if (nodeExtension === undefined) return;
    const shape = parseNodeExtension(nodeExtension, asset.shapes.length, `${where}.${EXTENSION_NAME}`);
    const mesh = meshes.get(node.mesh) ?? readMesh(reader, node.mesh);
    meshes.set(node.mesh, mesh);
    if (!meshOfShape.has(shape)) meshOfShape.set(shape, mesh);
  });
  return {
    ...asset,
    shapes: asset.shapes.map((shape, index) => ({ ...shape, ...(meshOfShape.has(index) && { bakedMesh: meshOfShape.get(index) }) })),
  };
}

function readMesh(reader: GlbReader, index: unknown): TriangleMesh {
  const where = `meshes[${String(index)}]`;
  const mesh = objectAt(reader.objects('meshes')[index as number], where);
  const [json] = arrayAt(mesh.primitives, `${where}.primitives`, 1);
  const primitive = objectAt(json, `${where}.primitives[0]`);
  if ((primitive.mode ?? TRIANGLES) !== TRIANGLES) refuseAsset(where, 'must consist of triangles');
  const attributes = objectAt(primitive.attributes, `${where} attributes`);
  const positions = reader.load(attributes.POSITION, 'VEC3', [COMPONENT.float32]) as Float32Array;
  const normals =
    attributes.NORMAL === undefined ? undefined : (reader.load(attributes.NORMAL, 'VEC3', [COMPONENT.float32]) as Float32Array);
  const triangles = Uint32Array.from(reader.load(primitive.indices, 'SCALAR', [COMPONENT.uint16, COMPONENT.uint32]));
  const vertices = positions.length / 3;
  if (triangles.length === 0 || triangles.length % 3) refuseAsset(where, `has ${triangles.length} indices, must be three a triangle`);
  const outside = triangles.find((vertex) => vertex >= vertices);
  if (outside !== undefined) refuseAsset(where, `has an index ${outside}, there are ${vertices} vertices`);
  if (normals && normals.length !== positions.length) refuseAsset(where, `has ${normals.length / 3} normals for ${vertices} vertices`);
  if (firstNotFinite(positions) >= 0 || (normals && firstNotFinite(normals) >= 0)) refuseAsset(where, 'has a vertex that is not finite');
  return { positions, triangles, ...(normals && { normals }) };
}

import { firstNotFinite } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import type { TriangleMesh } from '../mesh.js';
import { COMPONENT, GLB } from './glb-format.js';

/** Any glTF object, as JSON. */
export type GltfObject = Record<string, unknown>;

const ARRAY_BUFFER = 34962;
const ELEMENT_ARRAY_BUFFER = 34963;

const NEUTRAL_MATERIAL = {
  name: 'neutral',
  pbrMetallicRoughness: { baseColorFactor: [0.8, 0.8, 0.8, 1], metallicFactor: 0, roughnessFactor: 0.7 },
} as const;

/** A glTF 2.0 document in the making: one scene, one binary buffer, one neutral material shared by all meshes. */
export class GlbWriter {
  readonly accessors: GltfObject[] = [];
  private readonly _bufferViews: GltfObject[] = [];
  private readonly _meshes: GltfObject[] = [];
  private readonly _nodes: GltfObject[] = [];
  /** Of each accessor, in the order of the buffer. */
  private readonly _values: (Float32Array | Uint16Array | Uint32Array)[] = [];
  private _byteLength = 0;

  /** Adds float32 SCALARs. @returns the accessor's index */
  addFloats(values: Float32Array): number {
    return this._addAccessor(values, { componentType: COMPONENT.float32, type: 'SCALAR' });
  }

  /**
   * Adds a mesh of one primitive: POSITION, NORMAL where given, indices.
   * @returns the mesh's index
   * @throws NeuralSdfError MESH_EMPTY, MESH_INVALID, MESH_NOT_FINITE naming the mesh
   */
  addMesh(name: string, mesh: TriangleMesh): number {
    checkMesh(name, mesh);
    const { positions, triangles, normals } = mesh;
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    positions.forEach((value, i) => {
      low[i % 3] = Math.min(low[i % 3], value);
      high[i % 3] = Math.max(high[i % 3], value);
    });
    const vec3 = { componentType: COMPONENT.float32, type: 'VEC3' };
    const attributes: GltfObject = { POSITION: this._addAccessor(positions, { ...vec3, min: low, max: high }, ARRAY_BUFFER) };
    if (normals) attributes.NORMAL = this._addAccessor(normals, vec3, ARRAY_BUFFER);
    // 65535 itself is glTF's primitive restart value.
    const short = positions.length / 3 <= 65535;
    const indices = short ? Uint16Array.from(triangles) : triangles;
    const componentType = short ? COMPONENT.uint16 : COMPONENT.uint32;
    const primitive = {
      attributes,
      indices: this._addAccessor(indices, { componentType, type: 'SCALAR' }, ELEMENT_ARRAY_BUFFER),
      material: 0,
    };
    return this._meshes.push({ name, primitives: [primitive] }) - 1;
  }

  /** Values of an accessor that `addFloats` made. */
  floats(accessor: number): Float32Array {
    return this._values[accessor] as Float32Array;
  }

  get nodeCount(): number {
    return this._nodes.length;
  }

  /** Adds a node to the scene. */
  addNode(node: GltfObject): void {
    this._nodes.push(node);
  }

  /** The whole file. @param root more fields of the document's root, such as `extensions` */
  finish(root: GltfObject = {}): Uint8Array<ArrayBuffer> {
    const document = {
      asset: { version: '2.0', generator: 'babylon-neural-sdf' },
      ...root,
      // glTF has no empty lists.
      ...(this._nodes.length > 0 && { scene: 0, scenes: [{ nodes: this._nodes.map((_, index) => index) }], nodes: this._nodes }),
      ...(this._meshes.length > 0 && { meshes: this._meshes }),
      materials: [NEUTRAL_MATERIAL],
      accessors: this.accessors,
      bufferViews: this._bufferViews,
      buffers: [{ byteLength: this._byteLength }],
    };
    const json = new TextEncoder().encode(JSON.stringify(document));
    const jsonLength = padded(json.length);
    const file = new Uint8Array(GLB.headerLength + 2 * GLB.chunkHeaderLength + jsonLength + this._byteLength);
    const view = new DataView(file.buffer);
    const words = [GLB.magic, GLB.version, file.length, jsonLength, GLB.jsonChunk];
    words.forEach((word, i) => void view.setUint32(4 * i, word, true));
    let at = 4 * words.length;
    file.set(json, at);
    file.fill(0x20, at + json.length, at + jsonLength);
    at += jsonLength;
    view.setUint32(at, this._byteLength, true);
    view.setUint32(at + 4, GLB.binaryChunk, true);
    at += GLB.chunkHeaderLength;
    for (const values of this._values) {
      file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
      at += padded(values.byteLength);
    }
    return file;
  }

  private _addAccessor(values: Float32Array | Uint16Array | Uint32Array, accessor: GltfObject, target?: number): number {
    const bufferView = { buffer: 0, byteOffset: this._byteLength, byteLength: values.byteLength, ...(target && { target }) };
    this._values.push(values);
    this._byteLength += padded(values.byteLength);
    const count = accessor.type === 'VEC3' ? values.length / 3 : values.length;
    return this.accessors.push({ bufferView: this._bufferViews.push(bufferView) - 1, ...accessor, count }) - 1;
  }
}

const padded = (length: number): number => 4 * Math.ceil(length / 4);

function checkMesh(name: string, { positions, triangles, normals }: TriangleMesh): void {
  const refuse = (code: 'MESH_EMPTY' | 'MESH_INVALID' | 'MESH_NOT_FINITE', why: string): never => {
    throw new NeuralSdfError(code, `mesh "${name}" ${why}`, { name });
  };
  if (positions.length === 0 || triangles.length === 0) refuse('MESH_EMPTY', 'has no triangles');
  if (positions.length % 3 || triangles.length % 3) refuse('MESH_INVALID', 'does not come in threes');
  if (normals && normals.length !== positions.length)
    refuse('MESH_INVALID', `has ${normals.length / 3} normals for ${positions.length / 3} vertices`);
  const outside = triangles.find((vertex) => vertex >= positions.length / 3);
  if (outside !== undefined) refuse('MESH_INVALID', `has a triangle with vertex ${outside} of ${positions.length / 3}`);
  if (firstNotFinite(positions) >= 0 || (normals && firstNotFinite(normals) >= 0))
    refuse('MESH_NOT_FINITE', 'has a vertex that is not finite');
}

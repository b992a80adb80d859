import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { RegisterClass } from '@babylonjs/core/Misc/typeStore.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { arrayAt, objectAt, refuseAsset } from '../../src/asset/checks.js';
import { checkLatent } from '../../src/decoder/decoder.js';
import { NeuralSdfInstance } from '../instances/instances.js';
import { keptOptions, type ShowBaked } from '../mesh/mesh-options.js';
import { NeuralSdfMesh } from '../mesh/neural-sdf-mesh.js';
import { parseShapes } from './serialized-shapes.js';

type Parse = (parsedMesh: Record<string, unknown>, scene: Scene, rootUrl: string) => Mesh;
/** The hook by which Babylon (9.34) parses one of its own kinds of mesh. */
type Hooks = { Parse: Parse; _GroundMeshParser: (parsedMesh: Record<string, unknown>, scene: Scene) => Mesh };

let registered = false;

/**
 * Makes .babylon files and `Mesh.Parse` give back a NeuralSdfMesh for each that was serialised: latent code, instances and theirs, options
 * and material. May be called again.
 */
export function registerNeuralSdfSerialization(): void {
  if (registered) return;
  registered = true;
  RegisterClass('BABYLON.NeuralSdfMesh', NeuralSdfMesh);
  const hooks = Mesh as unknown as Hooks;
  const parse = hooks.Parse;
  hooks.Parse = (parsedMesh, scene, rootUrl) => {
    if (parsedMesh.type !== 'NeuralSdfMesh') return adopted(parse.call(Mesh, parsedMesh, scene, rootUrl), parsedMesh.uniqueId);
    const mesh = createFrom(objectAt(parsedMesh.neuralSdf, 'neuralSdf'), String(parsedMesh.name), scene);
    // Babylon knows no kinds of mesh but its own: ours passes as one of them, and gets transform, material, instances and all.
    const ground = hooks._GroundMeshParser;
    hooks._GroundMeshParser = () => mesh;
    try {
      parse.call(Mesh, { ...parsedMesh, type: 'GroundMesh' }, scene, rootUrl);
      restoreInstances(mesh, objectAt(parsedMesh.neuralSdf, 'neuralSdf'));
    } catch (error) {
      mesh.dispose();
      throw error;
    } finally {
      hooks._GroundMeshParser = ground;
    }
    return mesh;
  };
}

/** What `NeuralSdfMesh.serialize` adds to a mesh's JSON. */
function createFrom(json: Readonly<Record<string, unknown>>, name: string, scene: Scene): NeuralSdfMesh {
  const shapes = parseShapes(json.shapes);
  const options = keptOptions(objectAt(json.options ?? {}, 'neuralSdf.options'));
  const latent = numbersAt(json.latent, 'neuralSdf.latent');
  checkLatent(shapes.decoder.spec, latent);
  const shape = shapes.shapes.findIndex((one) => one.latent.every((value, i) => value === latent[i]));
  const mesh = NeuralSdfMesh.Create(name, shapes, scene, { ...options, shape: Math.max(0, shape), material: null });
  try {
    restoreState(mesh, json, latent);
  } catch (error) {
    mesh.dispose();
    throw error;
  }
  // The baked mesh was serialised by itself, and was read before this one or will be after.
  const before = scene.meshes.find((one) => idOf(one) !== null && idOf(one) === json.fallbackUniqueId);
  if (before instanceof Mesh) mesh.adoptFallback(before);
  else waiting.set(json.fallbackUniqueId, new WeakRef(mesh));
  return mesh;
}

/** What properties and methods have set since the mesh was made. */
function restoreState(mesh: NeuralSdfMesh, json: Readonly<Record<string, unknown>>, latent: number[]): void {
  if (json.blend !== undefined) {
    const { ends, factor } = objectAt(json.blend, 'neuralSdf.blend');
    const [from, to] = [0, 1].map((end) => numbersAt(arrayAt(ends, 'neuralSdf.blend.ends', 2)[end], `neuralSdf.blend.ends[${end}]`));
    mesh.blend(from, to, Number(factor));
  }
  // After a blend, too: the code may have been edited since, and is not to be rounded again.
  if (latent.some((value, i) => value !== mesh.latent[i])) mesh.setLatent(latent);
  if (json.edits !== undefined) mesh.edits.load(json.edits);
  mesh.showBaked = (json.showBaked ?? 'never') as ShowBaked;
}

/** Meshes whose baked mesh has not been read yet, by the unique id that it was written with. */
const waiting = new Map<unknown, WeakRef<NeuralSdfMesh>>();

function adopted(fallback: Mesh, writtenId: unknown): Mesh {
  const owner = writtenId === undefined ? undefined : waiting.get(writtenId)?.deref();
  waiting.delete(writtenId);
  if (owner && !owner.isDisposed() && owner.getScene() === fallback.getScene()) owner.adoptFallback(fallback);
  return fallback;
}

/** The unique id that a mesh was written with, until its file has been read. */
function idOf(mesh: AbstractMesh): unknown {
  return (mesh as unknown as { _waitingParsedUniqueId: number | null })._waitingParsedUniqueId;
}

function restoreInstances(mesh: NeuralSdfMesh, json: Readonly<Record<string, unknown>>): void {
  const codes = arrayAt(json.instanceLatents ?? [], 'neuralSdf.instanceLatents', mesh.instances.length);
  for (const [i, code] of codes.entries()) {
    const instance = mesh.instances[i];
    if (code !== null && instance instanceof NeuralSdfInstance) instance.setLatent(numbersAt(code, `neuralSdf.instanceLatents[${i}]`));
  }
  if (json.thinInstanceLatents !== undefined) {
    mesh.setThinInstanceLatents(Float32Array.from(numbersAt(json.thinInstanceLatents, 'neuralSdf.thinInstanceLatents')));
  }
}

function numbersAt(json: unknown, where: string): number[] {
  if (!Array.isArray(json) || !json.every((value) => typeof value === 'number')) refuseAsset(where, 'must be a list of numbers');
  return json;
}

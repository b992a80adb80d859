import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Observable } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { expect } from 'vitest';
import type { DeviceCounts } from './device-counters.js';

/**
 * What there is of all that a shape can leave behind, by name.
 * @param counts of the engine's device
 * @param holders whose listeners are counted
 */
export function takeInventory(
  engine: WebGPUEngine,
  scene: Scene,
  counts: DeviceCounts,
  holders: Readonly<Record<string, object>>,
): Record<string, number> {
  const internals = engine as unknown as { _storageBuffers: unknown[]; _uniformBuffers: { name: string }[]; _compiledEffects: object };
  // Babylon (9.34) keeps one for each scene that ever held a PBRMaterial, from unpacking its table of reflectances, and one for each effect that
  // was disposed of, also of meshes that nothing traces.
  const babylons = internals._uniformBuffers.filter(({ name }) => /rgbdDecode|NEURAL_SDF_DECODER 0/.test(name)).length;
  return {
    buffers: counts.buffers - babylons,
    textures: counts.textures,
    ...Object.fromEntries(
      Object.entries({ engine, scene, ...holders }).map(([name, holder]) => [`listeners of ${name}`, countListeners(holder)]),
    ),
    scenes: engine.scenes.length,
    meshes: scene.meshes.length,
    materials: scene.materials.length,
    sceneTextures: scene.textures.length,
    geometries: scene.geometries.length,
    storageBuffers: internals._storageBuffers.length,
    uniformBuffers: internals._uniformBuffers.length - babylons,
    effects: Object.keys(internals._compiledEffects).length,
  };
}

/** Holds an inventory to an earlier one. One or two buffers are in flight for the last picture; a leak would be one or more a load. */
export function expectNothingLeft(after: Record<string, number>, before: Record<string, number>): void {
  const { buffers, ...others } = before;
  expect(after).toMatchObject(others);
  expect(Math.abs(after.buffers - buffers)).toBeLessThanOrEqual(2);
}

/** Observers of every observable that an object holds. */
function countListeners(holder: object): number {
  let count = 0;
  for (const value of Object.values(holder)) if (value instanceof Observable) count += value.observers.length;
  return count;
}

import { NeuralSdfError } from '../errors.js';

/** A JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** @throws NeuralSdfError ASSET_INVALID saying which field is wrong, and how */
export function refuseAsset(where: string, why: string, details: Json = {}): never {
  throw new NeuralSdfError('ASSET_INVALID', `asset: ${where} ${why}`, { where, ...details });
}

export function objectAt(json: unknown, where: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) refuseAsset(where, 'must be an object');
  return json as Json;
}

export function arrayAt(json: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(json)) refuseAsset(where, 'must be a list');
  const list = json as unknown[];
  if (list.length > most) refuseAsset(where, `has ${list.length} entries, more than ${most}`);
  return list;
}

export function positiveAt(json: unknown, where: string): number {
  if (!Number.isFinite(json) || (json as number) <= 0) refuseAsset(where, `is ${String(json)}, must be a finite number above 0`);
  return json as number;
}

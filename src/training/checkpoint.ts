import { firstNotFinite } from '../decoder/decoder.js';
import type { DecoderSpec } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import type { BatchSourceState } from './batches.js';
import { crc32 } from './crc32.js';
import type { TrainingState } from './engine.js';
import type { TrainingSettings } from './settings.js';
import { checkState, stateLayout } from './state-layout.js';

/** What a run is: two runs with the same identity take the same steps. */
export interface RunIdentity {
  readonly spec: DecoderSpec;
  readonly settings: TrainingSettings;
  readonly seed: number;
  readonly shapeCount: number;
  /** The data's `digest`. */
  readonly samples: string;
}

/** Everything that a run needs to go on as if it had never stopped. */
export interface TrainingCheckpoint {
  readonly identity: RunIdentity;
  readonly state: TrainingState;
  readonly batches: BatchSourceState;
  /** Training time so far, s. */
  readonly elapsedSeconds: number;
  /** Moving mean of the loss, model units. */
  readonly smoothedLoss: number;
  /** Moving mean of a constant's loss, model units. */
  readonly smoothedBaseline: number;
  /** The lowest loss that a checkpoint was saved with as the best of its run, model units, and where; absent before the first. */
  readonly best?: BestCheckpoint;
}

export interface BestCheckpoint {
  readonly loss: number;
  readonly step: number;
}

/*
 * File, little-endian: 'NSDFCKPT' | u32 version | u32 CRC-32 of all that follows | u32 header length | header, JSON in
 * UTF-8, padded with spaces to 4 bytes | float32 parameters, first moments, second moments, each in the order of the state.
 */
const MAGIC = 'NSDFCKPT';
const VERSION = 2;
const PREFIX = MAGIC.length + 12;
const PARTS = ['parameters', 'firstMoments', 'secondMoments'] as const;

/** The checkpoint as a file's bytes; the same checkpoint always gives the same bytes. */
export function serializeCheckpoint(checkpoint: TrainingCheckpoint): Uint8Array {
  const { state, ...rest } = checkpoint;
  const text = toJson({ ...rest, step: state.step });
  let header = new TextEncoder().encode(text);
  header = new TextEncoder().encode(text + ' '.repeat((4 - (header.length % 4)) % 4));
  const tensors = PARTS.flatMap((part) => state[part]);
  const bytes = new Uint8Array(PREFIX + header.length + tensors.reduce((sum, tensor) => sum + 4 * tensor.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(16, header.length, true);
  bytes.set(header, PREFIX);
  let at = PREFIX + header.length;
  for (const tensor of tensors) {
    bytes.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), at);
    at += tensor.byteLength;
  }
  view.setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** @throws NeuralSdfError CHECKPOINT_INVALID for anything that `serializeCheckpoint` did not write */
export function parseCheckpoint(bytes: Uint8Array): TrainingCheckpoint {
  if (bytes.length < PREFIX) throw invalid(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== MAGIC) throw invalid('it does not begin as one');
  if (view.getUint32(8, true) !== VERSION) throw invalid(`version ${view.getUint32(8, true)}, this program reads ${VERSION}`);
  if (view.getUint32(12, true) !== crc32(bytes.subarray(16))) throw invalid('its checksum is wrong: truncated or damaged');
  const headerLength = view.getUint32(16, true);
  if (headerLength > bytes.length - PREFIX || headerLength % 4 !== 0) throw invalid(`header of ${headerLength} bytes`);
  try {
    const header = parseHeader(bytes.subarray(PREFIX, PREFIX + headerLength));
    return { ...header.checkpoint, state: parseTensors(bytes, PREFIX + headerLength, header.checkpoint.identity, header.step) };
  } catch (cause) {
    if (cause instanceof NeuralSdfError && cause.code === 'CHECKPOINT_INVALID') throw cause;
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function invalid(why: string, cause?: unknown): NeuralSdfError {
  return new NeuralSdfError('CHECKPOINT_INVALID', `not a usable training checkpoint: ${why}`, { why }, { cause });
}

function parseHeader(bytes: Uint8Array): { checkpoint: Omit<TrainingCheckpoint, 'state'>; step: number } {
  const header = fromJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Omit<TrainingCheckpoint, 'state'> & { step: number };
  const { identity, batches, step, elapsedSeconds, smoothedLoss, smoothedBaseline, best } = header ?? {};
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isCount(step)) throw invalid(`step is ${step}`);
  if (!isCount(identity?.shapeCount) || identity.shapeCount === 0) throw invalid('it names no shapes');
  if (!Number.isFinite(elapsedSeconds) || elapsedSeconds < 0) throw invalid(`elapsedSeconds is ${elapsedSeconds}`);
  for (const [name, loss] of Object.entries({ smoothedLoss, smoothedBaseline })) {
    if (!Number.isFinite(loss)) throw invalid(`${name} is ${loss}`);
  }
  if (best !== undefined && !(Number.isFinite(best?.loss) && isCount(best.step))) throw invalid(`its best is ${JSON.stringify(best)}`);
  const { random, order, used } = batches ?? {};
  if (!Array.isArray(random) || random.length !== 6 || !random.every(Number.isFinite)) throw invalid('the random state is incomplete');
  const seen = new Set(Array.isArray(order) ? order : []);
  const isOrder = seen.size === identity.shapeCount && order.length === seen.size && order.every((i) => isCount(i) && i < seen.size);
  if (!isOrder || !isCount(used) || used > order.length) throw invalid('the order of shapes is not one');
  return { checkpoint: { identity, batches, elapsedSeconds, smoothedLoss, smoothedBaseline, ...(best && { best }) }, step };
}

function parseTensors(bytes: Uint8Array, from: number, identity: RunIdentity, step: number): TrainingState {
  const layout = stateLayout(identity);
  const length = layout.reduce((sum, tensor) => sum + tensor.length, 0);
  const expected = from + 4 * PARTS.length * length;
  if (bytes.length !== expected) throw invalid(`it has ${bytes.length} bytes, its header says ${expected}`);
  let at = from;
  const read = () =>
    layout.map((tensor) => {
      const values = new Float32Array(tensor.length);
      // Not slice(): Node's Buffer answers that with a view.
      new Uint8Array(values.buffer).set(bytes.subarray(at, at + 4 * tensor.length));
      at += 4 * tensor.length;
      if (firstNotFinite(values) >= 0) throw invalid(`${tensor.name} holds a NaN or an infinity`);
      return values;
    });
  const state = { step, parameters: read(), firstMoments: read(), secondMoments: read() };
  checkState(layout, state);
  return state;
}

/**
 * Refuses a checkpoint of another run, naming the first thing that differs.
 * @throws NeuralSdfError CHECKPOINT_INVALID
 */
export function checkIdentity(saved: RunIdentity, current: RunIdentity): void {
  const [before, now] = [flatten(saved), flatten(current)];
  for (const field of new Set([...before.keys(), ...now.keys()])) {
    const [old, asked] = [before.get(field) ?? 'absent', now.get(field) ?? 'absent'];
    if (old === asked) continue;
    throw new NeuralSdfError(
      'CHECKPOINT_INVALID',
      `the checkpoint belongs to another run: ${field} was ${old}, now it is ${asked}; resume with what it was, or start afresh`,
      { field, saved: old, current: asked },
    );
  }
}

/** Leaves by dotted name, such as 'settings.decoderRate.initial'. */
function flatten(value: object, prefix = ''): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [key, item] of Object.entries(value)) {
    if (item !== null && typeof item === 'object' && !Array.isArray(item)) {
      for (const [name, leaf] of flatten(item, `${prefix}${key}.`)) leaves.set(name, leaf);
    } else if (item !== undefined) leaves.set(prefix + key, toJson(item));
  }
  return leaves;
}

/** JSON has no infinity, and a code bound may be one. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item) => (item === Number.POSITIVE_INFINITY ? { infinity: true } : item));
}

function fromJson(text: string): unknown {
  return JSON.parse(text, (_, item) => (item?.infinity === true ? Number.POSITIVE_INFINITY : item));
}

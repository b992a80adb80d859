import { findShape } from '../asset/find-shape.js';
import type { NeuralShapes } from '../asset/neural-shapes.js';
import { checkLatent } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import { type EditData, type EditLimits, MAX_EDITS, MAX_SHAPE_OPERANDS } from './edit-data.js';

/** Lengths, in half extents of the decoder's box, beyond which float32 on the GPU no longer tells surfaces apart. */
const LONGEST = 100;
const SCALES = [0.01, 100] as const;
/** Share of the truncation distance that offsets may use up: on the rest, the sign must still be told. */
const OFFSET_SHARE = 0.9;

type Fields = Readonly<Record<string, unknown>>;

const OPERATIONS = ['union', 'subtract', 'intersect', 'round', 'shell', 'cut'];
const PRIMITIVES = ['sphere', 'box', 'capsule', 'cylinder', 'torus', 'plane', 'shape'];

/**
 * Beyond its truncation distance a decoder only says "far": a blend wider than that would swell whatever is merely near, and an offset by
 * more would find no surface to stand on. A shape operand scaled down brings its truncation distance down with it.
 */
export function editLimits({ delta }: NeuralShapes, edits: readonly EditData[]): EditLimits {
  const scales = edits.map((edit) => ('operand' in edit && edit.operand.kind === 'shape' ? (edit.operand.scale ?? 1) : 1));
  const trusted = delta * Math.min(1, ...scales);
  return { smoothness: trusted, offset: OFFSET_SHARE * trusted };
}

/**
 * Edits from anywhere: a person, a file.
 * @returns the same list, typed
 * @throws NeuralSdfError INVALID_ARGUMENT with the `field` that is wrong, SHAPE_NOT_FOUND, LATENT_LENGTH, NOT_FINITE (of a latent code)
 */
export function checkEdits(value: unknown, shapes: NeuralShapes): readonly EditData[] {
  if (!Array.isArray(value)) return refuse('edits', value, 'must be a list');
  if (value.length > MAX_EDITS) refuse('edits', value.length, `must be at most ${MAX_EDITS} operations`);
  for (const [index, edit] of value.entries()) checkEdit(edit, shapes, `edits[${index}]`);
  const edits = value as readonly EditData[];
  const neural = edits.filter((edit) => 'operand' in edit && edit.operand.kind === 'shape').length;
  if (neural > MAX_SHAPE_OPERANDS) refuse('edits', neural, `must bring at most ${MAX_SHAPE_OPERANDS} operands of kind 'shape'`);
  checkLimits(edits, editLimits(shapes, edits));
  return edits;
}

function checkEdit(value: unknown, shapes: NeuralShapes, at: string): void {
  const edit = fieldsOf(value, at);
  const length = LONGEST * shapes.halfExtent;
  if (!OPERATIONS.includes(edit.type as string)) refuse(`${at}.type`, edit.type, `must be one of ${OPERATIONS.join(', ')}`);
  if (edit.enabled !== undefined && typeof edit.enabled !== 'boolean') refuse(`${at}.enabled`, edit.enabled, 'must be true or false');
  if (edit.smoothness !== undefined) checkNumber(edit.smoothness, 0, length, `${at}.smoothness`);
  if (edit.type === 'round') checkNumber(edit.radius, 0, length, `${at}.radius`);
  else if (edit.type === 'shell') checkPositive(edit.thickness, length, `${at}.thickness`);
  else if (edit.type === 'cut') {
    checkDirection(edit.normal, 3, `${at}.normal`);
    checkNumber(edit.offset, -length, length, `${at}.offset`);
  } else checkOperand(edit.operand, shapes, `${at}.operand`);
}

function checkOperand(value: unknown, shapes: NeuralShapes, at: string): void {
  const operand = fieldsOf(value, at);
  const length = LONGEST * shapes.halfExtent;
  const lengthOf = (field: string) => checkPositive(operand[field], length, `${at}.${field}`);
  if (!PRIMITIVES.includes(operand.kind as string)) refuse(`${at}.kind`, operand.kind, `must be one of ${PRIMITIVES.join(', ')}`);
  if (operand.position !== undefined) checkNumbers(operand.position, 3, length, `${at}.position`);
  if (operand.rotation !== undefined) checkDirection(operand.rotation, 4, `${at}.rotation`);
  if (operand.scale !== undefined) checkNumber(operand.scale, ...SCALES, `${at}.scale`);
  if (operand.kind === 'shape') checkShape(operand, shapes, at);
  if (operand.kind === 'sphere' || operand.kind === 'capsule' || operand.kind === 'cylinder' || operand.kind === 'torus')
    lengthOf('radius');
  if (operand.kind === 'torus') lengthOf('tube');
  if (operand.kind === 'cylinder' || operand.kind === 'capsule') lengthOf('height');
  if (operand.kind === 'capsule') checkNumber(operand.height, 2 * (operand.radius as number), length, `${at}.height`);
  if (operand.kind === 'box') {
    checkNumbers(operand.size, 3, length, `${at}.size`);
    const smallest = Math.min(...(operand.size as number[]));
    checkPositive(smallest, length, `${at}.size`);
    if (operand.rounding !== undefined) checkNumber(operand.rounding, 0, smallest / 2, `${at}.rounding`);
  }
}

function checkShape(operand: Fields, shapes: NeuralShapes, at: string): void {
  const { shape, latent } = operand;
  if (latent !== undefined) {
    if (!Array.isArray(latent)) refuse(`${at}.latent`, latent, 'must be a list of numbers');
    checkLatent(shapes.decoder.spec, latent as number[]);
  } else if (typeof shape === 'string' || typeof shape === 'number') findShape(shapes, shape);
  else refuse(`${at}.shape`, shape, 'must be the name or the index of a shape');
}

function checkLimits(edits: readonly EditData[], limits: EditLimits): void {
  let offset = 0;
  for (const [index, edit] of edits.entries()) {
    if ('smoothness' in edit && edit.smoothness !== undefined && edit.smoothness > limits.smoothness) {
      const why = `must be at most ${limits.smoothness}: the decoder's distances are not to be trusted farther from the surface`;
      refuse(`edits[${index}].smoothness`, edit.smoothness, why);
    }
    const [field, amount] =
      edit.type === 'round' ? ['radius', edit.radius] : edit.type === 'shell' ? ['thickness', edit.thickness / 2] : ['', 0];
    offset += amount;
    if (offset > limits.offset) {
      const why = `makes offsets (radii and half thicknesses) of ${offset} in all, more than the ${limits.offset} that the decoder's truncation distance leaves room for`;
      refuse(`edits[${index}].${field}`, amount, why);
    }
  }
}

function fieldsOf(value: unknown, field: string): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : refuse(field, value, 'must be an object');
}

function checkNumber(value: unknown, low: number, high: number, field: string): void {
  if (!(typeof value === 'number' && value >= low && value <= high)) refuse(field, value, `must be a number from ${low} to ${high}`);
}

function checkPositive(value: unknown, high: number, field: string): void {
  checkNumber(value, 0, high, field);
  if (value === 0) refuse(field, value, 'must be above 0');
}

function checkNumbers(value: unknown, count: number, most: number, field: string): void {
  if (!Array.isArray(value) || value.length !== count) refuse(field, value, `must be ${count} numbers`);
  for (const [index, one] of (value as unknown[]).entries()) checkNumber(one, -most, most, `${field}[${index}]`);
}

function checkDirection(value: unknown, count: number, field: string): void {
  checkNumbers(value, count, 1e6, field);
  if (Math.hypot(...(value as number[])) < 1e-6) refuse(field, value, 'must not be of length 0');
}

function refuse(field: string, value: unknown, why: string): never {
  throw new NeuralSdfError('INVALID_ARGUMENT', `edit: ${field} is ${JSON.stringify(value) ?? value}, ${why}`, { field, value });
}

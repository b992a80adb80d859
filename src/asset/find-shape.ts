import { NeuralSdfError } from '../errors.js';
import type { NeuralShapes } from './neural-shapes.js';

/** Names that an error lists; `info` lists them all. */
const LISTED = 12;

/**
 * The index of a shape.
 * @param wanted a name, or an index as a number or in digits; a name of digits goes before the index
 * @throws NeuralSdfError SHAPE_NOT_FOUND listing the names there are
 */
export function findShape({ shapes }: NeuralShapes, wanted: number | string): number {
  const byName = shapes.findIndex(({ name }) => name === wanted);
  if (byName >= 0) return byName;
  const index = typeof wanted === 'number' || /^\d+$/.test(wanted) ? Number(wanted) : -1;
  if (shapes[index]) return index;
  const names = shapes.slice(0, LISTED).map(({ name }) => name);
  const listed = names.join(', ') + (shapes.length > LISTED ? ', …' : '');
  throw new NeuralSdfError('SHAPE_NOT_FOUND', `no shape '${wanted}'; there are ${shapes.length}: ${listed}`, { wanted });
}

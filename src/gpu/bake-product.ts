import type { FoldedLayer } from '../decoder/folding.js';
import { floatLiteral } from './wgsl-literal.js';

/** vec4 values that hold a number of rows. */
export const vectors = (rows: number): number => Math.ceil(rows / 4);

/** The indices of a layer's row vectors. */
export const rowVectors = (layer: FoldedLayer): number[] => [...Array(vectors(layer.outputs)).keys()];

/** The last layer: one row, kept as a scalar. */
export const isOutput = (layer: FoldedLayer): boolean => layer.activation === 'linear';

/** Four of a layer's values as a literal, 0 past the end. */
export function vectorLiteral(values: ArrayLike<number>, vector: number): string {
  return `vec4f(${[0, 1, 2, 3].map((i) => floatLiteral(values[4 * vector + i] ?? 0)).join(', ')})`;
}

/** What a layer multiplies: activations of the layer below, or the encoded point. */
export type Part = 'hidden' | 'point';

/** A layer's weight; 0 past the edges, which are filled up to fours. */
export function weightAt({ hidden, point, outputs, weight }: FoldedLayer, part: Part, row: number, column: number): number {
  const columns = part === 'hidden' ? hidden : point;
  if (row >= outputs || column >= columns) return 0;
  return weight[row * (hidden + point) + (part === 'hidden' ? 0 : hidden) + column];
}

/** A number on its way into the vectors of a matrix product. */
export interface Factor {
  /** A WGSL expression, scalar. */
  readonly scalar: string;
  /** The weight that it goes into component i of all vectors by. */
  readonly weight: (i: number) => number;
}

/** Vectors summed side by side: more chains of multiply-adds than one hide each other's latency. */
const SIDE_BY_SIDE = 2;

/**
 * A matrix product as chains of fma, a column at a time. Beside `mat4x4f(block) * vector`, in pairs of runs on lavapipe, 1.14 times as fast
 * at 64 wide and 1.5 times at 32, and compiled in half the time.
 * @param name of the vectors, declared as `var` name0, name1, …
 * @param start what each of them starts with, a WGSL expression
 * @param isParted sums in loops of one turn: see BakeOptions.parts
 */
export function writeProduct(name: string, start: readonly string[], factors: readonly Factor[], isParted = false): string {
  let text = '';
  for (let first = 0; first < start.length; first += SIDE_BY_SIDE) {
    const group = [...Array(Math.min(SIDE_BY_SIDE, start.length - first)).keys()].map((i) => first + i);
    for (const vector of group) text += `var ${name}${vector} = ${start[vector]};\n`;
    const terms = factors.flatMap((factor) => group.map((vector) => writeTerm(`${name}${vector}`, vector, factor))).join('');
    text += isParted ? `for (var turn = 0; turn < 1; turn++) {\n${terms}}\n` : terms;
  }
  return text;
}

/** Adds a number's part to one vector; '' where all its weights are zero. */
export function writeTerm(sum: string, vector: number, { scalar, weight }: Factor): string {
  const weights = [0, 1, 2, 3].map((i) => weight(4 * vector + i));
  if (weights.every((value) => value === 0)) return '';
  return `${sum} = fma(vec4f(${weights.map(floatLiteral).join(',')}), vec4f(${scalar}), ${sum});\n`;
}

/** The components of a row of vectors, by their names. */
export function componentsOf(name: (vector: number) => string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name(i >> 2)}.${'xyzw'[i & 3]}`);
}

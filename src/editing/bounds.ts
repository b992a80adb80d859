import type { CombineStep, EditStep } from './edit-plan.js';

/** An axis-aligned box, model units. */
export interface Box {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

/** Farthest that unions may reach, in half extents of the decoder's box: the grid of free leaps has so many cells and no more. */
const FARTHEST = 8;

/**
 * What the edited surface fits in, by the steps one after another: a union takes in its operand's box, an intersection keeps what both
 * share, a subtraction changes nothing (a smooth one only takes away more).
 * @param halfExtent of the decoder's box
 * @returns clipped: whether a solid goes on beyond the box, such as a half space
 */
export function boundsOf(steps: readonly EditStep[], halfExtent: number): { bounds: Box; clipped: boolean } {
  let bounds: Box = cube(0);
  let clipped = false;
  for (const [index, step] of steps.entries()) {
    if (step.action === 'round' || step.action === 'shell') bounds = grow(bounds, step.amount);
    else if (index === 0) bounds = cube(halfExtent);
    else if (step.action === 'union') {
      // The blend lowers distances by a quarter of its width at most.
      const operand = operandBox(step, halfExtent);
      if (operand) bounds = hull(bounds, grow(operand, step.smoothness / 4 + 0.01 * halfExtent));
      else clipped = true;
    } else if (step.action === 'intersect') {
      const shared = intersection(bounds, grow(operandBox(step, halfExtent) ?? bounds, 0.01 * halfExtent));
      // Nothing shared: nothing is left, which any box holds.
      if (shared) bounds = shared;
    }
  }
  const largest = cube(FARTHEST * halfExtent);
  const kept = intersection(bounds, largest) ?? cube(halfExtent);
  const cut = kept.min.some((low, axis) => low > bounds.min[axis]) || kept.max.some((high, axis) => high < bounds.max[axis]);
  return { bounds: kept, clipped: clipped || cut };
}

/** A box grown by so much on every side. */
export function grow({ min, max }: Box, margin: number): Box {
  return { min: [min[0] - margin, min[1] - margin, min[2] - margin], max: [max[0] + margin, max[1] + margin, max[2] + margin] };
}

/** In model space; undefined for a plane. */
function operandBox({ kind, size, toOperand, scale }: CombineStep, halfExtent: number): Box | undefined {
  if (kind === 'plane') return undefined;
  const [a, b, c, d] = size;
  const half = {
    shape: [halfExtent, halfExtent, halfExtent],
    capsule: [b, a + b, b],
    box: [a + d, b + d, c + d],
    cylinder: [a, b, a],
    torus: [a + b, b, a + b],
  }[kind];
  const middle = [0, 1, 2].map((axis) => -toOperand.reduce((sum, row) => sum + row[axis] * row[3], 0) * scale * scale);
  const reach = [0, 1, 2].map((axis) => toOperand.reduce((sum, row, i) => sum + Math.abs(row[axis]) * half[i], 0) * scale * scale);
  return {
    min: [middle[0] - reach[0], middle[1] - reach[1], middle[2] - reach[2]],
    max: [middle[0] + reach[0], middle[1] + reach[1], middle[2] + reach[2]],
  };
}

function cube(half: number): Box {
  return { min: [-half, -half, -half], max: [half, half, half] };
}

function hull(a: Box, b: Box): Box {
  const [low, high] = [0, 1].map((side) => [0, 1, 2].map((i) => (side ? Math.max(a.max[i], b.max[i]) : Math.min(a.min[i], b.min[i]))));
  return { min: [low[0], low[1], low[2]], max: [high[0], high[1], high[2]] };
}

function intersection(a: Box, b: Box): Box | undefined {
  const low = a.min.map((value, axis) => Math.max(value, b.min[axis]));
  const high = a.max.map((value, axis) => Math.min(value, b.max[axis]));
  if (low.some((value, axis) => value >= high[axis])) return undefined;
  return { min: [low[0], low[1], low[2]], max: [high[0], high[1], high[2]] };
}

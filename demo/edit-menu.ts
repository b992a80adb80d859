import type { Edit, ShapeEdits } from '../plugin/index.js';
import type { OperandData } from '../src/editing/edit-data.js';

/** What can be done to a shape, and what that looks like. */
export const OPERATIONS = {
  subtract: 'Takes the operand away.',
  union: 'Adds the operand.',
  intersect: 'Keeps what the operand holds too.',
  cut: 'Takes away what lies in front of a plane.',
  shell: 'Leaves a wall about the surface: cut it open to look inside.',
  round: 'Swells the shape, which rounds its edges.',
} as const;
export type Operation = keyof typeof OPERATIONS;

/** What the first three combine the shape with. */
export const OPERANDS = ['sphere', 'box', 'capsule', 'cylinder', 'torus', 'another shape'] as const;
export type Operand = (typeof OPERANDS)[number];

export function takesOperand(operation: Operation): operation is 'subtract' | 'union' | 'intersect' {
  return operation === 'subtract' || operation === 'union' || operation === 'intersect';
}

/** Widest blend that an edit starts with, model units. */
const SMOOTHNESS = 0.05;
/** Where an operand starts, model units: in the middle of what is taken away from or kept, above what is added to. */
const MIDDLE = [0, 0, 0] as const;
const ABOVE = [0, 0.45, 0.1] as const;

/**
 * Adds an edit that shows at once, to be moved from there.
 * @param other index of a shape, for the operand 'another shape'
 * @throws NeuralSdfError where the list has no room for it
 */
export function addEdit(edits: ShapeEdits, operation: Operation, operand: Operand, other: number): Edit {
  const { limits } = edits;
  const smoothness = Math.min(SMOOTHNESS, limits.smoothness);
  const add = (): { readonly type: string } => {
    if (takesOperand(operation)) return edits[operation](startOperand(operation, operand, other), { smoothness });
    if (operation === 'cut') return edits.cut([1, 0, 0], 0, {});
    if (operation === 'shell') return edits.shell(0.4 * limits.offset);
    return edits.round(0.3 * limits.offset);
  };
  return add() as Edit;
}

function startOperand(operation: Operation, operand: Operand, other: number): OperandData {
  const position = operation === 'union' ? ABOVE : MIDDLE;
  // What is kept must hold most of the shape.
  const size = operation === 'intersect' ? 2 : 1;
  switch (operand) {
    case 'sphere':
      return { kind: 'sphere', radius: 0.35 * size, position };
    case 'box':
      return { kind: 'box', size: [0.6 * size, 0.4 * size, 0.6 * size], position };
    case 'capsule':
      return { kind: 'capsule', radius: 0.15 * size, height: 0.8 * size, position };
    case 'cylinder':
      return { kind: 'cylinder', radius: 0.25 * size, height: 0.7 * size, position };
    case 'torus':
      return { kind: 'torus', radius: 0.35 * size, tube: 0.1 * size, position };
    case 'another shape':
      return { kind: 'shape', shape: other, position: [0, 0, 0], scale: 1 };
  }
}

import { findShape } from '../asset/find-shape.js';
import type { NeuralShapes } from '../asset/neural-shapes.js';
import { type Box, boundsOf, grow } from './bounds.js';
import type { CutData, EditData, OperandData, Placement } from './edit-data.js';

/** Kinds of operand, in the words of shaders/editing.wgsl. */
export const KINDS = ['shape', 'capsule', 'box', 'cylinder', 'torus', 'plane'] as const;
export type Kind = (typeof KINDS)[number];

/** Combines what there is so far with an operand. */
export interface CombineStep {
  readonly action: 'union' | 'subtract' | 'intersect';
  readonly kind: Kind;
  /** Width of the blend, model units. */
  readonly smoothness: number;
  /** Model units to a unit of the operand's own space. */
  readonly scale: number;
  /** [3][4]: from model space to the operand's own, scale included. */
  readonly toOperand: readonly (readonly [number, number, number, number])[];
  /** Of a primitive: sphere and capsule (half length between the caps' centres, radius), box (half sizes without rounding, rounding), cylinder (radius, half height), torus (ring, tube). */
  readonly size: readonly [number, number, number, number];
  /** Of a shape: 0 is the mesh's own, from 1 on index + 1 into `EditPlan.latents`. */
  readonly field: number;
}

/** f - amount, or |f| - amount. */
export interface OffsetStep {
  readonly action: 'round' | 'shell';
  readonly amount: number;
}

export type EditStep = CombineStep | OffsetStep;

/** Edits made ready to be evaluated, on the processor or the GPU: their first step is the shape's own distance. */
export interface EditPlan {
  readonly steps: readonly EditStep[];
  /** Latent codes of the shapes among the operands. */
  readonly latents: readonly Float32Array[];
  /** Holds the edited surface, model units. */
  readonly bounds: Box;
}

const UNTURNED = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
] as const;

/** The mesh's own shape, as a union with nothing. */
const OWN: CombineStep = { action: 'union', kind: 'shape', smoothness: 0, scale: 1, toOperand: UNTURNED, size: [0, 0, 0, 0], field: 0 };

/**
 * @param edits from `checkEdits`
 * @param shapes whose box is the unedited bounds, and that operands of kind 'shape' name
 */
export function planEdits(edits: readonly EditData[], shapes: NeuralShapes): EditPlan {
  const steps: EditStep[] = [OWN];
  const latents: Float32Array[] = [];
  for (const edit of edits) {
    if (edit.enabled === false) continue;
    if (edit.type === 'round') steps.push({ action: 'round', amount: edit.radius });
    else if (edit.type === 'shell') steps.push({ action: 'shell', amount: edit.thickness / 2 });
    else if (edit.type === 'cut') steps.push(cutStep(edit));
    else steps.push(combineStep(edit.type, edit.operand, edit.smoothness ?? 0, shapes, latents));
  }
  const { bounds, clipped } = boundsOf(steps, shapes.halfExtent);
  // A surface that would leave the box ends at its faces, on the processor and the GPU alike.
  if (clipped) steps.push(boxStep(bounds));
  return { steps, latents, bounds: clipped ? grow(bounds, 0.01 * shapes.halfExtent) : bounds };
}

function combineStep(
  action: CombineStep['action'],
  operand: OperandData,
  smoothness: number,
  shapes: NeuralShapes,
  latents: Float32Array[],
): CombineStep {
  const { scale = 1 } = operand;
  const step = { action, smoothness, scale, toOperand: toOperand(operand), size: [0, 0, 0, 0] as const, field: 0 };
  switch (operand.kind) {
    case 'shape':
      latents.push('latent' in operand ? Float32Array.from(operand.latent) : shapes.shapes[findShape(shapes, operand.shape)].latent);
      return { ...step, kind: 'shape', field: latents.length };
    case 'sphere':
      return { ...step, kind: 'capsule', size: [0, operand.radius, 0, 0] };
    case 'capsule':
      return { ...step, kind: 'capsule', size: [operand.height / 2 - operand.radius, operand.radius, 0, 0] };
    case 'cylinder':
      return { ...step, kind: 'cylinder', size: [operand.radius, operand.height / 2, 0, 0] };
    case 'torus':
      return { ...step, kind: 'torus', size: [operand.radius, operand.tube, 0, 0] };
    case 'plane':
      return { ...step, kind: 'plane' };
    case 'box': {
      const { size, rounding = 0 } = operand;
      return { ...step, kind: 'box', size: [size[0] / 2 - rounding, size[1] / 2 - rounding, size[2] / 2 - rounding, rounding] };
    }
  }
}

/** An intersection with the half space behind the plane, whose distance is the second coordinate of its own space. */
function cutStep({ normal, offset, smoothness = 0 }: CutData): CombineStep {
  const length = Math.hypot(...normal);
  const row = [normal[0] / length, normal[1] / length, normal[2] / length, -offset] as const;
  return { ...OWN, action: 'intersect', kind: 'plane', smoothness, toOperand: [[0, 0, 0, 0], row, [0, 0, 0, 0]] };
}

function boxStep({ min, max }: Box): CombineStep {
  const middle = min.map((low, axis) => (low + max[axis]) / 2);
  const half = min.map((low, axis) => (max[axis] - low) / 2);
  const rows = UNTURNED.map(([x, y, z], axis) => [x, y, z, -middle[axis]] as const);
  return { ...OWN, action: 'intersect', kind: 'box', toOperand: rows, size: [half[0], half[1], half[2], 0] };
}

/** Inverse of: scale, then turn, then move. */
function toOperand({ position = [0, 0, 0], rotation = [0, 0, 0, 1], scale = 1 }: Placement): CombineStep['toOperand'] {
  const length = Math.hypot(...rotation);
  const [x, y, z, w] = rotation.map((value) => value / length);
  // Columns of the rotation's matrix are the rows of its inverse.
  const columns = [
    [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  ];
  return columns.map(([a, b, c]) => {
    const shift = -(a * position[0] + b * position[1] + c * position[2]);
    return [a / scale, b / scale, c / scale, shift / scale] as const;
  });
}

import { MAX_EDITS, MAX_SHAPE_OPERANDS } from './edit-data.js';
import { type EditPlan, KINDS } from './edit-plan.js';

/** vec4 entries of the header, and of a step behind it. */
export const HEADER_VECTORS = 2;
export const STEP_VECTORS = 5;

const ACTIONS = ['union', 'subtract', 'intersect', 'round', 'shell'] as const;

/** Own shape and clipping box come on top of the edits. */
const STEPS = MAX_EDITS + 2;

/**
 * vec4 entries that any list of edits fits in.
 * @param biasVectors of the decoder
 */
export function editVectors(biasVectors: number): number {
  return biasesAt(0, biasVectors) + MAX_SHAPE_OPERANDS * biasVectors;
}

/** Where the biases of a shape operand start, vec4 entries. */
function biasesAt(operand: number, biasVectors: number): number {
  return HEADER_VECTORS + STEPS * STEP_VECTORS + operand * biasVectors;
}

/**
 * Edits as shaders/editing.wgsl reads them: header (middle of the box, number of steps; half of its sides), steps, then the biases of
 * each shape operand.
 * @param packBiases writes the bias table of a latent code, [4 * biasVectors]
 * @param out [4 * editVectors]
 */
export function packEdits(
  plan: EditPlan,
  biasVectors: number,
  packBiases: (latent: Float32Array, out: Float32Array) => void,
  out: Float32Array,
): void {
  const { min, max } = plan.bounds;
  for (let axis = 0; axis < 3; axis++) {
    out[axis] = (min[axis] + max[axis]) / 2;
    out[4 + axis] = (max[axis] - min[axis]) / 2;
  }
  out[3] = plan.steps.length;
  for (const [index, step] of plan.steps.entries()) {
    const at = 4 * (HEADER_VECTORS + index * STEP_VECTORS);
    const action = ACTIONS.indexOf(step.action);
    if ('amount' in step) {
      out.set([action, 0, step.amount, 0], at);
      continue;
    }
    out.set([action, KINDS.indexOf(step.kind), step.smoothness, step.scale], at);
    for (const [row, values] of step.toOperand.entries()) out.set(values, at + 4 + 4 * row);
    out.set(step.size, at + 16);
    if (step.kind === 'shape') out[at + 16] = step.field === 0 ? -1 : biasesAt(step.field - 1, biasVectors);
  }
  for (const [index, latent] of plan.latents.entries()) {
    const first = 4 * biasesAt(index, biasVectors);
    packBiases(latent, out.subarray(first, first + 4 * biasVectors));
  }
}

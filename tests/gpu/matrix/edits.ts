import type { EditData } from '../../../src/editing/edit-data.js';
import type { Configuration, Configurations } from '../../support/matrix.js';

/** In the shader, and in the baked mesh of its place. */
const edited =
  (edits: EditData[]): Configuration['arrange'] =>
  async (stage) => {
    stage.shape.edits.load(edits);
    stage.insteadOfTraced(await stage.bakedOf('torus', stage.shape.editPlan));
  };

export const EDITS: Configurations = {
  'edits united smoothly with a primitive and with another shape': edited([
    {
      type: 'union',
      operand: { kind: 'capsule', radius: 0.15, height: 1.3, position: [0.45, 0.3, -0.35], rotation: [0, 0, 0.3, 1] },
      smoothness: 0.05,
    },
    {
      type: 'union',
      operand: { kind: 'shape', shape: 'box', position: [-0.2, 0.35, 0.3], scale: 0.5, rotation: [0.2, 0.3, 0, 1] },
      smoothness: 0.04,
    },
  ]),
  'edits subtracted, intersected and rounded': edited([
    { type: 'subtract', operand: { kind: 'sphere', radius: 0.3, position: [0.35, 0.25, -0.45] }, smoothness: 0.05 },
    { type: 'intersect', operand: { kind: 'box', size: [1.5, 0.8, 1.6], rounding: 0.05, rotation: [0, 0.2, 0, 1] }, smoothness: 0.03 },
    { type: 'round', radius: 0.03 },
  ]),
  // Samples that met the surface to the last bit, as the shell's subtraction makes them, once left holes in the lip (see `sdfSettle`).
  'edits shell, cut open': edited([
    { type: 'shell', thickness: 0.1 },
    { type: 'cut', normal: [0.3, 1, -0.6], offset: 0.15, smoothness: 0.03 },
  ]),
};

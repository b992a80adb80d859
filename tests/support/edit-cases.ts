import type { EditData, OperandData } from '../../src/editing/edit-data.js';

const turned = [0.3, -0.2, 0.5, 0.8] as const;

/** Every kind of operand, off the axes. */
export const OPERANDS: Record<string, OperandData> = {
  sphere: { kind: 'sphere', radius: 0.4, position: [0.5, 0.3, -0.2] },
  box: { kind: 'box', size: [0.8, 0.5, 1.1], position: [0.3, 0.4, 0.1], rotation: turned },
  'rounded box': { kind: 'box', size: [0.8, 0.5, 1.1], rounding: 0.1, position: [0.3, 0.4, 0.1], rotation: turned, scale: 0.8 },
  capsule: { kind: 'capsule', radius: 0.25, height: 1.4, position: [0.4, -0.1, 0.3], rotation: turned },
  cylinder: { kind: 'cylinder', radius: 0.35, height: 0.9, position: [0.4, 0.2, 0.3], rotation: turned, scale: 1.3 },
  torus: { kind: 'torus', radius: 0.5, tube: 0.15, position: [0.3, 0.5, 0], rotation: turned },
  plane: { kind: 'plane', position: [0.1, 0.1, 0], rotation: turned },
  'another shape': { kind: 'shape', shape: 'box', position: [0.5, 0.2, 0.3], rotation: turned, scale: 0.9 },
  'another latent code, scaled up': { kind: 'shape', latent: [0.2, 0.5, 0.3], position: [-0.6, 0.4, 0.2], scale: 1.6 },
};

/** Every operation with every kind of operand, sharp and smooth, and lists of several. */
export function editCases(): Record<string, EditData[]> {
  const cases: Record<string, EditData[]> = { 'no edit': [] };
  for (const [name, operand] of Object.entries(OPERANDS)) {
    for (const type of ['union', 'subtract', 'intersect'] as const) {
      cases[`${type}, ${name}`] = [{ type, operand }];
      cases[`smooth ${type}, ${name}`] = [{ type, operand, smoothness: 0.08 }];
    }
  }
  cases.round = [{ type: 'round', radius: 0.06 }];
  cases.shell = [{ type: 'shell', thickness: 0.1 }];
  cases.cut = [{ type: 'cut', normal: [1, 2, -0.5], offset: 0.2, smoothness: 0.05 }];
  cases['a far union'] = [{ type: 'union', operand: { kind: 'sphere', radius: 0.5, position: [0, 1.4, 0] }, smoothness: 0.1 }];
  cases.several = [
    { type: 'union', operand: OPERANDS['another shape'], smoothness: 0.05 },
    { type: 'shell', thickness: 0.06 },
    { type: 'subtract', operand: OPERANDS.sphere, enabled: false },
    { type: 'subtract', operand: OPERANDS['another latent code, scaled up'], smoothness: 0.02 },
    { type: 'round', radius: 0.03 },
    { type: 'cut', normal: [0, 0, 1], offset: 0.3 },
  ];
  return cases;
}

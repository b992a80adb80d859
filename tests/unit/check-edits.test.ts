import { describe, expect, it } from 'vitest';
import { checkEdits, editLimits } from '../../src/editing/check-edits.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const shapes = tinyShapes();
const sphere = { kind: 'sphere', radius: 0.2 };
const round = { type: 'round', radius: 0.001 };

describe('edits from anywhere', () => {
  it.each([
    ['not a list', { type: 'round' }, 'edits'],
    ['too many', Array(33).fill(round), 'edits'],
    ['too many neural operands', Array(9).fill({ type: 'union', operand: { kind: 'shape', shape: 0 } }), 'edits'],
    ['no object', [round, null], 'edits[1]'],
    ['an unknown operation', [{ type: 'twist' }], 'edits[0].type'],
    ['an operation named as a member of every object', [{ type: 'constructor' }], 'edits[0].type'],
    ['no operand', [{ type: 'union' }], 'edits[0].operand'],
    ['an unknown kind', [{ type: 'union', operand: { kind: 'teapot' } }], 'edits[0].operand.kind'],
    ['a negative radius', [{ type: 'union', operand: { ...sphere, radius: -1 } }], 'edits[0].operand.radius'],
    ['a radius of 0', [{ type: 'union', operand: { ...sphere, radius: 0 } }], 'edits[0].operand.radius'],
    ['a radius that is none', [{ type: 'union', operand: { ...sphere, radius: '0.2' } }], 'edits[0].operand.radius'],
    ['NaN in a position', [{ type: 'subtract', operand: { ...sphere, position: [0, Number.NaN, 0] } }], 'edits[0].operand.position[1]'],
    ['an endless position', [{ type: 'subtract', operand: { ...sphere, position: [0, 0, 1 / 0] } }], 'edits[0].operand.position[2]'],
    ['two coordinates', [{ type: 'subtract', operand: { ...sphere, position: [0, 0] } }], 'edits[0].operand.position'],
    ['a rotation of length 0', [{ type: 'subtract', operand: { ...sphere, rotation: [0, 0, 0, 0] } }], 'edits[0].operand.rotation'],
    ['a scale of 0', [{ type: 'subtract', operand: { ...sphere, scale: 0 } }], 'edits[0].operand.scale'],
    [
      'a capsule shorter than its caps',
      [{ type: 'union', operand: { kind: 'capsule', radius: 0.3, height: 0.5 } }],
      'edits[0].operand.height',
    ],
    ['a flat box', [{ type: 'union', operand: { kind: 'box', size: [1, 0, 1] } }], 'edits[0].operand.size'],
    [
      'a box rounder than thick',
      [{ type: 'union', operand: { kind: 'box', size: [1, 0.2, 1], rounding: 0.11 } }],
      'edits[0].operand.rounding',
    ],
    ['neither shape nor latent', [{ type: 'union', operand: { kind: 'shape' } }], 'edits[0].operand.shape'],
    ['a negative smoothness', [{ type: 'union', operand: sphere, smoothness: -0.1 }], 'edits[0].smoothness'],
    ['a smoothness beyond delta', [{ type: 'union', operand: sphere, smoothness: 0.11 }], 'edits[0].smoothness'],
    ['a switch that is none', [{ ...round, enabled: 1 }], 'edits[0].enabled'],
    ['a negative rounding', [{ type: 'round', radius: -0.01 }], 'edits[0].radius'],
    [
      'offsets beyond delta together',
      [
        { type: 'round', radius: 0.05 },
        { type: 'shell', thickness: 0.1 },
      ],
      'edits[1].thickness',
    ],
    ['a wall of no thickness', [{ type: 'shell', thickness: 0 }], 'edits[0].thickness'],
    ['a cut without direction', [{ type: 'cut', normal: [0, 0, 0], offset: 0 }], 'edits[0].normal'],
    ['a cut without offset', [{ type: 'cut', normal: [0, 0, 1] }], 'edits[0].offset'],
  ])('are refused with the field: %s', (_, edits, field) => {
    expect(() => checkEdits(edits, shapes)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(field),
        details: expect.objectContaining({ field }),
      }),
    );
  });

  it('are refused with the code of what they name wrongly', () => {
    const operand = (fields: object) => [{ type: 'union', operand: { kind: 'shape', ...fields } }];
    expect(() => checkEdits(operand({ shape: 'unknown' }), shapes)).toThrow(expect.objectContaining({ code: 'SHAPE_NOT_FOUND' }));
    expect(() => checkEdits(operand({ latent: [1] }), shapes)).toThrow(expect.objectContaining({ code: 'LATENT_LENGTH' }));
    expect(() => checkEdits(operand({ latent: [1, Number.NaN, 0] }), shapes)).toThrow(expect.objectContaining({ code: 'NOT_FINITE' }));
  });

  it('leave less room where an operand of the decoder is scaled down', () => {
    expect(editLimits(shapes, [])).toEqual({ smoothness: 0.1, offset: expect.closeTo(0.09) });
    const half = { type: 'union', operand: { kind: 'shape', shape: 'box', scale: 0.5 }, smoothness: 0.05 } as const;
    expect(editLimits(shapes, [half])).toEqual({ smoothness: 0.05, offset: expect.closeTo(0.045) });
    expect(checkEdits([half], shapes)).toEqual([half]);
    expect(() => checkEdits([half, { type: 'round', radius: 0.06 }], shapes)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

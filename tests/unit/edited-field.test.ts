import { describe, expect, it } from 'vitest';
import type { DistanceEvaluator } from '../../src/decoder/evaluator.js';
import { bakeEdited } from '../../src/editing/bake-edited.js';
import { checkEdits } from '../../src/editing/check-edits.js';
import type { EditData, OperandData } from '../../src/editing/edit-data.js';
import { planEdits } from '../../src/editing/edit-plan.js';
import { EditedField } from '../../src/editing/edited-field.js';
import { meshVolume } from '../../src/mesh-volume.js';
import { Random } from '../../src/random.js';
import { OPERANDS } from '../support/edit-cases.js';
import { tinyShapes } from '../support/tiny-shapes.js';

/** Spheres in the decoder's place, and a truncation distance that never cuts off. */
const sphere = (radius: number): DistanceEvaluator => ({
  evaluate: (points, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.hypot(...points.subarray(3 * i, 3 * i + 3)) - radius;
  },
});
const shapes = { ...tinyShapes(), delta: 10, halfExtent: 1 };

function fieldOf(edits: readonly EditData[], delta = shapes.delta): EditedField {
  const plan = planEdits(checkEdits(edits, { ...shapes, delta }), shapes);
  return new EditedField(plan, { ...shapes, delta }, [sphere(0.5), ...plan.latents.map(() => sphere(0.3))]);
}

function distanceAt(edits: readonly EditData[], ...point: [number, number, number]): number {
  const out = new Float32Array(1);
  fieldOf(edits).evaluate(Float32Array.from(point), out);
  return out[0];
}

const union = (operand: OperandData, smoothness = 0): EditData => ({ type: 'union', operand, smoothness });
const ball = { kind: 'sphere', radius: 0.2, position: [0.5, 0, 0] } as const;

describe('the distance of an edited shape', () => {
  it('is the shape without edits', () => {
    expect(distanceAt([], 0.8, 0, 0)).toBeCloseTo(0.3);
    expect(distanceAt([{ ...union(ball), enabled: false }], 0.8, 0, 0)).toBeCloseTo(0.3);
  });

  it('of a union is the smaller one, of a subtraction and an intersection the larger ones', () => {
    expect(distanceAt([union(ball)], 0.8, 0, 0)).toBeCloseTo(0.1);
    expect(distanceAt([{ type: 'subtract', operand: ball }], 0.4, 0, 0)).toBeCloseTo(0.1);
    expect(distanceAt([{ type: 'intersect', operand: ball }], 0, 0, 0)).toBeCloseTo(0.3);
  });

  it('of a smooth union lies a quarter of the smoothness lower where both are equal, and ends where they differ by it', () => {
    const other = { kind: 'sphere', radius: 0.5, position: [1.6, 0, 0] } as const;
    expect(distanceAt([union(other, 0.4)], 0.8, 0, 0)).toBeCloseTo(0.3 - 0.1);
    expect(distanceAt([union(other, 0.4)], 0.55, 0, 0)).toBeCloseTo(0.05);
  });

  it('of rounding, shell and cut', () => {
    expect(distanceAt([{ type: 'round', radius: 0.1 }], 0.8, 0, 0)).toBeCloseTo(0.2);
    expect(distanceAt([{ type: 'shell', thickness: 0.1 }], 0.2, 0, 0)).toBeCloseTo(0.25);
    expect(distanceAt([{ type: 'shell', thickness: 0.1 }], 0.48, 0, 0)).toBeCloseTo(-0.03);
    expect(distanceAt([{ type: 'cut', normal: [0, 2, 0], offset: 0.1 }], 0, 0.3, 0)).toBeCloseTo(0.2);
    expect(distanceAt([{ type: 'cut', normal: [0, 2, 0], offset: 0.1 }], 0, -0.4, 0)).toBeCloseTo(-0.1);
  });

  it('comes in the order of the list', () => {
    const cut: EditData = { type: 'cut', normal: [1, 0, 0], offset: 0 };
    const shell: EditData = { type: 'shell', thickness: 0.1 };
    // Shell first: the cut opens it. Cut first: the shell has a wall there.
    expect(distanceAt([shell, cut], -0.02, 0, 0)).toBeGreaterThan(0.3);
    expect(distanceAt([cut, shell], -0.02, 0, 0)).toBeCloseTo(0.02 - 0.05);
  });

  it.each([
    ['sphere', { kind: 'sphere', radius: 0.2 }, [0, 3, 0], 2.8],
    ['box, beyond a corner', { kind: 'box', size: [0.2, 0.4, 0.6] }, [3.1, 4.2, 0], 5],
    ['rounded box', { kind: 'box', size: [0.2, 0.4, 0.6], rounding: 0.05 }, [0, 3, 0], 2.8],
    ['capsule', { kind: 'capsule', radius: 0.1, height: 0.8 }, [0, 3, 0], 2.6],
    ['cylinder, beyond its rim', { kind: 'cylinder', radius: 0.1, height: 0.8 }, [3.1, 4.4, 0], 5],
    ['torus', { kind: 'torus', radius: 0.3, tube: 0.1 }, [3.3, 4, 0], 4.9],
    ['scaled torus', { kind: 'torus', radius: 0.3, tube: 0.1, scale: 2 }, [3.6, 4, 0], 4.8],
    ['turned and moved box', { kind: 'box', size: [0.2, 0.4, 0.6], position: [0, 1, 0], rotation: [0, 0, 1, 1] }, [3, 1, 0], 2.8],
  ] as [string, OperandData, [number, number, number], number][])('of a primitive: %s', (_, operand, point, expected) => {
    const field = fieldOf([{ type: 'intersect', operand: { kind: 'sphere', radius: 0.001, position: [0, -50, 0] } }, union(operand)]);
    const out = new Float32Array(1);
    field.evaluate(Float32Array.from(point), out);
    expect(out[0]).toBeCloseTo(expected, 4);
  });

  it('never claims more room than there is, beyond the box too', () => {
    const random = new Random(3);
    const points = Float32Array.from({ length: 6000 }, () => random.range(-2, 2));
    const distances = new Float32Array(2000);
    fieldOf([], 0.1).evaluate(points, distances);
    for (let i = 0; i < 2000; i++) {
      const truth = Math.hypot(...points.subarray(3 * i, 3 * i + 3)) - 0.5;
      expect(distances[i]).toBeLessThan(Math.max(truth, -0.1) + 1e-6);
      expect(Math.sign(distances[i])).toBe(Math.sign(truth));
    }
  });

  it.each(Object.entries(OPERANDS))('has the gradient of its own differences: smooth union with %s', (_, operand) => {
    const field = fieldOf([union(operand, 0.1)]);
    const random = new Random(9);
    const count = 500;
    const points = Float32Array.from({ length: 3 * count }, () => random.range(-1.3, 1.3));
    const [distances, gradients] = [new Float32Array(count), new Float32Array(3 * count)];
    field.evaluateGradient(points, distances, gradients);
    const sides = [2e-3, -2e-3].map((step) =>
      [0, 1, 2].map((axis) => {
        const out = new Float32Array(count);
        field.evaluate(
          points.map((value, i) => (i % 3 === axis ? value + step : value)),
          out,
        );
        return out;
      }),
    );
    let off = 0;
    for (let i = 0; i < count; i++) {
      const error = [0, 1, 2].map((axis) => (sides[0][axis][i] - sides[1][axis][i]) / 4e-3 - gradients[3 * i + axis]);
      if (Math.hypot(...error) > 0.01) off++;
    }
    // Edges of primitives and faces of the box, where the gradient jumps.
    expect(off / count).toBeLessThan(0.03);
  });
});

describe('the box and the mesh of an edited shape', () => {
  it('takes in what a union adds, keeps what an intersection leaves', () => {
    const { bounds } = planEdits([union({ kind: 'capsule', radius: 0.1, height: 2, position: [0, 1, 0] }, 0.08)], shapes);
    expect(bounds.max[1]).toBeGreaterThan(2);
    expect(bounds.max[1]).toBeLessThan(2.1);
    expect([bounds.min[0], bounds.max[0], bounds.min[1]]).toEqual([-1, 1, -1]);
    const kept = planEdits([{ type: 'intersect', operand: { kind: 'sphere', radius: 0.2, position: [0.9, 0, 0] } }], shapes).bounds;
    expect(kept.min[0]).toBeCloseTo(0.69);
    expect(kept.max[0]).toBe(1);
    expect(kept.max[1]).toBeCloseTo(0.21);
  });

  it('ends a half space at its faces', () => {
    const edits: EditData[] = [union({ kind: 'plane' })];
    expect(distanceAt(edits, 0, -0.9, 0)).toBeCloseTo(-0.1);
    expect(distanceAt(edits, 1.2, -0.5, 0)).toBeCloseTo(0.2);
  });

  it('is baked around its own middle', async () => {
    const plan = planEdits([union({ kind: 'sphere', radius: 0.4, position: [0, 1.5, 0] })], shapes);
    const field = new EditedField(plan, shapes, [sphere(0.5)]);
    const mesh = await bakeEdited(field, plan, { resolution: 64, stepScale: 1, normals: false });
    expect(meshVolume(mesh)).toBeCloseTo((4 / 3) * Math.PI * (0.5 ** 3 + 0.4 ** 3), 2);
    const heights = mesh.positions.filter((_, i) => i % 3 === 1);
    expect(Math.max(...heights)).toBeCloseTo(1.9, 2);
    expect(Math.min(...heights)).toBeCloseTo(-0.5, 2);
  });
});

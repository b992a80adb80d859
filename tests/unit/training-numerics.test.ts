import { describe, expect, it } from 'vitest';
import { Random } from '../../src/random.js';
import { adamFactors, adamStep } from '../../src/training/adam.js';
import { boundLatents } from '../../src/training/code-bound.js';
import { checkCollapse, constantPredictionLoss } from '../../src/training/collapse.js';
import { sampleLoss, sampleLossDerivative } from '../../src/training/loss.js';
import { weightNormGradient } from '../../src/training/weight-norm.js';

describe('loss', () => {
  const delta = 0.1;

  it.each([
    // predicted, target, clamped-l1, saturated-l1
    [0.02, 0.05, 0.03, 0.03],
    [-0.02, 0.05, 0.07, 0.07],
    [0.3, 0.05, 0.05, 0.25],
    [-0.3, 0.05, 0.15, 0.35],
    [0.3, 0.5, 0, 0],
    [0.04, 0.5, 0.06, 0.06],
    [-0.3, 0.5, 0.2, 0.4],
    [-0.3, -0.5, 0, 0],
    [0.3, -0.5, 0.2, 0.4],
  ])('of %f against %f is %f clamped, %f saturated', (predicted, target, clamped, saturated) => {
    expect(sampleLoss('clamped-l1', predicted, target, delta)).toBeCloseTo(clamped, 12);
    expect(sampleLoss('saturated-l1', predicted, target, delta)).toBeCloseTo(saturated, 12);
  });

  it.each(['clamped-l1', 'saturated-l1'] as const)('%s: its derivative agrees with central differences', (kind) => {
    const random = new Random(1);
    const h = 1e-7;
    const directions = new Set<number>();
    for (let i = 0; i < 2000; i++) {
      const [predicted, target] = [random.range(-0.3, 0.3), random.range(-0.3, 0.3)];
      const numeric = (sampleLoss(kind, predicted + h, target, delta) - sampleLoss(kind, predicted - h, target, delta)) / (2 * h);
      const derivative = sampleLossDerivative(kind, predicted, target, delta);
      expect(derivative).toBeCloseTo(numeric, 6);
      directions.add(derivative + 0);
    }
    expect(directions).toEqual(new Set([-1, 0, 1]));
  });

  it('keeps a gradient for a prediction beyond delta on the wrong side only when saturated', () => {
    expect(sampleLossDerivative('clamped-l1', 0.14, -0.05, delta)).toBe(0);
    expect(sampleLossDerivative('saturated-l1', 0.14, -0.05, delta)).toBe(1);
    expect(sampleLossDerivative('saturated-l1', 0.14, 0.2, delta)).toBe(0);
  });
});

describe('weight normalisation', () => {
  it('backwards agrees with central differences', () => {
    const random = new Random(2);
    const [rows, columns] = [3, 5];
    const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
    const [v, g, upstream] = [draw(rows * columns), draw(rows), draw(rows * columns)];
    const value = () => {
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        const norm = Math.hypot(...v.subarray(row * columns, (row + 1) * columns));
        for (let i = row * columns; i < (row + 1) * columns; i++) sum += (upstream[i] * g[row] * v[i]) / norm;
      }
      return sum;
    };
    const gradient = weightNormGradient(v, g, upstream, columns);
    for (const [tensor, expected] of [
      [v, gradient.v],
      [g, gradient.g],
    ]) {
      tensor.forEach((before, at) => {
        tensor[at] = before + 1e-6;
        const up = value();
        tensor[at] = before - 1e-6;
        const down = value();
        tensor[at] = before;
        expect(expected[at]).toBeCloseTo((up - down) / 2e-6, 7);
      });
    }
  });

  it('gives a row of length 0 no gradient', () => {
    const gradient = weightNormGradient(new Float64Array(4), Float64Array.of(1, 2), Float64Array.of(1, 2, 3, 4), 2);
    expect([...gradient.v, ...gradient.g]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('Adam', () => {
  it('takes the steps of the paper, worked out by hand', () => {
    const [p, m, v] = [Float64Array.of(1), Float64Array.of(0), Float64Array.of(0)];
    adamStep(p, Float64Array.of(0.5), m, v, adamFactors(0.1, 1));
    // The first step is rate * sign(gradient) but for epsilon.
    expect(p[0]).toBeCloseTo(1 - (0.1 * 0.5) / (0.5 + 1e-8), 12);
    adamStep(p, Float64Array.of(-0.25), m, v, adamFactors(0.1, 2));
    const first = 0.9 * 0.05 + 0.1 * -0.25;
    const second = 0.999 * 0.00025 + 0.001 * 0.0625;
    expect(m[0]).toBeCloseTo(first, 15);
    expect(v[0]).toBeCloseTo(second, 15);
    const [meanHat, squareHat] = [first / (1 - 0.81), second / (1 - 0.998001)];
    expect(p[0]).toBeCloseTo(1 - (0.1 * 0.5) / (0.5 + 1e-8) - (0.1 * meanHat) / (Math.sqrt(squareHat) + 1e-8), 12);
  });

  it('moves a parameter without a gradient by its momentum', () => {
    const [p, m, v] = [Float64Array.of(1), Float64Array.of(0.1), Float64Array.of(0.01)];
    adamStep(p, Float64Array.of(0), m, v, adamFactors(0.1, 5));
    expect(p[0]).toBeLessThan(1);
    expect(m[0]).toBeCloseTo(0.09, 12);
  });
});

describe('code bound', () => {
  it('scales back the rows beyond it and leaves the others alone', () => {
    const table = Float32Array.of(3, 4, 0.3, 0.4, 0, 0);
    boundLatents(table, 2, 1);
    expect([...table]).toEqual([3 / 5, 4 / 5, 0.3, 0.4, 0, 0].map(Math.fround));
    boundLatents(table, 2, Number.POSITIVE_INFINITY);
    expect(table[1]).toBe(Math.fround(4 / 5));
  });
});

describe('collapse', () => {
  const shapes = Uint32Array.of(0, 1);
  const distances = Float32Array.of(-0.01, 0.02, -0.04, 0.5);
  const baseline = constantPredictionLoss({ shapes, samplesPerShape: 2, distances }, 0.1);

  it('measures what the best constant would reach', () => {
    expect(baseline).toBeCloseTo((0.01 + 0.02 + 0.04 + 0.1) / 4, 8);
  });

  it('does not count the points of stencils, whose distances say nothing', () => {
    const withStencils = Float32Array.from([...distances.subarray(0, 2), 0, 0, 0, 0, ...distances.subarray(2), 0, 0, 0, 0]);
    expect(constantPredictionLoss({ shapes, samplesPerShape: 6, stencilsPerShape: 1, distances: withStencils }, 0.1)).toBe(baseline);
  });

  it('is reported for a loss that is not finite at once, for a stuck one after a while, for a slow one never', () => {
    const collapsed = expect.objectContaining({ code: 'TRAINING_COLLAPSED' });
    expect(() => checkCollapse(1, Number.NaN, 0.01, baseline)).toThrowError(collapsed);
    expect(() => checkCollapse(999, baseline, baseline, baseline)).not.toThrow();
    expect(() => checkCollapse(1000, baseline, baseline, baseline)).toThrowError(collapsed);
    expect(() => checkCollapse(50000, 0.14, 0.14, baseline)).toThrowError(collapsed);
    expect(() => checkCollapse(50000, 0.9 * baseline, 0.9 * baseline, baseline)).not.toThrow();
  });
});

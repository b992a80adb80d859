import type { ShapeSamples } from '../../src/dataset/samples.js';
import { Random } from '../../src/random.js';

type Field = (x: number, y: number, z: number) => number;

const torus: Field = (x, y, z) => Math.hypot(Math.hypot(x, z) - 0.5, y) - 0.2;
const ball: Field = (x, y, z) => Math.hypot(x, y, z) - 0.6;

/** Samples of a distance function: half near its surface, half anywhere in the cube. */
export function sampleField(name: string, distance: Field, count = 12000): ShapeSamples {
  const random = new Random(9);
  const sides = { positive: [] as number[], negative: [] as number[] };
  for (let drawn = 0; drawn < count; ) {
    const point = [random.range(-0.95, 0.95), random.range(-0.95, 0.95), random.range(-0.95, 0.95)] as const;
    const value = distance(...point);
    if (drawn % 2 === 0 && Math.abs(value) > 0.05) continue;
    (value > 0 ? sides.positive : sides.negative).push(...point, value);
    drawn++;
  }
  return { name, positive: Float32Array.from(sides.positive), negative: Float32Array.from(sides.negative) };
}

/** A torus and two balls. */
export function sampledFields(): ShapeSamples[] {
  return [
    sampleField('torus', torus),
    sampleField('ball', ball),
    sampleField('pebble', (x, y, z) => ball(1.8 * x, 1.8 * y, 1.8 * z) / 1.8),
  ];
}

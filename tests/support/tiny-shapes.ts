import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { createDecoder, type Decoder, initializeDecoder } from '../../src/decoder/decoder.js';
import { referenceDistance, referenceSample } from '../../src/decoder/reference.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { Random } from '../../src/random.js';

const DELTA = 0.1;
const HALF_EXTENT = 1.05;
const SPEC: DecoderSpec = {
  ...DEFAULT_DECODER_SPEC,
  codeLength: 3,
  dims: [24, 24, 24],
  latentIn: [],
  latentInAll: true,
  fourierOctaves: 1,
  normLayers: [],
  weightNorm: false,
  outputTanh: false,
};

/** Exact signed distances, in model units: what the tiny decoder is fitted to. */
export const ANALYTIC_SHAPES: readonly { name: string; distance(x: number, y: number, z: number): number }[] = [
  { name: 'torus', distance: (x, y, z) => Math.hypot(Math.hypot(x, z) - 0.6, y) - 0.25 },
  { name: 'sphere', distance: (x, y, z) => Math.hypot(x, y, z) - 0.65 },
  { name: 'box', distance: (x, y, z) => boxDistance(Math.abs(x) - 0.4, Math.abs(y) - 0.6, Math.abs(z) - 0.3) - 0.1 },
];

function boxDistance(x: number, y: number, z: number): number {
  return Math.hypot(Math.max(x, 0), Math.max(y, 0), Math.max(z, 0)) + Math.min(Math.max(x, y, z), 0);
}

/** One-hot codes: with the latent fixed, plain regression replaces auto-decoding. */
const latentOf = (shape: number): Float32Array => Float32Array.from({ length: SPEC.codeLength }, (_, i) => (i === shape ? 1 : 0));

/**
 * A 3x24 decoder of a torus, a sphere and a rounded box, fitted in some seconds of plain JavaScript and kept in .cache/.
 * Small, so that its shader compiles in a second or two even on a software GPU.
 */
export function tinyShapes(): NeuralShapes {
  const path = new URL('../../.cache/tiny-decoder.json', import.meta.url);
  const decoder = existsSync(path) ? parse(readFileSync(path, 'utf8')) : fitDecoder();
  if (!existsSync(path)) {
    mkdirSync(new URL('.', path), { recursive: true });
    writeFileSync(path, JSON.stringify(decoder.layers.map(({ weight, bias }) => ({ weight: [...weight], bias: [...bias] }))));
  }
  const shapes = ANALYTIC_SHAPES.map(({ name }, i) => ({ name, latent: latentOf(i) }));
  return { decoder, shapes, delta: DELTA, stepScale: 0.8, halfExtent: HALF_EXTENT };
}

function parse(text: string): Decoder {
  const layers = JSON.parse(text) as { weight: number[]; bias: number[] }[];
  return createDecoder(
    SPEC,
    layers.map(({ weight, bias }) => ({ weight: Float32Array.from(weight), bias: Float32Array.from(bias) })),
  );
}

/** Adam on the clamped L1 loss (Park 2019 eq. 4), fresh points every step. */
function fitDecoder(): Decoder {
  const random = new Random(7);
  const started = initializeDecoder(SPEC, random);
  const decoder = createDecoder(
    SPEC,
    started.layers.map(({ weight, bias }) => ({ weight: Float64Array.from(weight), bias: Float64Array.from(bias) })),
  );
  const parameters = decoder.layers.flatMap(({ weight, bias }) => [weight, bias]);
  const gradients = decoder.layers.map(({ weight, bias }) => ({
    weight: new Float64Array(weight.length),
    bias: new Float64Array(bias.length),
  }));
  const moments = parameters.map(({ length }) => ({ first: new Float64Array(length), second: new Float64Array(length) }));
  const steps = 3000;
  const batch = 96;
  for (let step = 1; step <= steps; step++) {
    for (const { weight, bias } of gradients) {
      weight.fill(0);
      bias.fill(0);
    }
    for (let i = 0; i < batch; i++) {
      const shape = i % ANALYTIC_SHAPES.length;
      const { point, target } = drawSample(shape, random);
      const sample = referenceSample(decoder, latentOf(shape), point);
      sample.backward(clampedL1(sample.distance, target) / batch, gradients);
    }
    const rate = 0.01 * 0.5 ** (step / 800);
    const flat = gradients.flatMap(({ weight, bias }) => [weight, bias]);
    parameters.forEach((values, k) => {
      const { first, second } = moments[k];
      for (let i = 0; i < values.length; i++) {
        const g = flat[k][i];
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        values[i] -= (rate * (first[i] / (1 - 0.9 ** step))) / (Math.sqrt(second[i] / (1 - 0.999 ** step)) + 1e-8);
      }
    });
  }
  return createDecoder(
    SPEC,
    decoder.layers.map(({ weight, bias }) => ({ weight: Float32Array.from(weight), bias: Float32Array.from(bias) })),
  );
}

const clamp = (value: number): number => Math.min(DELTA, Math.max(-DELTA, value));

/** Slope of |clamp(distance) - clamp(target)|, except that a distance beyond delta on the wrong side is still pulled back. */
function clampedL1(distance: number, target: number): number {
  return Math.sign(clamp(distance) - clamp(target));
}

/** Two in three points within delta of the surface, the others anywhere. */
function drawSample(shape: number, random: Random): { point: number[]; target: number } {
  const { distance } = ANALYTIC_SHAPES[shape];
  const near = random.uniform() < 0.67;
  for (;;) {
    const point = [0, 1, 2].map(() => random.range(-HALF_EXTENT, HALF_EXTENT));
    const target = distance(point[0], point[1], point[2]);
    if (!near || Math.abs(target) < DELTA) return { point, target };
  }
}

/** Mean of |decoder - truth| near each surface, model units: how far the tiny decoder can be trusted. */
export function tinyDecoderError(shapes: NeuralShapes): number[] {
  const random = new Random(11);
  return ANALYTIC_SHAPES.map((_, shape) => {
    let sum = 0;
    for (let i = 0; i < 2000; i++) {
      const { point, target } = drawSample(shape, random);
      sum += Math.abs(clamp(referenceDistance(shapes.decoder, latentOf(shape), point)) - clamp(target));
    }
    return sum / 2000;
  });
}

import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { createDecoder, type Decoder } from '../../src/decoder/decoder.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';

const SPEC: DecoderSpec = {
  ...DEFAULT_DECODER_SPEC,
  codeLength: 3,
  dims: [6],
  latentIn: [],
  latentInAll: true,
  normLayers: [],
  weightNorm: false,
  outputTanh: false,
};

/**
 * Six ReLU units whose sum is |x - x0| + |y - y0| + |z|: an octahedron, its place and its size by the latent code. The least that is a
 * decoder with all its parts: for tests of what comes and goes about a shape, whose shaders are compiled again and again.
 * @param size half the distance between opposite corners where the code says nothing, model units
 */
export function octahedronDecoder(size = 0.6): Decoder {
  const units = [0, 1, 2].flatMap((axis) => [1, -1].map((sign) => ({ axis, sign })));
  const place = [
    [0, 0.35, 0],
    [0, 0, 0.3],
    [0, 0, 0],
  ];
  const first = units.flatMap(({ axis, sign }) => [
    ...place[axis].map((moved) => -sign * moved),
    ...[0, 1, 2].map((other) => (other === axis ? sign : 0)),
  ]);
  // Along the normal of a face, the sum grows by the square root of three.
  const last = [1, 1, 1, 1, 1, 1, -0.3, 0, 0].map((weight) => weight / Math.sqrt(3));
  return createDecoder(SPEC, [
    { weight: Float32Array.from(first), bias: new Float32Array(6) },
    { weight: Float32Array.from(last), bias: Float32Array.of(-size / Math.sqrt(3)) },
  ]);
}

/** Shapes of that decoder, which one can tell from each other. */
export function octahedra(): NeuralShapes {
  const shapes = ['large', 'right', 'high'].map((name, i) => ({ name, latent: Float32Array.from([0, 1, 2], (k) => (k === i ? 1 : 0)) }));
  return { decoder: octahedronDecoder(), shapes, delta: 0.1, stepScale: 1, halfExtent: 1.05 };
}

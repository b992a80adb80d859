import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDecoder, type Decoder, type FloatArray, initializeDecoder } from '../../src/decoder/decoder.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { measureKinkWidths } from '../../src/decoder/kink-widths.js';
import type { LayerNorm } from '../../src/decoder/layer-norm.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec } from '../../src/decoder/spec.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { floatLiteral } from '../../src/gpu/wgsl-literal.js';
import { Random } from '../../src/random.js';

const POINTS = 8000;

const base: DecoderSpec = { ...DEFAULT_DECODER_SPEC, codeLength: 4, dims: [24, 24, 24], latentIn: [] };
const variants: Record<string, DecoderSpec> = {
  'plain, tanh': base,
  'skip, widths not multiples of four': { ...base, dims: [18, 23, 21], latentIn: [2], outputTanh: false },
  'point in all': { ...base, xyzInAll: true },
  'latent in all, two octaves': { ...base, latentInAll: true, fourierOctaves: 2, outputTanh: false },
  'tanh twice, a hidden layer of one': { ...base, dims: [24, 1, 24], innerTanh: true },
  'inner tanh alone': { ...base, innerTanh: true, outputTanh: false },
  'sine, skip': { ...base, dims: [26, 23, 24], latentIn: [2], activation: 'sine', activationScale: 10, outputTanh: false },
  softplus: { ...base, activation: 'softplus', activationScale: 100 },
  'ELU, one octave': { ...base, activation: 'elu', activationScale: 1.5, fourierOctaves: 1 },
  'layer norm': { ...base, weightNorm: false, dims: [18, 23, 21], latentIn: [2] },
  'layer norm of some, sine': { ...base, weightNorm: false, normLayers: [1], activation: 'sine', activationScale: 3, outputTanh: false },
};

/** Fresh weights give gradients near 0, and fresh layer norms do nothing: either would hide a mistake. */
function makeDecoder(spec: DecoderSpec, seed: number): Decoder {
  const random = new Random(seed);
  const { layers } = initializeDecoder(spec, random);
  const drawn = (mean: number, values: FloatArray) => Float32Array.from(values, () => mean + 0.3 * random.normal());
  const change = ({ gain, shift }: LayerNorm) => ({ gain: drawn(1, gain), shift: drawn(0, shift) });
  return createDecoder(
    spec,
    layers.map(({ weight, bias, layerNorm }) => ({
      weight: Float32Array.from(weight, (value) => 2 * value),
      bias,
      ...(layerNorm && { layerNorm: change(layerNorm) }),
    })),
  );
}

let device: GPUDevice;
beforeAll(async () => {
  device = (await openDevice()).device;
});
afterAll(() => device.destroy());

/** Gradient and distance at each point, by the baked WGSL. */
async function evaluateBaked(
  spec: DecoderSpec,
  seed: number,
  latent: number[],
  points: Float32Array,
  blur = 0,
  parts = false,
): Promise<Float32Array> {
  const decoder = makeDecoder(spec, seed);
  const folded = foldDecoder(decoder);
  const kinkWidths = blur > 0 ? measureKinkWidths(folded, foldBiases(decoder, latent), blur) : undefined;
  const baked = bakeDecoder(folded, { gradient: true, kinkWidths, parts });
  const code = `${baked.wgsl}
@group(0) @binding(0) var<storage, read> biases: array<vec4f>;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read_write> results: array<vec4f>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var i = 0; i < ${baked.biasVectors}; i++) { decoderBias[i] = biases[i]; }
  let i = id.x;
  if (3u * i + 2u >= arrayLength(&points)) { return; }
  let p = vec3f(points[3u * i], points[3u * i + 1u], points[3u * i + 2u]);
  results[i] = vec4f(decoderGradient(p).xyz, decoderDistance(p));
}`;
  const count = points.length / 3;
  device.pushErrorScope('validation');
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const upload = (data: Float32Array) => {
    const buffer = device.createBuffer({ size: data.byteLength, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    return buffer;
  };
  const results = device.createBuffer({ size: 16 * count, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const readback = device.createBuffer({ size: 16 * count, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const buffers = [upload(packBiases(folded, foldBiases(decoder, latent))), upload(points), results];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(Math.ceil(count / 64));
  pass.end();
  encoder.copyBufferToBuffer(results, 0, readback, 0, 16 * count);
  device.queue.submit([encoder.finish()]);
  await readback.mapAsync(GPUMapMode.READ);
  const answer = new Float32Array(readback.getMappedRange().slice(0));
  expect(await device.popErrorScope()).toBeNull();
  for (const buffer of [...buffers, readback]) buffer.destroy();
  return answer;
}

describe('baked decoder in WGSL', () => {
  it.each(Object.entries(variants))('%s: distance and gradient to 1e-4 of the float64 reference', async (_, spec) => {
    const random = new Random(11);
    const latent = Array.from({ length: spec.codeLength }, () => random.normal() * 0.5);
    const points = Float32Array.from({ length: 3 * POINTS }, () => random.range(-1, 1));
    const results = await evaluateBaked(spec, 5, latent, points);
    const decoder = makeDecoder(spec, 5);
    let worst = 0;
    let largest = 0;
    let offGradient = 0;
    for (let i = 0; i < points.length / 3; i++) {
      const truth = referenceGradient(decoder, latent, points.subarray(3 * i, 3 * i + 3));
      worst = Math.max(worst, Math.abs(results[4 * i + 3] - truth.distance));
      const off = Math.hypot(...truth.point.map((value, axis) => value - results[4 * i + axis]));
      if (off > 1e-4) offGradient++;
      largest = Math.max(largest, Math.hypot(...truth.point));
    }
    // Else the comparison would say little.
    expect(largest).toBeGreaterThan(0.5);
    expect(worst).toBeLessThan(1e-4);
    // A point within rounding of a ReLU kink may take the other side's gradient; nothing else may differ.
    expect(offGradient / (points.length / 3)).toBeLessThan(1e-3);
  });

  it.each(Object.entries(variants))('%s: the same in parts, to the last bits', async (_, spec) => {
    const random = new Random(13);
    const latent = Array.from({ length: spec.codeLength }, () => random.normal() * 0.5);
    const points = Float32Array.from({ length: 3 * POINTS }, () => random.range(-1, 1));
    const whole = await evaluateBaked(spec, 5, latent, points);
    const parted = await evaluateBaked(spec, 5, latent, points, 0, true);
    expect(Math.max(...parted.map((value, i) => Math.abs(value - whole[i]) / Math.max(1, Math.abs(whole[i]))))).toBeLessThan(1e-5);
  });
});

describe('gradients with blurred kinks', () => {
  it.each(['latent in all, two octaves', 'layer norm'])(
    '%s: as the reference blurs them, near the exact gradient, with smaller jumps; the distance is left alone',
    async (name) => {
      const spec = variants[name];
      const random = new Random(3);
      const latent = Array.from({ length: spec.codeLength }, () => random.normal() * 0.5);
      // A line of points so dense that an exact gradient only moves by jumps.
      const count = 4000;
      const points = Float32Array.from({ length: 3 * count }, (_, i) => (i % 3 === 0 ? -0.9 + (1.8 * i) / 3 / count : 0.1));
      const [exact, blurred] = [await evaluateBaked(spec, 5, latent, points), await evaluateBaked(spec, 5, latent, points, 0.02)];
      const decoder = makeDecoder(spec, 5);
      const kinkWidths = measureKinkWidths(foldDecoder(decoder), foldBiases(decoder, latent), 0.02);
      let [off, worst, largest] = [0, 0, 0];
      const jump = [0, 0];
      for (let i = 0; i < count; i++) {
        expect(blurred[4 * i + 3]).toBeCloseTo(exact[4 * i + 3], 5);
        off += Math.hypot(...[0, 1, 2].map((axis) => blurred[4 * i + axis] - exact[4 * i + axis])) / count;
        largest = Math.max(largest, Math.hypot(...exact.subarray(4 * i, 4 * i + 3)));
        const { point } = referenceGradient(decoder, latent, points.subarray(3 * i, 3 * i + 3), kinkWidths);
        worst = Math.max(worst, Math.hypot(...point.map((value, axis) => value - blurred[4 * i + axis])));
        for (const [which, values] of [exact, blurred].entries()) {
          if (i > 0)
            jump[which] = Math.max(jump[which], Math.hypot(...[0, 1, 2].map((axis) => values[4 * i + axis] - values[4 * i - 4 + axis])));
        }
      }
      // Without steps, no rounding takes another side.
      expect(worst / largest).toBeLessThan(1e-4);
      expect(off / largest).toBeLessThan(0.1);
      expect(jump[1]).toBeLessThan(0.3 * jump[0]);
    },
  );
});

describe('float literals', () => {
  it('read back as the same float32', () => {
    const random = new Random(2);
    for (let i = 0; i < 10_000; i++) {
      const value = Math.fround(random.normal() * 10 ** random.range(-30, 30));
      expect(Math.fround(Number(floatLiteral(value)))).toBe(value);
    }
    expect(floatLiteral(3)).toBe('3.');
    expect(floatLiteral(-0)).toBe('0.');
  });
});

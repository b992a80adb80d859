import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { referenceGradient } from '../../src/decoder/reference.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { HIT_WORDS, RAY_FLOATS, RayTracer } from '../../src/gpu/ray-tracer.js';
import { WavefrontTracer } from '../../src/gpu/wavefront-tracer.js';
import { Random } from '../../src/random.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { traceConstants } from '../bench/ray-bench.js';
import { tinyShapes } from '../support/tiny-shapes.js';

interface Hit {
  readonly found: boolean;
  readonly distance: number;
  readonly normal: readonly number[];
  readonly evaluations: number;
}

describe('tracing in compute form', () => {
  const shapes = tinyShapes();
  const folded = foldDecoder(shapes.decoder);
  const constants = traceConstants(shapes);
  let device: GPUDevice;
  let filler: DistanceGridFiller;
  let tracer: RayTracer;
  let wavefront: WavefrontTracer;
  let biases: GPUBuffer;
  let grid: GPUBuffer;
  beforeAll(async () => {
    device = (await openDevice()).device;
    const baked = bakeDecoder(folded, { gradient: true });
    filler = await DistanceGridFiller.create(device, baked, constants);
    [tracer, wavefront] = await Promise.all([RayTracer.create(device, baked, constants), WavefrontTracer.create(device, baked, constants)]);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    biases = device.createBuffer({ size: 16 * baked.biasVectors, usage });
    grid = device.createBuffer({ size: 4 * constants.gridResolution ** 3, usage });
  });
  afterAll(() => device.destroy());

  function show(shape: number): void {
    device.queue.writeBuffer(
      biases,
      0,
      packBiases(folded, foldBiases(shapes.decoder, shapes.shapes[shape].latent)) as Float32Array<ArrayBuffer>,
    );
    filler.fill(biases, grid);
  }

  /** @param rays [count, RAY_FLOATS] */
  async function trace(rays: Float32Array, by: RayTracer | WavefrontTracer = tracer): Promise<Hit[]> {
    const count = rays.length / RAY_FLOATS;
    const size = 4 * HIT_WORDS * count;
    const rayBuffer = device.createBuffer({ size: rays.byteLength, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    const hits = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    device.pushErrorScope('validation');
    device.queue.writeBuffer(rayBuffer, 0, rays as Float32Array<ArrayBuffer>);
    by.trace({ biases, grid, rays: rayBuffer, hits });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(hits, 0, read, 0, size);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const floats = new Float32Array(read.getMappedRange().slice(0));
    const words = new Uint32Array(floats.buffer);
    expect(await device.popErrorScope()).toBeNull();
    for (const buffer of [rayBuffer, hits, read]) buffer.destroy();
    return Array.from({ length: count }, (_, i) => {
      const at = HIT_WORDS * i;
      return { found: words[at + 5] === 1, distance: floats[at + 3], normal: [...floats.subarray(at, at + 3)], evaluations: words[at + 4] };
    });
  }

  /** From anywhere around the box to anywhere in it. */
  function drawRays(count: number, random: Random): Float32Array {
    const rays = new Float32Array(RAY_FLOATS * count);
    for (let i = 0; i < count; i++) {
      const from = unit([random.normal(), random.normal(), random.normal()]).map((value) => 3 * value);
      const to = [0, 1, 2].map(() => random.range(-0.8, 0.8));
      rays.set([...from, 100, ...unit(to.map((value, axis) => value - from[axis])), 0], RAY_FLOATS * i);
    }
    return rays;
  }

  /** The first sign change among samples a thousandth of a unit apart; undefined where there is none. */
  async function searchDensely(rays: Float32Array, shape: number): Promise<(number | undefined)[]> {
    const evaluator = await createWasmEvaluator(shapes.decoder, shapes.shapes[shape].latent);
    const [step, longest] = [0.001, 2 * Math.sqrt(3) * shapes.halfExtent];
    const points = new Float32Array(3 * Math.ceil(longest / step));
    const distances = new Float32Array(points.length / 3);
    return Array.from({ length: rays.length / RAY_FLOATS }, (_, i) => {
      const [x, y, z, , dx, dy, dz] = rays.subarray(RAY_FLOATS * i);
      const faces = [x, y, z].map((value, axis) => {
        const slope = [dx, dy, dz][axis];
        return [-1, 1].map((side) => (side * shapes.halfExtent - value) / slope).sort((a, b) => a - b);
      });
      const start = Math.max(...faces.map(([near]) => near));
      const count = Math.max(0, Math.floor((Math.min(...faces.map(([, far]) => far)) - start) / step));
      for (let k = 0; k < count; k++) {
        const at = start + k * step;
        points.set([x + at * dx, y + at * dy, z + at * dz], 3 * k);
      }
      evaluator.evaluate(points.subarray(0, 3 * count), distances.subarray(0, count));
      const first = distances.subarray(0, count).findIndex((distance) => distance <= 0);
      if (first < 0) return undefined;
      const share = first === 0 ? 0 : distances[first - 1] / (distances[first - 1] - distances[first]) - 1;
      return start + (first + share) * step;
    });
  }

  it.each(shapes.shapes.map(({ name }, shape) => [name, shape] as const))('%s: agrees with a dense search', async (_, shape) => {
    show(shape);
    const rays = drawRays(1500, new Random(5 + shape));
    const hits = await trace(rays);
    const truths = await searchDensely(rays, shape);
    const wrong = hits.filter(({ found }, i) => found !== (truths[i] !== undefined));
    expect(wrong.length / hits.length).toBeLessThan(0.005);
    const both = hits.flatMap((hit, i) => (hit.found && truths[i] !== undefined ? [{ hit, truth: truths[i], i }] : []));
    expect(both.length).toBeGreaterThan(500);
    const errors = both.map(({ hit, truth }) => Math.abs(hit.distance - truth)).sort((a, b) => a - b);
    expect(errors[Math.floor(0.99 * errors.length)]).toBeLessThan(2e-3);
    // The gradient is exact here, not blurred: a wrong one shows.
    const turned = both.filter(({ hit, i }) => {
      const [x, y, z, , dx, dy, dz] = rays.subarray(RAY_FLOATS * i);
      const at = [x + hit.distance * dx, y + hit.distance * dy, z + hit.distance * dz];
      const normal = unit(referenceGradient(shapes.decoder, shapes.shapes[shape].latent, at).point);
      return normal.reduce((sum, value, axis) => sum + value * hit.normal[axis], 0) < 0.99;
    });
    expect(turned.length / both.length).toBeLessThan(0.02);
    // The normal's gradient is counted, as two.
    expect(both.reduce((sum, { hit }) => sum + hit.evaluations, 0) / both.length).toBeLessThan(5);
  });

  it('finds the same in waves, ray by ray, with few rays and with many', async () => {
    show(0);
    // More than there are lanes, so that each takes up several; one alone; and a list again after a longer one.
    for (const count of [5000, 1, 70]) {
      const rays = drawRays(count, new Random(11));
      const [plain, waves] = [await trace(rays), await trace(rays, wavefront)];
      // Two compilations round differently; on a ray in a thousand, that may decide.
      const differ = waves.filter(({ found, evaluations }, i) => found !== plain[i].found || evaluations !== plain[i].evaluations);
      expect(differ.length).toBeLessThanOrEqual(count / 1000);
      const off = waves.flatMap(({ distance, normal, found }, i) =>
        found && plain[i].found ? [distance - plain[i].distance, ...normal.map((value, axis) => value - plain[i].normal[axis])] : [],
      );
      off.sort((a, b) => Math.abs(a) - Math.abs(b));
      expect(Math.abs(off[Math.floor(0.999 * off.length)] ?? 0)).toBeLessThan(1e-5);
      if (count > 1) expect(off.length / 4).toBeGreaterThan(count / 4);
    }
  });

  it('finds the same in waves of more rays than the queues of one binding hold', async () => {
    show(0);
    const few = drawRays(200, new Random(12));
    const count = Math.ceil(device.limits.maxStorageBufferBindingSize / 192) + 1000;
    const rays = new Float32Array(RAY_FLOATS * count);
    // All others pass the box by.
    for (let i = 0; i < count; i++) rays.set([9, 9, 9, 100, 1, 0, 0, 0], RAY_FLOATS * i);
    rays.set(few, rays.length - few.length);
    const [plain, waves] = [await trace(few), (await trace(rays, wavefront)).slice(-200)];
    expect(plain.filter(({ found }) => found).length).toBeGreaterThan(50);
    const differ = waves.filter(
      ({ found, distance }, i) => found !== plain[i].found || (found && Math.abs(distance - plain[i].distance) > 1e-3),
    );
    expect(differ.length).toBeLessThan(3);
  });

  it('searches no further than asked, and from inside the box as well', async () => {
    show(1);
    const hit = async (...ray: number[]) => (await trace(Float32Array.from(ray)))[0];
    const ahead = await hit(0, 0, 3, 100, 0, 0, -1, 0);
    expect(ahead.found).toBe(true);
    expect((await hit(0, 0, 3, ahead.distance - 0.01, 0, 0, -1, 0)).found).toBe(false);
    expect((await hit(0, 0, 3, 100, 0, 0, 1, 0)).found).toBe(false);
    expect((await hit(0, 0, 0.9, 100, 0, 0, -1, 0)).distance).toBeCloseTo(ahead.distance - 2.1, 3);
  });
});

function unit(v: readonly number[]): number[] {
  const length = Math.hypot(...v);
  return v.map((value) => value / length);
}

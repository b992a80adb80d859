import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { referenceDistance } from '../../src/decoder/reference.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { composeRayShader } from '../../src/gpu/compose-wgsl.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { Random } from '../../src/random.js';
import { traceConstants } from '../bench/ray-bench.js';
import { clearanceIn, type LeapRay, PlainLeaps, type Point } from '../support/plain-leaps.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const RAYS = 300;

const KERNEL = `
struct Piece { origin: vec3f, start: f32, direction: vec3f, end: f32, expected: vec4f };
@group(0) @binding(4) var<storage, read> pieces: array<Piece>;
@group(0) @binding(5) var<storage, read_write> reached: array<f32>;
@compute @workgroup_size(64)
fn leapAlone(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&pieces)) { return; }
  let piece = pieces[id.x];
  reached[id.x] = sdfSkip(piece.origin, piece.direction, piece.start, piece.end, i32(piece.expected.x));
}`;

describe('leaps of one ray by the grid', () => {
  const shapes = tinyShapes();
  const folded = foldDecoder(shapes.decoder);
  const constants = traceConstants(shapes);
  const { halfExtent } = shapes;
  const cell = (2 * halfExtent) / constants.gridResolution;
  // The shader's nudge past a wall, and what single precision rounds off.
  const slack = 0.002 * cell;
  let device: GPUDevice;
  let pipeline: GPUComputePipeline;
  let filler: DistanceGridFiller;
  beforeAll(async () => {
    device = (await openDevice()).device;
    const baked = bakeDecoder(folded, { gradient: true });
    const module = device.createShaderModule({ code: composeRayShader(baked, constants) + KERNEL });
    pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'leapAlone' } });
    filler = await DistanceGridFiller.create(device, baked, constants);
  });
  afterAll(() => device.destroy());

  /** @returns how far each leaps */
  async function leap(latent: Float32Array, rays: readonly LeapRay[]): Promise<Float32Array> {
    const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
    const packed = Float32Array.from(rays.flatMap((ray) => [...ray.origin, ray.start, ...ray.direction, ray.end, ray.expected, 0, 0, 0]));
    const table = packBiases(folded, foldBiases(shapes.decoder, latent));
    const biases = device.createBuffer({ size: table.byteLength, usage: STORAGE | COPY_DST });
    const grid = device.createBuffer({ size: 4 * constants.gridResolution ** 3, usage: STORAGE });
    const pieces = device.createBuffer({ size: packed.byteLength, usage: STORAGE | COPY_DST });
    const reached = device.createBuffer({ size: 4 * rays.length, usage: STORAGE | COPY_SRC });
    const read = device.createBuffer({ size: reached.size, usage: MAP_READ | COPY_DST });
    device.pushErrorScope('validation');
    device.queue.writeBuffer(biases, 0, table as Float32Array<ArrayBuffer>);
    device.queue.writeBuffer(pieces, 0, packed);
    filler.fill(biases, grid);
    const entries = [grid, pieces, reached].map((buffer, i) => ({ binding: [1, 4, 5][i], resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.ceil(rays.length / 64));
    pass.end();
    encoder.copyBufferToBuffer(reached, 0, read, 0, reached.size);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(read.getMappedRange().slice(0));
    expect(await device.popErrorScope()).toBeNull();
    for (const buffer of [biases, grid, pieces, reached, read]) buffer.destroy();
    return values;
  }

  /** Every third along an axis; of the others every fourth in a plane of two; half of all from where they enter the box. */
  function drawRays(random: Random, field: (point: Point) => number): LeapRay[] {
    const draw3 = (draw: () => number): Point => [draw(), draw(), draw()];
    return Array.from({ length: RAYS }, (_, i) => {
      const still = i % 3 === 0 ? [1, 2] : i % 12 === 1 ? [1] : [];
      const direction = unit(draw3(() => random.normal()).map((value, axis) => (still.includes((axis + i) % 3) ? 0 : value)));
      let within = draw3(() => random.range(-halfExtent, halfExtent));
      // Of those that set out inside the box, half in the solid.
      while (i % 4 === 1 && field(within) > -0.05) within = draw3(() => random.range(-halfExtent, halfExtent));
      const [near, far] = windowOf(within, direction);
      const origin = i % 2 ? within : along(within, direction, near);
      // Some start further on, and some may not go all the way through.
      const start = i % 10 === 3 ? random.range(0, 0.5 * far) : 0;
      const last = i % 2 ? far : far - near;
      const end = i % 7 === 0 ? random.range(start, last) : last;
      // One in eight asks for the sign that is not there.
      const expected = field(along(origin, direction, start)) > 0 === random.uniform() < 0.875 ? 1 : -1;
      // As the shader takes them.
      const [from, towards] = [origin, direction].map((v) => v.map(Math.fround) as unknown as Point);
      return { origin: from, direction: towards, start: Math.fround(start), end: Math.fround(end), expected };
    });
  }

  /** Where a ray enters the box and leaves it. */
  function windowOf(origin: Point, direction: Point): [number, number] {
    const faces = direction.map((slope, axis) => [-1, 1].map((side) => (side * halfExtent - origin[axis]) / slope).sort((a, b) => a - b));
    const moving = faces.filter((_, axis) => direction[axis] !== 0);
    return [Math.max(...moving.map(([near]) => near)), Math.min(...moving.map(([, far]) => far))];
  }

  const names = shapes.shapes.map(({ name }, shape) => [name, shape] as const);
  it.each(names)('%s: they prove what they pass, and go about as far as can be proven', async (name, shape) => {
    const { latent } = shapes.shapes[shape];
    const field = (point: Point) => referenceDistance(shapes.decoder, latent, point);
    const plain = new PlainLeaps(field, constants);
    const random = new Random(31 + shape);
    const rays = drawRays(random, field);
    const reached = await leap(latent, rays);
    let [outside, inside, provenOutside, provenInside] = [0, 0, 0, 0];
    rays.forEach((ray, i) => {
      const { origin, direction, start, end, expected } = ray;
      const { reach, balls } = plain.search(ray, slack);
      // Either may lead on past the end.
      const [leapt, proven] = [reached[i], reach].map((s) => Math.min(s, end) - start);
      const told = `ray ${i}: ${JSON.stringify(ray)}`;
      expect(leapt, told).toBeGreaterThanOrEqual(0);
      expect(leapt, told).toBeLessThanOrEqual(proven + slack);
      if (expected > 0) [outside, provenOutside] = [outside + leapt, provenOutside + proven];
      else [inside, provenInside] = [inside + leapt, provenInside + proven];
      for (let s = start; s < start + leapt; s += halfExtent / 150) {
        const at = along(origin, direction, s);
        if (expected * field(at) <= 0) expect.fail(`${told}: the sign has changed at ${s}`);
        // Nor is the surface nearer than proven: the sign holds all over the balls.
        const clearance = balls.reduce((most, ball) => Math.max(most, clearanceIn(ball, at)), 0);
        const away = unit([random.normal(), random.normal(), random.normal()]);
        if (expected * field(along(at, away, clearance)) <= 0) expect.fail(`${told}: less than ${clearance} of clearance at ${s}`);
      }
    });
    const [shareOutside, shareInside] = [outside / provenOutside, inside / provenInside];
    console.info(
      `${name}: ${shareOutside.toFixed(3)} of ${provenOutside.toFixed(1)}, inside ${shareInside.toFixed(3)} of ${provenInside.toFixed(1)}`,
    );
    expect(shareOutside).toBeGreaterThan(0.97);
    // In thin solids the last leaps, too short to be worth it, are more of the way.
    expect(shareInside).toBeGreaterThan(0.85);
    expect(provenInside).toBeGreaterThan(1);
  });
});

function along(from: Point, direction: Point, s: number): [number, number, number] {
  return [from[0] + s * direction[0], from[1] + s * direction[1], from[2] + s * direction[2]];
}

function unit(v: readonly number[]): [number, number, number] {
  const length = Math.hypot(...v);
  return v.map((value) => value / length) as [number, number, number];
}

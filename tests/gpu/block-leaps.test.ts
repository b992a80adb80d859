import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { composeViewShader } from '../../src/gpu/compose-wgsl.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { type Matrix16, packView, type View } from '../../src/gpu/pack-view.js';
import { cameraView, orbitEyes } from '../bench/orbit.js';
import { traceConstants } from '../bench/ray-bench.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const [WIDTH, HEIGHT] = [96, 64];
const BLOCKS = (WIDTH / 8) * (HEIGHT / 8);
const UNMOVED = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** Of each block, its leap; of each of its rays where it enters the box, how long it is in it, and how far it leaps by itself. */
const KERNEL = `
@compute @workgroup_size(64)
fn leapBothWays(@builtin(global_invocation_id) id: vec3u) {
  let ray = sdfLoadRay(id.x);
  let alone = sdfSkip(ray.origin, ray.direction, 0., ray.length, 1);
  sdfTexels[id.x] = vec4f(sdfFreeLength(id.x / 64u), ray.start, ray.length, alone);
}`;

describe('leaps of a block of rays', () => {
  const shapes = tinyShapes();
  const folded = foldDecoder(shapes.decoder);
  const constants = traceConstants(shapes);
  let device: GPUDevice;
  let pipeline: GPUComputePipeline;
  let grid: GPUBuffer;
  beforeAll(async () => {
    device = (await openDevice()).device;
    const baked = bakeDecoder(folded, { gradient: true });
    const code = composeViewShader(baked, constants, false) + KERNEL;
    const module = device.createShaderModule({ code });
    pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'leapBothWays' } });
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const biases = device.createBuffer({ size: 16 * baked.biasVectors, usage });
    grid = device.createBuffer({ size: 4 * constants.gridResolution ** 3, usage });
    const packed = packBiases(folded, foldBiases(shapes.decoder, shapes.shapes[0].latent));
    device.queue.writeBuffer(biases, 0, packed as Float32Array<ArrayBuffer>);
    (await DistanceGridFiller.create(device, baked, constants)).fill(biases, grid);
  });
  afterAll(() => device.destroy());

  /** @returns of each ray [block's leap, start, length, own leap] */
  async function leap(view: View, world: Matrix16 = UNMOVED, inverseWorld: Matrix16 = UNMOVED): Promise<Float32Array> {
    const part = { width: WIDTH, height: HEIGHT, stride: WIDTH, left: 0, bottom: 0, columns: WIDTH, rows: HEIGHT, scale: 1, identity: 1 };
    const size = 16 * WIDTH * HEIGHT;
    const packed = packView(view, { world, inverseWorld }, part);
    const uniform = device.createBuffer({ size: packed.byteLength, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(uniform, 0, packed);
    const leaps = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const read = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const entries = [grid, uniform, leaps].map((buffer, i) => ({ binding: [1, 4, 5][i], resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(BLOCKS);
    pass.end();
    encoder.copyBufferToBuffer(leaps, 0, read, 0, size);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(read.getMappedRange().slice(0));
    for (const buffer of [uniform, leaps, read]) buffer.destroy();
    return values;
  }

  /** Share of the blocks' free way, where all rays leap by themselves, that they leap as one. */
  function shareTogether(leaps: Float32Array): number {
    let [together, alone] = [0, 0];
    for (let block = 0; block < BLOCKS; block++) {
      let least = Number.POSITIVE_INFINITY;
      for (let ray = 64 * block; ray < 64 * block + 64; ray++) {
        const [free, start, length, own] = leaps.subarray(4 * ray, 4 * ray + 4);
        // What never enters the box is free for ever.
        const end = length > 0 && own < length ? start + own : Number.POSITIVE_INFINITY;
        expect(free, `block ${block}, ray ${ray % 64}`).toBeLessThanOrEqual(end + 1e-4);
        least = Math.min(least, end);
      }
      const entered = Math.max(0, Math.min(...Array.from({ length: 64 }, (_, i) => leaps[4 * (64 * block + i) + 1])));
      const most = Math.min(least, entered + 4 * constants.halfExtent);
      together += Math.max(0, Math.min(leaps[4 * 64 * block], most) - entered);
      alone += Math.max(0, most - entered);
    }
    return together / alone;
  }

  it.each([
    ['from outside', orbitEyes(4, 2.6)],
    ['from nearby', orbitEyes(4, 1.6)],
    ['from corners of the box', [[0.9, 0.9, 0.9] as const, [-0.9, 0.9, -0.9] as const]],
  ])('lead no ray past where it would stop by itself: %s', async (_, eyes) => {
    for (const eye of eyes.map(([x, y, z]) => [x, y, z].map((value) => value * constants.halfExtent) as [number, number, number])) {
      expect(shareTogether(await leap(cameraView(eye, WIDTH, HEIGHT)))).toBeGreaterThan(0.5);
    }
  });

  it('nor in parallel projection, of a shape that is moved, turned, and of different size along each axis', async () => {
    const { view } = cameraView([0.3, 1.2, 2.2], WIDTH, HEIGHT);
    const scale = [HEIGHT / WIDTH / 1.4, 1 / 1.4, 1 / 8, 1];
    const viewProjection = Array.from(view, (value, i) => value * scale[i % 4]);
    const world = [0, 0, 1.3, 0, 0, 0.7, 0, 0, -1, 0, 0, 0, 0.1, -0.2, 0.05, 1];
    const inverse = [0, 0, -1, 0, 0, 1 / 0.7, 0, 0, 1 / 1.3, 0, 0, 0, -0.05 / 1.3, 0.2 / 0.7, 0.1, 1];
    const leaps = await leap({ view, viewProjection, reverseDepth: false, clipPlanes: [] }, world, inverse);
    expect(shareTogether(leaps)).toBeGreaterThan(0.5);
  });
});

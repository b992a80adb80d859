import { chooseConstants, NORMAL_BLUR } from '../../plugin/shared-decoder.js';
import sphereTrace from '../../shaders/sphere-trace.wgsl';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { composeGridShader } from '../../src/gpu/compose-wgsl.js';
import { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { measureKinkWidths } from '../../src/gpu/kink-widths.js';
import type { Rays } from '../../src/tracing/dense-search.js';

/** [n] each. */
export interface TracedRays {
  /** Length along the ray, infinite for a miss. */
  readonly distances: Float32Array;
  readonly evaluations: Uint32Array;
}

/** The lines of trace-main.wgsl around the march, without a pixel's size: a ray's own tolerance only. */
const MAIN = `
const sdfGridStart = 0;
@group(0) @binding(2) var<storage, read> rays: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> hits: array<vec2f>;
@compute @workgroup_size(64)
fn traceRays(@builtin(global_invocation_id) id: vec3u) {
  if (2u * id.x >= arrayLength(&rays)) { return; }
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
  let origin = rays[2u * id.x].xyz;
  let direction = rays[2u * id.x + 1u].xyz;
  var hit = sdfMarch(origin, direction, rays[2u * id.x].w, vec2f(SDF_TOLERANCE, 0.), true);
  if (hit.found) { hit.distance = sdfSurface(origin, direction, hit).distance; }
  hits[id.x] = vec2f(select(-1., max(hit.distance, 0.), hit.found), f32(hit.evaluations));
}`;

/** Traces rays that start on the box's face, with the very functions that pixels are traced with. One decoder, any number of shapes. */
export async function createRayTracer(
  device: GPUDevice,
  asset: NeuralShapes,
): Promise<(latent: Float32Array, rays: Rays) => Promise<TracedRays>> {
  const constants = chooseConstants(asset, {});
  const folded = foldDecoder(asset.decoder);
  const kinkWidths = measureKinkWidths(folded, foldBiases(asset.decoder, asset.shapes[0].latent), NORMAL_BLUR * asset.halfExtent);
  const baked = bakeDecoder(folded, { gradient: true, kinkWidths });
  const filler = await DistanceGridFiller.create(device, baked, constants);
  const module = device.createShaderModule({ code: composeGridShader(baked, constants) + sphereTrace + MAIN });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'traceRays' } });
  const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
  return async (latent, rays) => {
    const count = rays.lengths.length;
    const packed = new Float32Array(8 * count);
    for (let i = 0; i < count; i++) {
      packed.set(rays.origins.subarray(3 * i, 3 * i + 3), 8 * i);
      packed[8 * i + 3] = rays.lengths[i];
      packed.set(rays.directions.subarray(3 * i, 3 * i + 3), 8 * i + 4);
    }
    const buffer = (size: number, usage: number) => device.createBuffer({ size, usage });
    const biases = buffer(16 * baked.biasVectors, STORAGE | COPY_DST);
    const grid = buffer(4 * constants.gridResolution ** 3, STORAGE);
    const input = buffer(packed.byteLength, STORAGE | COPY_DST);
    const output = buffer(8 * count, STORAGE | COPY_SRC);
    const staging = buffer(8 * count, MAP_READ | COPY_DST);
    device.queue.writeBuffer(biases, 0, packBiases(folded, foldBiases(asset.decoder, latent)) as Float32Array<ArrayBuffer>);
    device.queue.writeBuffer(input, 0, packed);
    filler.fill(biases, grid);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const buffers = [biases, grid, input, output];
    const entries = buffers.map((one, binding) => ({ binding, resource: { buffer: one } }));
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.ceil(count / 64));
    pass.end();
    encoder.copyBufferToBuffer(output, 0, staging, 0, 8 * count);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const read = new Float32Array(staging.getMappedRange().slice(0));
    for (const one of [...buffers, staging]) one.destroy();
    return {
      distances: Float32Array.from({ length: count }, (_, i) => (read[2 * i] < 0 ? Number.POSITIVE_INFINITY : read[2 * i])),
      evaluations: Uint32Array.from({ length: count }, (_, i) => read[2 * i + 1]),
    };
  };
}

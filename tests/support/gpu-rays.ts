import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { normalKinkWidths } from '../../src/decoder/kink-widths.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { chooseConstants } from '../../src/gpu/choose-constants.js';
import { DistanceGridFiller } from '../../src/gpu/distance-grid.js';
import { HIT_WORDS, RAY_FLOATS, RayTracer } from '../../src/gpu/ray-tracer.js';
import type { Rays } from '../../src/tracing/dense-search.js';

/** [n] each. */
export interface TracedRays {
  /** Length along the ray, infinite for a miss. */
  readonly distances: Float32Array;
  readonly evaluations: Uint32Array;
}

/** Traces rays with the very functions that pixels are traced with. One decoder, any number of shapes. */
export async function createRayTracer(
  device: GPUDevice,
  asset: NeuralShapes,
): Promise<(latent: Float32Array, rays: Rays) => Promise<TracedRays>> {
  const constants = chooseConstants(asset);
  const folded = foldDecoder(asset.decoder);
  const kinkWidths = normalKinkWidths(asset.decoder, asset.shapes[0].latent, asset.halfExtent);
  const baked = bakeDecoder(folded, { gradient: true, kinkWidths });
  const filler = await DistanceGridFiller.create(device, baked, constants);
  const tracer = await RayTracer.create(device, baked, constants);
  const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
  return async (latent, { origins, directions, lengths }) => {
    const count = lengths.length;
    const packed = new Float32Array(RAY_FLOATS * count);
    for (let i = 0; i < count; i++) {
      packed.set(origins.subarray(3 * i, 3 * i + 3), RAY_FLOATS * i);
      packed[RAY_FLOATS * i + 3] = lengths[i];
      packed.set(directions.subarray(3 * i, 3 * i + 3), RAY_FLOATS * i + 4);
    }
    const buffer = (size: number, usage: number) => device.createBuffer({ size, usage });
    const biases = buffer(16 * baked.biasVectors, STORAGE | COPY_DST);
    const grid = buffer(4 * constants.gridResolution ** 3, STORAGE);
    const rays = buffer(packed.byteLength, STORAGE | COPY_DST);
    const hits = buffer(4 * HIT_WORDS * count, STORAGE | COPY_SRC);
    const staging = buffer(hits.size, MAP_READ | COPY_DST);
    device.queue.writeBuffer(biases, 0, packBiases(folded, foldBiases(asset.decoder, latent)) as Float32Array<ArrayBuffer>);
    device.queue.writeBuffer(rays, 0, packed);
    filler.fill(biases, grid);
    tracer.trace({ biases, grid, rays, hits });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(hits, 0, staging, 0, hits.size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const bytes = staging.getMappedRange().slice(0);
    const [floats, words] = [new Float32Array(bytes), new Uint32Array(bytes)];
    for (const one of [biases, grid, rays, hits, staging]) one.destroy();
    return {
      distances: Float32Array.from({ length: count }, (_, i) =>
        words[HIT_WORDS * i + 5] ? floats[HIT_WORDS * i + 3] : Number.POSITIVE_INFINITY,
      ),
      evaluations: Uint32Array.from({ length: count }, (_, i) => words[HIT_WORDS * i + 4]),
    };
  };
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { checkEdits } from '../../src/editing/check-edits.js';
import { type EditPlan, planEdits } from '../../src/editing/edit-plan.js';
import { EditedField } from '../../src/editing/edited-field.js';
import { editVectors, packEdits } from '../../src/editing/pack-edits.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { composeGridShader } from '../../src/gpu/compose-wgsl.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { Random } from '../../src/random.js';
import { createWasmEvaluator } from '../../src/wasm/wasm-evaluator.js';
import { editCases } from '../support/edit-cases.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const POINTS = 4096;
/** Points that lie within rounding of where the gradient jumps: a ReLU's kink, a truncation, a sharp edge, a primitive's own edges. */
const JUMPS = 5e-3;

const ENTRY = `
@group(1) @binding(0) var<storage, read> points: array<f32>;
@group(1) @binding(1) var<storage, read_write> results: array<vec4f>;
@group(1) @binding(2) var<storage, read_write> values: array<f32>;
@compute @workgroup_size(64) fn sampleField(@builtin(global_invocation_id) id: vec3u) {
  for (var row = 0; row < SDF_BIAS_VECTORS; row++) { decoderBias[row] = sdfBias[row]; }
  let i = id.x;
  let p = vec3f(points[3u * i], points[3u * i + 1u], points[3u * i + 2u]);
  values[i] = sdfField(p);
  results[i] = sdfFieldGradient(p);
}`;

describe('the edited distance, in WGSL against its twin on the processor', () => {
  const shapes = tinyShapes();
  const own = shapes.shapes[1].latent;
  const folded = foldDecoder(shapes.decoder);
  const baked = bakeDecoder(folded, { gradient: true });
  const constants = { ...shapes, gridResolution: 32, tolerance: 1e-4, gap: 0.02, maxEvaluations: 64 };
  const random = new Random(5);
  const points = Float32Array.from({ length: 3 * POINTS }, () => random.range(-1.6, 1.6));
  let device: GPUDevice;
  let pipeline: GPUComputePipeline;
  beforeAll(async () => {
    device = (await openDevice()).device;
    const module = device.createShaderModule({ code: composeGridShader(baked, constants, true) + ENTRY });
    pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'sampleField' } });
  });
  afterAll(() => device.destroy());

  /** Gradients and distances, then the distances of the function that has no gradient. */
  async function sampleOnGpu(plan: EditPlan): Promise<[Float32Array, Float32Array]> {
    device.pushErrorScope('validation');
    const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = GPUBufferUsage;
    const upload = (data: Float32Array) => {
      const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_DST });
      device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
      return buffer;
    };
    const packed = new Float32Array(4 * editVectors(baked.biasVectors));
    packEdits(plan, baked.biasVectors, (latent, out) => packBiases(folded, foldBiases(shapes.decoder, latent), out), packed);
    const results = device.createBuffer({ size: 16 * POINTS, usage: STORAGE | COPY_SRC });
    const values = device.createBuffer({ size: 4 * POINTS, usage: STORAGE | COPY_SRC });
    const readback = device.createBuffer({ size: 20 * POINTS, usage: MAP_READ | COPY_DST });
    const table = upload(packBiases(folded, foldBiases(shapes.decoder, own)));
    const edits = upload(packed);
    const query = upload(points);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    const bind = (group: number, entries: [number, GPUBuffer][]) =>
      pass.setBindGroup(
        group,
        device.createBindGroup({
          layout: pipeline.getBindGroupLayout(group),
          entries: entries.map(([binding, buffer]) => ({ binding, resource: { buffer } })),
        }),
      );
    bind(0, [
      [0, table],
      [2, edits],
    ]);
    bind(1, [
      [0, query],
      [1, results],
      [2, values],
    ]);
    pass.dispatchWorkgroups(POINTS / 64);
    pass.end();
    encoder.copyBufferToBuffer(results, 0, readback, 0, 16 * POINTS);
    encoder.copyBufferToBuffer(values, 0, readback, 16 * POINTS, 4 * POINTS);
    device.queue.submit([encoder.finish()]);
    await readback.mapAsync(GPUMapMode.READ);
    const answer = new Float32Array(readback.getMappedRange().slice(0));
    expect(await device.popErrorScope()).toBeNull();
    for (const buffer of [table, edits, query, results, values, readback]) buffer.destroy();
    return [answer.subarray(0, 4 * POINTS), answer.subarray(4 * POINTS)];
  }

  it.each(Object.entries(editCases()))('%s', async (_, edits) => {
    const plan = planEdits(checkEdits(edits, shapes), shapes);
    const field = new EditedField(
      plan,
      shapes,
      await Promise.all([own, ...plan.latents].map((latent) => createWasmEvaluator(shapes.decoder, latent))),
    );
    const distances = new Float32Array(POINTS);
    const gradients = new Float32Array(3 * POINTS);
    field.evaluateGradient(points, distances, gradients);
    const alone = new Float32Array(POINTS);
    field.evaluate(points, alone);
    expect(alone).toEqual(distances);

    const [sampled, values] = await sampleOnGpu(plan);
    let [worst, inside, offGradient] = [0, 0, 0];
    for (let i = 0; i < POINTS; i++) {
      worst = Math.max(worst, Math.abs(values[i] - distances[i]), Math.abs(sampled[4 * i + 3] - distances[i]));
      if (distances[i] < 0) inside++;
      if (Math.hypot(...[0, 1, 2].map((axis) => sampled[4 * i + axis] - gradients[3 * i + axis])) > 1e-4) offGradient++;
    }
    expect(worst).toBeLessThan(1e-5);
    expect(offGradient / POINTS).toBeLessThan(JUMPS);
    // Else the comparison would say little.
    expect(inside).toBeGreaterThan(POINTS / 1000);
    expect(inside).toBeLessThan(POINTS / 2);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { packBiases } from '../../src/gpu/bake-decoder.js';
import { bakeBufferedDecoder, packWeights } from '../../src/gpu/buffered-decoder.js';
import { openDevice } from '../../src/gpu/device-node.js';
import { decoderOfState, latentsOfState } from '../../src/training/state.js';
import { HandOver } from '../../src/training/webgpu/hand-over.js';
import { createWebGpuEngine } from '../../src/training/webgpu/webgpu-engine.js';
import { engineCase } from '../support/layer-types.js';

describe('a decoder in training, handed to a live shape on the device', () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = (await openDevice()).device;
  });
  afterAll(() => device.destroy());

  it.each(['skip', 'octaves, latent in all', 'point in all', 'weight norm of some, output too'])(
    '%s: the table that the processor would write',
    async (name) => {
      const { settings, state, batch, step } = engineCase(name);
      const engine = await createWebGpuEngine(settings, { device, allowSoftware: true });
      await engine.writeState(state);
      await engine.step(batch, step);
      const handOver = await HandOver.create(device, settings);
      const trained = await engine.readState();
      const decoder = decoderOfState(settings, trained);
      const folded = foldDecoder(decoder);
      const { biasVectors, weightVectors } = bakeBufferedDecoder(folded);
      const size = 16 * (biasVectors + weightVectors);
      const table = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
      const shape = 3;
      handOver.copy(engine.decoderBuffers(), shape, table);
      const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(table, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const actual = new Float32Array(staging.getMappedRange().slice(0));
      const expected = new Float32Array(size / 4);
      packBiases(folded, foldBiases(decoder, latentsOfState(settings, trained)[shape]), expected);
      packWeights(folded, expected.subarray(4 * biasVectors));
      expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i])))).toBeLessThan(1e-6);
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05);
      for (const buffer of [table, staging]) buffer.destroy();
      handOver.dispose();
      engine.dispose();
    },
  );
});

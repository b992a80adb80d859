import { describe, expect, it } from 'vitest';
import { create } from 'webgpu';
import { installWebGpu } from '../../src/gpu/device-node.js';
import { SMALL_TILE, TILES, type Tile, unitsTile } from '../../src/gpu/matrix/tile.js';
import { referenceObjective } from '../../src/training/reference-engine.js';
import { chooseTile, tilesFor } from '../../src/training/webgpu/choose-tile.js';
import { compileKernels } from '../../src/training/webgpu/compile-kernels.js';
import { composeKernel, composeMultiply, KERNELS } from '../../src/training/webgpu/compose-kernels.js';
import { measureMultiply } from '../../src/training/webgpu/measure-multiply.js';
import { planDevice } from '../../src/training/webgpu/plan.js';
import { TrainingDevice } from '../../src/training/webgpu/training-device.js';
import { WebGpuEngine } from '../../src/training/webgpu/webgpu-engine.js';
import { engineCase, relativeToLargest } from '../support/layer-types.js';

/** As the ones for real GPUs, but half as wide: lavapipe compiles it in half the time. */
const SHARED: Tile = { rows: 64, columns: 32, threadRows: 8, threadVectors: 1, shared: true };

const one = engineCase('eikonal, tanh, dropout', {}, 72);

async function compareGradients(engine: WebGpuEngine): Promise<void> {
  const { settings, state, batch, step } = one;
  const parameters = state.parameters.map((tensor) => Float64Array.from(tensor));
  const expected = referenceObjective(settings, parameters, batch, step);
  await engine.writeState(state);
  await engine.step(batch, step);
  const { firstMoments } = await engine.readState();
  engine.dispose();
  expect(expected.gradients.length).toBe(firstMoments.length);
  for (const [i, moments] of firstMoments.entries()) {
    expect(
      relativeToLargest(
        moments.map((moment) => moment / 0.1),
        expected.gradients[i],
        1e-3,
      ),
    ).toBeLessThan(1e-4);
  }
}

/** Under another name: a software adapter is neither trained on nor measured. */
async function disguisedGpu(): Promise<GPU> {
  const adapter = await (await installWebGpu()).requestAdapter();
  if (!adapter) throw new Error('no WebGPU adapter: a Vulkan driver is needed');
  const { features, limits } = adapter;
  const info = { vendor: 'test', architecture: '', device: '', description: '' };
  const disguise = { info, features, limits, requestDevice: (descriptor: GPUDeviceDescriptor) => adapter.requestDevice(descriptor) };
  return { requestAdapter: async () => disguise } as unknown as GPU;
}

describe('tiles of the matrix product', () => {
  it('multiply rightly, the left matrix as it is or transposed', async () => {
    const on = await TrainingDevice.open({ gpu: await installWebGpu(), allowSoftware: true });
    for (const tile of [SMALL_TILE, SHARED]) {
      for (const leftRows of ['product', 'depth'] as const) {
        const { flops, isRight } = await measureMultiply(on, tile, 'f32', { rows: 128, columns: 96, depth: 80 }, leftRows);
        expect(isRight).toBe(true);
        expect(flops).toBeGreaterThan(0);
      }
    }
    expect(await measureMultiply(on, SMALL_TILE, 'f16', { rows: 64, columns: 32, depth: 16 })).toMatchObject({ isRight: true });
    on.dispose();
  });

  it('train alike by way of the memory of a workgroup, longer than wide', async () => {
    const on = await TrainingDevice.open({ gpu: await installWebGpu(), allowSoftware: true });
    const plan = planDevice(one.settings, SHARED, 1);
    const limits = { bindingBytes: on.device.limits.maxStorageBufferBindingSize, operand: 'f32', chunkRows: 128 } as const;
    await compareGradients(new WebGpuEngine(on, plan, await compileKernels(on.device, plan, 'f32'), limits));
  });

  it('are measured on what takes itself for a real GPU, and the fastest is taken', async () => {
    const on = await TrainingDevice.open({ gpu: await disguisedGpu() });
    const { tile, flops } = await chooseTile(on, one.settings, 'f32');
    on.dispose();
    expect(tilesFor(on.device, 'f32')).toContain(tile);
    expect(flops).toBeGreaterThan(0);
  });

  it('fit what WebGPU promises every page', async () => {
    const limits = { maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupStorageSize: 16384 };
    const device = { limits, features: new Set() } as unknown as GPUDevice;
    expect(tilesFor(device, 'f32')).toEqual([TILES[0], TILES[3]]);
  });
});

/** Dawn crashes when one of them is collected. */
const kept: unknown[] = [];

/** Dawn without a GPU behind it: it has every feature, and checks shaders. lavapipe has no matrix units. */
describe('kernels for matrix units', async () => {
  const gpu = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('Dawn has no null backend any more');
  const features = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'] as GPUFeatureName[];
  const device = await adapter.requestDevice({ requiredFeatures: features });
  kept.push(gpu, adapter, device);

  it.each([
    { name: 'NVIDIA', units: { m: 16, n: 16, k: 16, threads: 32 } },
    { name: 'Intel', units: { m: 8, n: 16, k: 16, threads: 16 } },
    { name: 'Apple', units: { m: 8, n: 8, k: 8, threads: 32 } },
  ])('are valid for $name', async ({ units }) => {
    const options = { tile: unitsTile(units), operand: 'f16', activation: 'sine' } as const;
    const products = (['product', 'depth'] as const).map((leftRows) => composeMultiply(options.tile, options.operand, leftRows));
    for (const code of [...products, ...KERNELS.map((name) => composeKernel(name, options))]) {
      const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
      expect(messages.map(({ lineNum, message }) => `${message}: ${code.split('\n')[lineNum - 1]}`)).toEqual([]);
    }
  });
});

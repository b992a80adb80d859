import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import type { BatchEvaluator } from '../../src/gpu/bricks/batch-evaluator.js';
import { BatchPace } from '../../src/gpu/bricks/batch-pace.js';
import { BrickAssembler } from '../../src/gpu/bricks/brick-assembler.js';
import { BrickField, type BrickStatus, type BrickTools } from '../../src/gpu/bricks/brick-field.js';
import { bakeBricks } from '../../src/gpu/bricks/brick-layout.js';
import { DecoderKernels } from '../../src/gpu/bricks/decoder-kernels.js';
import { BrickProbe } from '../../src/gpu/bricks/measure-error.js';
import { composeDistanceText, type TraceConstants } from '../../src/gpu/compose-wgsl.js';

/** What the plugin traces bricks with, at a grid of 32. */
export function brickTestConstants({ halfExtent, delta }: NeuralShapes): TraceConstants {
  return { halfExtent, delta, stepScale: 0.6, gridResolution: 32, tolerance: 1e-4, gap: 0.014 * halfExtent, maxEvaluations: 64 };
}

/** What fills the bricks of a decoder, by matrix kernels unless told otherwise; without the pace, which each field of a test has of its own. */
export async function openBrickKernels(
  device: GPUDevice,
  shapes: NeuralShapes,
  made: Promise<BatchEvaluator> = DecoderKernels.create(device, shapes.decoder, true),
): Promise<Omit<BrickTools, 'pace'>> {
  const [evaluator, assembler, probe] = await Promise.all([
    made,
    BrickAssembler.create(device),
    BrickProbe.create(device, composeDistanceText(bakeBricks(), brickTestConstants(shapes))),
  ]);
  return { evaluator, assembler, probe };
}

/** @param pointsPerSecond what the pace takes for known: it decides the first level */
export function openBrickField(kernels: Omit<BrickTools, 'pace'>, shapes: NeuralShapes, resolution: number, pointsPerSecond?: number) {
  const { device } = kernels.evaluator;
  const { halfExtent, delta } = shapes;
  let table = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const seen: BrickStatus[] = [];
  let notify = () => {};
  const pace = new BatchPace(kernels.evaluator);
  pace.rate = pointsPerSecond;
  const field = new BrickField(
    { ...kernels, pace },
    { grid: 32, halfExtent, delta, stepScale: 0.8, resolution, longestLevel: 1e9, errorPoints: 512 },
    {
      mostBytes: 2 ** 27,
      reserve(bytes) {
        if (bytes > table.size) table = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
        return table;
      },
      tableWritten() {},
      statusChanged() {
        seen.push(field.status);
        notify();
      },
      failed(error) {
        throw error;
      },
    },
  );
  const until = (holds: (status: BrickStatus) => boolean) =>
    new Promise<void>((resolve) => {
      notify = () => holds(field.status) && resolve();
      notify();
    });
  const complete = () => until(({ isComplete }) => isComplete);
  return { field, pace, seen, until, complete, table: () => table };
}

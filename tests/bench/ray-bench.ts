import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { foldBiases, foldDecoder } from '../../src/decoder/folding.js';
import { measureKinkWidths } from '../../src/decoder/kink-widths.js';
import { multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { bakeDecoder, packBiases } from '../../src/gpu/bake-decoder.js';
import { bakeBufferedDecoder, packWeights } from '../../src/gpu/buffered-decoder.js';
import type { TraceConstants } from '../../src/gpu/compose-wgsl.js';
import { DistanceGridFiller, gridResolutionFor } from '../../src/gpu/distance-grid.js';
import { HIT_WORDS, RayTracer } from '../../src/gpu/ray-tracer.js';
import { TEXEL_FLOATS, ViewTracer } from '../../src/gpu/view-tracer.js';
import { compareHits } from './compare-hits.js';
import { median } from './median.js';
import type { MultiplyAddRate } from './multiply-add-rate.js';
import { NAIVE_MOST_EVALUATIONS, withNaiveShaders } from './naive-shaders.js';
import { cameraRays, cameraView, orbitEyes } from './orbit.js';
import { QueueClock } from './queue-clock.js';

/** Multiply-adds an evaluation up to which weights are literals here, as in the plugin: beyond, compiling takes minutes. */
const MOST_LITERALS = 40_000;

export interface RayBenchOptions {
  readonly width: number;
  readonly height: number;
  readonly cameras: number;
  readonly rounds: number;
  /** Seconds a form of the bare multiply-add kernel is timed for. */
  readonly rateSeconds: number;
  readonly naive: boolean;
}

/** Evaluations that a way of tracing takes; the normal's are among them. */
export interface EvaluationFigures {
  /** Of pixels that show the shape. */
  readonly mean: number;
  readonly p99: number;
  /** All of the picture's evaluations, those of rays that miss included, to a pixel that shows the shape. */
  readonly withMisses: number;
}

export interface RayFigures {
  readonly multiplyAdds: number;
  readonly weights: 'literals' | 'buffer';
  /** Share of the picture's pixels that show the shape. */
  readonly covered: number;
  readonly evaluations: EvaluationFigures;
  /** In waves, as the frame budget traces ahead of a picture. */
  readonly milliseconds: number;
  /** A lane a ray, to that. */
  readonly laneARayTimesAsLong: number;
  readonly evaluationsPerSecond: number;
  /** Multiply-adds a second of the adapter on literal 4x4 blocks, and the share of it that tracing reaches: useful lanes only. */
  readonly multiplyAddsPerSecond: number;
  readonly shareOfRate: number;
  readonly refillMilliseconds: number;
  readonly naive?: { readonly evaluations: EvaluationFigures; readonly milliseconds: number; readonly timesAsLong: number };
}

/** What the plugin traces with (see SharedDecoder). */
export function traceConstants({ halfExtent, delta, stepScale }: NeuralShapes): TraceConstants {
  return {
    halfExtent,
    delta,
    stepScale,
    gridResolution: gridResolutionFor({ halfExtent, delta, stepScale }, 32),
    tolerance: 2e-4 * halfExtent,
    gap: 0.018 * halfExtent,
    maxEvaluations: 64,
  };
}

const UNMOVED = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** Traces a fixed orbit of pictures in compute form: one shape of one decoder. Rounds take turns with the bare kernel and the plain march. */
export async function benchRays(
  device: GPUDevice,
  rate: MultiplyAddRate,
  shapes: NeuralShapes,
  latent: Float32Array,
  options: RayBenchOptions,
): Promise<RayFigures> {
  const { decoder, halfExtent } = shapes;
  const multiplyAdds = multiplyAddsPerEvaluation(decoder.spec);
  const folded = foldDecoder(decoder);
  const biases = foldBiases(decoder, latent);
  const weights = multiplyAdds <= MOST_LITERALS ? 'literals' : 'buffer';
  const constants = traceConstants(shapes);
  const kinkWidths = weights === 'literals' ? measureKinkWidths(folded, biases, 0.012 * halfExtent) : undefined;
  const buffered = weights === 'buffer' ? bakeBufferedDecoder(folded) : undefined;
  const baked = buffered ?? bakeDecoder(folded, { gradient: true, kinkWidths });
  const filler = await DistanceGridFiller.create(device, baked, constants);
  const viewer = await ViewTracer.create(device, baked, constants);
  const tracer = await RayTracer.create(device, baked, constants);
  const plain = options.naive
    ? await withNaiveShaders(device, () => RayTracer.create(device, baked, { ...constants, maxEvaluations: NAIVE_MOST_EVALUATIONS }))
    : undefined;

  const made: GPUBuffer[] = [];
  const buffer = (size: number) => {
    made.push(device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC }));
    return made[made.length - 1];
  };
  const table = new Float32Array(4 * (baked.biasVectors + (buffered?.weightVectors ?? 0)));
  packBiases(folded, biases, table.subarray(0, 4 * baked.biasVectors));
  if (buffered) packWeights(folded, table.subarray(4 * baked.biasVectors));
  const biasBuffer = buffer(table.byteLength);
  device.queue.writeBuffer(biasBuffer, 0, table);
  const grid = buffer(4 * constants.gridResolution ** 3);
  const pixels = options.width * options.height;
  const hits = buffer(4 * HIT_WORDS * pixels);
  const calls = orbitEyes(options.cameras, 2.6 * halfExtent).map((eye) => {
    const values = cameraRays(eye, options.width, options.height);
    const rays = buffer(values.byteLength);
    device.queue.writeBuffer(rays, 0, values as Float32Array<ArrayBuffer>);
    const forward = eye.map((value) => -value / Math.hypot(...eye));
    return { biases: biasBuffer, grid, rays, hits, values, forward, view: cameraView(eye, options.width, options.height) };
  });
  const texels = buffer(4 * TEXEL_FLOATS * pixels);
  const shape = { table: biasBuffer, grid, world: UNMOVED, inverseWorld: UNMOVED };
  const part = { width: options.width, height: options.height, stride: options.width, left: 0, bottom: 0 };
  const whole = { ...part, columns: options.width, rows: options.height, scale: 1, identity: 1 };
  const traceViews = () => calls.forEach(({ view }) => void viewer.trace(shape, view, whole, texels));

  const clock = new QueueClock(device);
  // Drivers compile at the first dispatch.
  filler.fill(biasBuffer, grid);
  const evaluations = await countEvaluations(device, tracer, calls);
  const plainly = plain && (await countEvaluations(device, plain, calls));

  const rounds = { fast: [] as number[], lanes: [] as number[], plain: [] as number[], refill: [] as number[] };
  await viewer.readCount();
  for (const call of calls) {
    device.queue.writeBuffer(texels, 0, new Float32Array(TEXEL_FLOATS * pixels));
    viewer.trace(shape, call.view, whole, texels);
    tracer.trace(call);
    const [shown, hit] = [await readFloats(device, texels), await readFloats(device, hits)];
    const { missing, apart, covered } = compareHits(call.values, hit, shown, options, call.forward, 3e-3 * halfExtent);
    // Where one sets out decides which samples it takes, of rays that graze an edge also whether they hit.
    if (Math.max(missing, apart) > 1e-3 * covered)
      throw new Error(`of ${covered} pixels views and rays differ in ${missing}, in depth ${apart}`);
  }
  const counted = (await viewer.readCount()).evaluations;
  // Leaps together cost nothing: with them rays may take fewer than alone, not more.
  if (counted > 1.005 * evaluations.total) throw new Error(`views take ${counted} evaluations, rays ${evaluations.total}`);
  for (let round = 0; round < options.rounds; round++) {
    await rate.measure(options.rateSeconds);
    rounds.fast.push((await clock.time('waves', traceViews)) / calls.length);
    rounds.lanes.push((await clock.time('lanes', () => calls.forEach((call) => void tracer.trace(call)))) / calls.length);
    rounds.refill.push(await clock.time('refill', () => filler.fill(biasBuffer, grid)));
    if (plain) rounds.plain.push((await clock.time('plain', () => calls.forEach((call) => void plain.trace(call)))) / calls.length);
  }
  viewer.dispose();
  for (const each of made) each.destroy();

  const milliseconds = median(rounds.fast);
  const bare = rate.takeRounds();
  const perPicture = counted / calls.length;
  return {
    multiplyAdds,
    weights,
    covered: evaluations.covered / (pixels * calls.length),
    evaluations: evaluations.figures,
    milliseconds,
    laneARayTimesAsLong: median(rounds.lanes.map((ms, i) => ms / rounds.fast[i])),
    evaluationsPerSecond: perPicture / (milliseconds / 1000),
    multiplyAddsPerSecond: median(bare.rates),
    // Side by side, round by round: whatever else the machine does disturbs both.
    shareOfRate: median(rounds.fast.map((ms, i) => (perPicture * multiplyAdds) / (ms / 1000) / bare.rates[i])),
    refillMilliseconds: median(rounds.refill),
    ...(plainly && {
      naive: {
        evaluations: plainly.figures,
        milliseconds: median(rounds.plain),
        timesAsLong: median(rounds.plain.map((ms, i) => ms / rounds.fast[i])),
      },
    }),
  };
}

async function readFloats(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array<ArrayBuffer>> {
  const read = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, read, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(read.getMappedRange().slice(0));
  read.destroy();
  return values;
}

async function countEvaluations(
  device: GPUDevice,
  tracer: RayTracer,
  calls: readonly Parameters<RayTracer['trace']>[0][],
): Promise<{ total: number; covered: number; figures: EvaluationFigures }> {
  const ofCovered: number[] = [];
  let total = 0;
  for (const call of calls) {
    tracer.trace(call);
    const words = new Uint32Array((await readFloats(device, call.hits)).buffer);
    for (let at = 0; at < words.length; at += HIT_WORDS) {
      total += words[at + 4];
      if (words[at + 5] === 1) ofCovered.push(words[at + 4]);
    }
  }
  ofCovered.sort((a, b) => a - b);
  const covered = ofCovered.length;
  const figures = {
    mean: ofCovered.reduce((sum, count) => sum + count, 0) / covered,
    p99: ofCovered[Math.floor(0.99 * covered)],
    withMisses: total / covered,
  };
  return { total, covered, figures };
}

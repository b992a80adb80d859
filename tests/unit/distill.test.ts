import { beforeAll, describe, expect, it } from 'vitest';
import type { NeuralShapes } from '../../src/asset/neural-shapes.js';
import { createDecoder } from '../../src/decoder/decoder.js';
import { PlainEvaluator } from '../../src/decoder/evaluator.js';
import { multiplyAddsPerEvaluation } from '../../src/decoder/spec.js';
import { blendLatents } from '../../src/distillation/blend-latents.js';
import { studentSettings, studentShapes, studentSpec } from '../../src/distillation/student.js';
import { collectTargets, createTargetSampler, type Target, type TargetJob } from '../../src/distillation/targets.js';
import { DEFAULT_TEACHER_SAMPLES, sampleTeacher } from '../../src/distillation/teacher-samples.js';
import { compareDecoders } from '../../src/evaluation/compare-decoders.js';
import { type DecoderCost, measureCost } from '../../src/evaluation/decoder-cost.js';
import { distillationFigures, distillationTable } from '../../src/evaluation/distillation-report.js';
import { Random } from '../../src/random.js';
import { engineSettings } from '../../src/training/settings.js';
import { latentsOfState } from '../../src/training/state.js';
import { type TrainingResult, trainAutoDecoder } from '../../src/training/train.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';
import { AnalyticEvaluator } from '../support/analytic-shapes.js';
import { tinyShapes } from '../support/tiny-shapes.js';

const code = (wanted: string) => expect.objectContaining({ code: wanted });
/** Its latent codes are one-hot. */
const teacher = tinyShapes();
const latents = teacher.shapes.map(({ latent }) => latent);

describe('blends of latent codes', () => {
  it('are convex, of two or three codes, and the same for the same seed', () => {
    const blends = blendLatents(latents, 200, new Random(1));
    const parts = blends.map((blend) => blend.filter((share) => share > 0).length);
    for (const blend of blends) {
      expect(Math.min(...blend)).toBeGreaterThanOrEqual(0);
      expect(blend.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
    }
    expect(new Set(parts)).toEqual(new Set([2, 3]));
    expect(blendLatents(latents, 200, new Random(1))).toEqual(blends);
    // Uniform over the edge between two codes: a quarter of them nearer than an eighth to either end.
    const edges = blendLatents(latents.slice(0, 2), 2000, new Random(2)).map((blend) => Math.min(...blend.filter((share) => share > 0)));
    expect(edges.filter((share) => share < 0.125).length / 2000).toBeCloseTo(0.25, 1);
  });

  it('need two codes', () => {
    expect(blendLatents(latents.slice(0, 1), 5, new Random(1))).toEqual([]);
  });
});

describe('samples of a teacher', () => {
  const facts = { delta: 0.1, stepScale: 1, halfExtent: 1 };
  const ball = (x: number, y: number, z: number) => Math.hypot(x, y, z) - 0.6;

  it('are its own distances, most of them near its surface, each on its side', async () => {
    const options = { ...DEFAULT_TEACHER_SAMPLES, count: 10_000, resolution: 32 };
    const { positive, negative } = await sampleTeacher(new AnalyticEvaluator(ball), facts, options, new Random(1));
    expect(positive.length + negative.length).toBe(4 * options.count);
    let near = 0;
    for (const [rows, sign] of [
      [positive, 1],
      [negative, -1],
    ] as const) {
      for (let i = 0; i < rows.length; i += 4) {
        expect(rows[i + 3]).toBe(Math.fround(ball(rows[i], rows[i + 1], rows[i + 2])));
        expect(Math.sign(rows[i + 3]) * sign).toBeGreaterThanOrEqual(0);
        near += Number(Math.abs(rows[i + 3]) < 0.02);
      }
    }
    // Half of 90 % at a deviation of 0.01 (95 % of them within two), half at 0.05 (31 %), and a few of the uniform ones.
    expect(near / options.count).toBeGreaterThan(0.53);
    expect(near / options.count).toBeLessThan(0.63);
  });

  it('are none where there is no surface', async () => {
    const nothing = new AnalyticEvaluator(() => 1);
    await expect(sampleTeacher(nothing, facts, DEFAULT_TEACHER_SAMPLES, new Random(1))).rejects.toThrow(code('EMPTY_SHAPE'));
  });
});

describe('targets', () => {
  const sampled = (job: TargetJob) => ({ name: job.name, positive: new Float32Array(4), negative: new Float32Array(4).fill(job.seed) });

  it('are the shapes in their order, then the blends that have a surface', async () => {
    const asked: TargetJob[] = [];
    const targets = await collectTargets(
      teacher,
      async (job) => {
        asked.push(job);
        return job.name === 'blend 2' ? undefined : sampled(job);
      },
      { blends: 4, seed: 7 },
    );
    expect(asked).toHaveLength(7);
    expect(new Set(asked.map(({ seed }) => seed)).size).toBe(7);
    expect(targets.map(({ samples }) => samples.name)).toEqual(['torus', 'sphere', 'box', 'blend 1', 'blend 3', 'blend 4']);
    expect(targets.slice(0, 3).map(({ latent }) => latent)).toEqual(latents);
    expect(targets[4].latent).toBe(asked[5].latent);
  });

  it('do not depend on how many are asked for at the same time', async () => {
    const slow = async (job: TargetJob) => {
      await new Promise((resolve) => setTimeout(resolve, (job.seed * 7919) % 5));
      return sampled(job);
    };
    const [one, many] = await Promise.all([1, 3].map((atOnce) => collectTargets(teacher, slow, { blends: 9, seed: 3, atOnce })));
    expect(many).toEqual(one);
  });

  it('refuse a teacher with a shape that is none, by name', async () => {
    const sample = async (job: TargetJob) => (job.name === 'sphere' ? undefined : sampled(job));
    await expect(collectTargets(teacher, sample, { blends: 0, seed: 1 })).rejects.toThrow(
      expect.objectContaining({ code: 'EMPTY_SHAPE', details: { name: 'sphere' } }),
    );
  });
});

describe('a student of the tiny decoder', () => {
  const spec = studentSpec(teacher.decoder.spec, { width: 16, layers: 2, octaves: 1 });
  let targets: Target[];
  let result: TrainingResult;
  let student: NeuralShapes;

  beforeAll(async () => {
    const sample = await createTargetSampler(teacher, { ...DEFAULT_TEACHER_SAMPLES, count: 8000, resolution: 48 });
    targets = await collectTargets(teacher, sample, { blends: 6, seed: 1 });
    const settings = studentSettings(spec, teacher, targets.length);
    const forEngine = engineSettings(spec, settings, targets.length);
    const engine = await createWasmEngine(forEngine);
    result = await trainAutoDecoder({
      spec,
      settings,
      engine,
      samples: targets.map(({ samples }) => samples),
      initialLatents: targets.map(({ latent }) => latent),
      seed: 1,
      steps: 1200,
    });
    student = { ...teacher, ...studentShapes(teacher, forEngine, result.state) };
    // The state's codes have not moved by a bit, so that the teacher's are the student's.
    expect(latentsOfState(forEngine, result.state)).toEqual(targets.map(({ latent }) => latent));
  });

  it('keeps names and codes, and costs less', () => {
    expect(student.shapes.map(({ name }) => name)).toEqual(teacher.shapes.map(({ name }) => name));
    expect(student.shapes.map(({ latent }) => latent)).toEqual(latents);
    expect(multiplyAddsPerEvaluation(student.decoder.spec)).toBeLessThan(0.5 * multiplyAddsPerEvaluation(teacher.decoder.spec));
  });

  it('has the teacher’s surfaces, at codes between those it learnt as well', async () => {
    const unseen = blendLatents(latents, 1, new Random(99));
    const cases = [
      ...teacher.shapes.slice(1).map(({ name, latent }) => ({ name, latent, unseen: false })),
      ...unseen.map((latent, i) => ({ name: `unseen ${i}`, latent, unseen: true })),
    ];
    const compared = await compareDecoders(teacher, student, cases, { resolution: 32, seed: 1 });
    expect(compared.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
    for (const { surfaceDistance, normalAngle, chamferX1000, components } of compared) {
      expect(surfaceDistance).toBeLessThan(0.02);
      expect(normalAngle).toBeLessThan(20);
      expect(chamferX1000).toBeLessThan(2);
      expect(components.teacher).toBeGreaterThan(0);
    }
  });

  it('must be given as many codes as there are shapes, of the right length', async () => {
    const settings = studentSettings(spec, teacher, targets.length);
    const engine = await createWasmEngine(engineSettings(spec, settings, targets.length));
    const samples = targets.map((target) => target.samples);
    for (const initialLatents of [latents.slice(0, 2), targets.map(() => new Float32Array(2))]) {
      await expect(trainAutoDecoder({ spec, settings, engine, samples, initialLatents, seed: 1, steps: 1 })).rejects.toThrow(
        code('LATENT_LENGTH'),
      );
    }
  });
});

describe('what was lost', () => {
  const cases = teacher.shapes.slice(0, 2).map(({ name, latent }) => ({ name, latent, unseen: false }));
  const compare = (student: NeuralShapes) => compareDecoders(teacher, student, [cases[0]], { resolution: 32, seed: 1 });

  it('is nothing for the teacher itself, but for what two samplings differ by', async () => {
    const [same] = await compare(teacher);
    expect(same.surfaceDistance).toBeLessThan(1e-6);
    expect(same.chamferX1000).toBeLessThan(0.14);
    expect(same.normalAngle).toBeLessThan(4);
    expect(same.truth).toBeUndefined();
  });

  it('is the offset of a student that answers too little', async () => {
    const { spec, layers } = teacher.decoder;
    const last = layers[layers.length - 1];
    const lower = { weight: last.weight, bias: last.bias.map((value) => value - 0.03) as Float32Array };
    const [offset] = await compare({ ...teacher, decoder: createDecoder(spec, [...layers.slice(0, -1), lower]) });
    // The level set of -0.03 of a signed distance lies 0.03 out.
    expect(offset.surfaceDistance).toBeGreaterThan(0.025);
    expect(offset.surfaceDistance).toBeLessThan(0.035);
  });

  it('is told against the truth for both, where there is one', async () => {
    const evaluator = new PlainEvaluator(teacher.decoder, latents[1]);
    const points = Float32Array.from({ length: 3000 }, () => 0);
    const random = new Random(5);
    for (let i = 0; i < points.length; i += 3) {
      // Onto the sphere of the analytic truth.
      const p = [random.normal(), random.normal(), random.normal()];
      for (let axis = 0; axis < 3; axis++) points[i + axis] = (0.65 * p[axis]) / Math.hypot(...p);
    }
    expect(Math.abs(evaluator.distance(points[0], points[1], points[2]))).toBeLessThan(0.05);
    const loadTruth = async () => ({ samples: { points, normals: new Float32Array(0) } });
    const [compared] = await compareDecoders(teacher, teacher, [{ ...cases[1], loadTruth }], { resolution: 32, seed: 1 });
    expect(compared.truth?.teacher).toBeGreaterThan(0);
    // Two drawings of one surface against the same points.
    expect((compared.truth?.student ?? 0) / (compared.truth?.teacher ?? 1)).toBeCloseTo(1, 0);
  });

  it('leaves out unseen codes that the teacher has no surface for, and refuses known ones', async () => {
    const { spec, layers } = teacher.decoder;
    const last = layers[layers.length - 1];
    const outside = { weight: last.weight.map(() => 0) as Float32Array, bias: Float32Array.of(0.5) };
    const empty = { ...teacher, decoder: createDecoder(spec, [...layers.slice(0, -1), outside]) };
    const options = { resolution: 16, seed: 1 };
    expect(await compareDecoders(empty, teacher, [{ ...cases[0], unseen: true }], options)).toEqual([]);
    await expect(compareDecoders(empty, teacher, cases, options)).rejects.toThrow(code('EMPTY_SHAPE'));
    const [lost] = await compareDecoders(teacher, empty, [cases[0]], options);
    expect(lost).toMatchObject({ chamferX1000: Number.POSITIVE_INFINITY, normalAngle: 180, components: { student: 0 } });
  });
});

describe('the report', () => {
  const cost = (multiplyAdds: number): DecoderCost => ({
    multiplyAdds,
    parameters: 2 * multiplyAdds,
    evaluationsPerSecond: 1e9 / multiplyAdds,
  });
  const shape = (name: string, unseen: boolean, chamferX1000: number) => ({
    name,
    unseen,
    chamferX1000,
    surfaceDistance: chamferX1000 / 100,
    normalAngle: 10 * chamferX1000,
    components: { teacher: 1, student: 1 },
  });
  const figures = distillationFigures(
    [shape('a', false, 0.1), shape('b', false, 0.3), shape('unseen blend 1', true, 0.5)],
    cost(1_800_000),
    cost(13_000),
  );

  it('averages known shapes and unseen blends apart, and says what a pixel costs', () => {
    expect(figures.lost.known).toMatchObject({ shapes: 2, chamferX1000: 0.2 });
    expect(figures.lost.known.normalAngle).toBeCloseTo(2, 12);
    expect(figures.lost.unseen).toMatchObject({ shapes: 1, chamferX1000: 0.5 });
    expect(figures.won.multiplyAddsRatio).toBeCloseTo(138.46, 2);
    expect(figures.won.speedRatio).toBeCloseTo(138.46, 2);
    const table = distillationTable(figures);
    expect(table).toMatch(/^mean of 2 shapes +0\.200 +0\.00200 +2\.00$/m);
    expect(table).toMatch(/^mean of 1 unseen blends +0\.500/m);
    expect(table).toMatch(/^multiply-adds a query point +1,800,000 +13,000 +138 x$/m);
    expect(table).not.toContain('truth');
  });

  it('shows both against the truth where it is known', () => {
    const withTruth = { ...shape('a', false, 0.1), truth: { teacher: 0.11, student: 0.14 } };
    const table = distillationTable(distillationFigures([withTruth, shape('b', false, 0.3)], cost(10), cost(5)));
    expect(table).toMatch(/a +0\.100 .* 0\.110 +0\.140$/m);
    expect(table).toMatch(/b +0\.300 .* – +–$/m);
    expect(table).toMatch(/mean of 2 shapes .* 0\.110 +0\.140$/m);
  });

  it('measures evaluations', async () => {
    const { multiplyAdds, evaluationsPerSecond, parameters } = await measureCost(teacher.decoder, latents[0], 0.05);
    expect(multiplyAdds).toBe(multiplyAddsPerEvaluation(teacher.decoder.spec));
    expect(parameters).toBeGreaterThan(multiplyAdds);
    expect(evaluationsPerSecond).toBeGreaterThan(1e5);
  });
});

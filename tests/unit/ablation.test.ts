import { describe, expect, it } from 'vitest';
import { multiplyAddsPerEvaluation, planLayers } from '../../src/decoder/spec.js';
import { type RunStudyOptions, runStudy, type StudyRow, type StudyShape } from '../../src/experiments/run-study.js';
import { type Study, studyOf } from '../../src/experiments/study.js';
import { studyPlot } from '../../src/experiments/study-plot.js';
import { parseStudyRows, studyData, studyMarkdown } from '../../src/experiments/study-report.js';
import { summarizeRows } from '../../src/experiments/summarize-rows.js';
import { Random } from '../../src/random.js';
import type { TrainingEngine } from '../../src/training/engine.js';
import { initializeState } from '../../src/training/state.js';
import { createWasmEngine } from '../../src/training/wasm/wasm-engine.js';

const form = { width: 64, codeLength: 8 };

describe('studies', () => {
  it('truncation varies delta alone, from 0.01 to 0.5', () => {
    const { cases } = studyOf('truncation', form);
    expect(cases.map(({ settings }) => settings.delta)).toEqual(cases.map(({ x }) => x));
    expect([cases[0].x, cases.at(-1)?.x]).toEqual([0.01, 0.5]);
    expect(cases.some(({ x }) => x === 0.1)).toBe(true);
    expect(new Set(cases.map(({ spec, settings }) => JSON.stringify({ spec, settings: { ...settings, delta: 0 } }))).size).toBe(1);
  });

  it('skip has each depth with the input concatenated again in the middle, and without', () => {
    const { cases } = studyOf('skip', form);
    expect(cases).toHaveLength(8);
    for (const { series, x, spec } of cases) {
      const plans = planLayers(spec);
      expect(plans).toHaveLength(x + 1);
      const entries = plans.flatMap(({ latent, point }, layer) => (latent && point ? [layer] : []));
      expect(entries).toEqual(series === 'no skip' ? [0] : [0, x / 2]);
      expect(plans.slice(0, -1).every(({ normalization, activation }) => normalization === 'weight' && activation === 'relu')).toBe(true);
    }
  });
});

const study: Study = { ...studyOf('skip', { width: 16, codeLength: 2 }) };
const small: Study = { ...study, cases: study.cases.slice(0, 3) };

const random = new Random(1);
const rows = (sign: number) => {
  const values = new Float32Array(4 * 300);
  for (let i = 0; i < values.length; i += 4) {
    const [x, y, z] = [random.normal(), random.normal(), random.normal()];
    const [length, radius] = [Math.hypot(x, y, z), 0.6 + sign * Math.abs(0.1 * random.normal())];
    values.set([(radius * x) / length, (radius * y) / length, (radius * z) / length, radius - 0.6], i);
  }
  return values;
};
const ball: StudyShape = {
  samples: { name: 'ball', positive: rows(1), negative: rows(-1) },
  truth: { samples: { points: rows(0).filter((_, i) => i % 4 < 3), normals: new Float32Array(0) } },
};
const options = (change: Partial<RunStudyOptions> = {}): RunStudyOptions => ({
  budget: { steps: 3 },
  seed: 1,
  resolution: 12,
  createEngine: (settings) => createWasmEngine(settings),
  ...change,
});

describe('running a study', () => {
  it('makes a row a case; one done before of the same identity is taken over, another is not', async () => {
    const made: StudyRow[] = [];
    const first = await runStudy(small, [ball], options({ onRow: async (_, row) => void made.push(row) }));
    expect(made).toEqual(first);
    expect(first.map(({ x }) => x)).toEqual([4, 4, 8]);
    const again: StudyRow[] = [];
    const second = await runStudy(small, [ball], options({ done: first, onRow: async (_, row) => void again.push(row) }));
    expect(second).toEqual(first);
    expect(again).toEqual([]);
    for (const change of [{ seed: 2 }, { resolution: 13 }, { budget: { steps: 4 } }]) {
      const other = await runStudy({ ...small, cases: small.cases.slice(0, 1) }, [ball], options({ ...change, done: first }));
      expect(other[0].identity).not.toBe(first[0].identity);
    }
  });

  it('repeats every case with the seeds that follow', async () => {
    const rows = await runStudy({ ...small, cases: small.cases.slice(0, 2) }, [ball], options({ repeats: 2 }));
    expect(rows.map(({ series, seed }) => `${series} ${seed}`)).toEqual([
      'skip in the middle 1',
      'no skip 1',
      'skip in the middle 2',
      'no skip 2',
    ]);
    expect(rows[2].loss).not.toBe(rows[0].loss);
    const [second] = await runStudy({ ...small, cases: small.cases.slice(0, 1) }, [ball], options({ seed: 2 }));
    expect({ ...second, seconds: 0 }).toEqual({ ...rows[2], seconds: 0 });
  });

  it('takes a collapsed decoder for a result, and no other failure', async () => {
    const engine = (step: TrainingEngine['step']) => async (settings: Parameters<RunStudyOptions['createEngine']>[0]) => ({
      description: 'broken',
      step,
      readState: async () => initializeState(settings, 0.1, new Random(1)),
      writeState: async () => undefined,
      dispose: () => undefined,
    });
    const nan = engine(async () => ({ loss: Number.NaN }));
    const [row] = await runStudy({ ...small, cases: small.cases.slice(0, 1) }, [ball], options({ createEngine: nan }));
    expect(row).toMatchObject({ collapsed: true, empty: 1, chamferX1000: { mean: Number.POSITIVE_INFINITY } });
    const broken = engine(async () => {
      throw new Error('a bug');
    });
    await expect(runStudy(small, [ball], options({ createEngine: broken }))).rejects.toThrow('a bug');
  });

  it('keeps what is done when it is stopped', async () => {
    const stop = new AbortController();
    const onRow = async () => stop.abort();
    expect(await runStudy(small, [ball], options({ onRow, signal: stop.signal }))).toHaveLength(1);
  });
});

describe('the report of a study', () => {
  const row = (series: string, x: number, chamfer: number): StudyRow => ({
    series,
    x,
    seed: 1,
    identity: `${series} ${x}`,
    backend: 'wasm',
    collapsed: !Number.isFinite(chamfer),
    steps: 100,
    seconds: 9.6,
    loss: 0.004,
    chamferX1000: { mean: chamfer, median: chamfer },
    surfaceDistance: chamfer / 100,
    accuracy: chamfer / 50,
    cosineSimilarity: 0.9,
    empty: 0,
  });
  const all = [
    row('skip in the middle', 4, 0.4),
    row('no skip', 4, 0.5),
    row('skip in the middle', 8, 0.3),
    row('no skip', 8, Number.POSITIVE_INFINITY),
  ];
  const heading = { command: 'neural-sdf ablate skip', shapes: ['a', 'b'], budget: { seconds: 100 }, seed: 1, repeats: 1, resolution: 128 };

  it('is a table with a line a row, and the command', () => {
    const markdown = studyMarkdown(study, heading, all, 'skip.svg');
    const cost = multiplyAddsPerEvaluation(study.cases[0].spec).toLocaleString('en');
    expect(markdown).toContain(
      `| 4 | skip in the middle | ${cost} | 100 | 10 | 0.00400 | 0.400 |  | 0.400 | 0.00400 | 0.0080 | 0.900 |  |`,
    );
    expect(markdown).toMatch(/\| 8 \| no skip .* ∞ \| {2}\| ∞ \| ∞ \| ∞ .* stuck at a constant \|/);
    expect(markdown).toContain('Remade by `neural-sdf ablate skip`; under a time budget');
  });

  it('averages the runs of a case, those that learnt nothing apart', () => {
    const runs = [row('no skip', 4, 0.5), row('no skip', 4, 0.3), row('no skip', 4, Number.POSITIVE_INFINITY)];
    const [summary] = summarizeRows(study, runs);
    expect(summary).toMatchObject({ runs: 3, stuck: 1, chamferX1000: { mean: 0.4, low: 0.3, high: 0.5 } });
    expect(studyMarkdown(study, { ...heading, repeats: 3 }, runs, 'skip.svg')).toMatch(
      /0\.400 \| 0\.300 to 0\.500 .* 1 of 3 stuck at a constant \|/,
    );
    expect(studyPlot(study, runs).match(/<line class="whisker series-1"/g)).toHaveLength(1);
  });

  it('comes back from its JSON, infinite figures as well', () => {
    const text = JSON.stringify(studyData(study, heading, all));
    expect(text).toContain('"mean":null');
    expect(parseStudyRows(text, 'x')).toEqual(all);
    for (const other of ['', '[]', '{"rows":[{}]}', '{"rows":{}}'])
      expect(() => parseStudyRows(other, 'x.json')).toThrowError(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('draws a line a series, through what is finite, smaller figures lower', () => {
    const svg = studyPlot({ ...study, comparesLoss: false }, all);
    const lines = [...svg.matchAll(/<polyline class="curve series-(\d)" points="([^"]*)"/g)].map(([, , points]) =>
      points.split(' ').map((point) => point.split(',').map(Number)),
    );
    expect(lines.map(({ length }) => length)).toEqual([2, 1]);
    const [[four, eight], [other]] = lines;
    expect(eight[0]).toBeGreaterThan(four[0]);
    expect(eight[1]).toBeGreaterThan(four[1]);
    expect(other[0]).toBe(four[0]);
    expect(other[1]).toBeLessThan(four[1]);
    expect(studyPlot(study, all).match(/class="panel"/g)).toHaveLength(2);
    expect(studyPlot(study, [all[3]])).toContain('nothing measured');
  });
});

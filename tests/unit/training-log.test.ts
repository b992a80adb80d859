import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { axisTicks, formatTick, logTicks, Scale } from '../../src/evaluation/plot-axes.js';
import { type TrainingPlotPoint, trainingPlot } from '../../src/evaluation/training-plot.js';
import type { TrainingCheckpoint } from '../../src/training/checkpoint.js';
import type { TrainingProgress } from '../../src/training/run-clock.js';
import { TrainingLog } from '../../src/training/training-log-node.js';

const folder = mkdtempSync(join(tmpdir(), 'training-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (step: number, seconds: number, share = step / 100): TrainingProgress => ({
  step,
  epoch: Math.floor(step / 2),
  share,
  loss: 1 / step,
  decoderRate: 1e-3,
  latentRate: 2e-3,
  samplesPerSecond: 1234.5,
  elapsedSeconds: seconds,
  secondsLeft: 1,
});
const resumeAt = (step: number) =>
  ({
    state: { step },
    identity: { settings: { shapesPerStep: 1 }, shapeCount: 2 },
    elapsedSeconds: step / 10,
    smoothedLoss: 1 / step,
  }) as unknown as TrainingCheckpoint;
const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('the training log', () => {
  it('has a JSON object a line: moments not too close, every measurement, the end', () => {
    const path = join(folder, 'run', 'a.jsonl');
    const log = new TrainingLog(path);
    for (let step = 1; step < 100; step++) log.progress(at(step, step / 8));
    log.readings({ chamferX1000: 0.5 }, at(99, 12.4));
    log.progress(at(100, 12.5));
    const entries = linesOf(path).map((line) => JSON.parse(line));
    expect(entries).toEqual(log.entries);
    expect(entries.slice(0, -2).map(({ seconds }) => seconds)).toEqual(Array.from({ length: 25 }, (_, i) => (1 + 4 * i) / 8));
    expect(entries[0]).toEqual({ step: 1, epoch: 0, seconds: 0.125, loss: 1, decoderRate: 1e-3, latentRate: 2e-3, samplesPerSecond: 1235 });
    expect(entries.at(-2)).toEqual({ step: 99, epoch: 49, seconds: 12.4, chamferX1000: 0.5 });
    expect(entries.at(-1).step).toBe(100);
  });

  it('of a long run has some thousand lines, one a minute at least', () => {
    const path = join(folder, 'long.jsonl');
    const log = new TrainingLog(path);
    for (let i = 1; i <= 36_000; i++) log.progress(at(i, i, i / 36_000));
    expect(log.entries.length).toBeGreaterThan(1800);
    expect(log.entries.length).toBeLessThan(2200);
    for (let i = 1; i <= 600; i++) log.progress(at(36_000 + i, 36_000 + i, 0.5));
    expect(log.entries.length).toBeLessThan(2220);
    expect(log.entries.at(-1)!.seconds).toBeGreaterThan(36_530);
  });

  it('goes on after a resume, and forgets what the run went back behind', () => {
    const path = join(folder, 'resumed.jsonl');
    const first = new TrainingLog(path);
    for (const step of [10, 20, 30]) first.progress(at(step, step / 10));
    // What a killed process leaves.
    appendFileSync(path, '{"step":40,"epo');
    const second = new TrainingLog(path, resumeAt(20));
    second.progress(at(25, 2.5));
    expect(second.entries.map(({ step }) => step)).toEqual([10, 20, 25]);
    expect(linesOf(path).length).toBe(6);
    const third = new TrainingLog(path, resumeAt(25));
    expect(third.entries.map(({ step }) => step)).toEqual([10, 20, 25]);
    expect(linesOf(path).map((line) => line.includes('"event":"resumed"'))).toEqual([false, false, false, false, true, false, true]);
  });

  it('begins anew with a new run, and refuses a place that cannot be written', () => {
    const path = join(folder, 'resumed.jsonl');
    expect(new TrainingLog(path).entries).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(() => new TrainingLog(join(path, 'below-a-file.jsonl'))).toThrowError(expect.objectContaining({ code: 'WRITE_FAILED' }));
  });
});

describe('the plot', () => {
  const points = Array.from({ length: 5000 }, (_, i): TrainingPlotPoint => {
    const measured = i % 1000 === 999 ? { validationLoss: 0.02, chamferX1000: 100 / i } : {};
    return { step: 10 * (i + 1), seconds: i, loss: 0.1 / (1 + i / 100), ...measured };
  });

  it('draws a curve for each quantity that was measured, with no more points than pixels', () => {
    const svg = trainingPlot('cups.glb', points);
    const lines = [...svg.matchAll(/<polyline class="curve (\w+)" points="([^"]*)"/g)];
    expect(lines.map((line) => line[1])).toEqual(['loss', 'validationLoss', 'chamferX1000']);
    const places = lines.map((line) => line[2].split(' ').map((place) => place.split(',').map(Number)));
    expect(places[0].length).toBeGreaterThan(500);
    expect(places[0].length).toBeLessThanOrEqual(960);
    expect(places.slice(1).map((list) => list.length)).toEqual([5, 5]);
    // The loss falls: down is more y.
    for (const [i, [x, y]] of places[0].entries())
      if (i > 0) expect([x > places[0][i - 1][0], y >= places[0][i - 1][1]]).toEqual([true, true]);
    expect(svg).toContain('step 50,000, 83.3 min of training');
    expect(svg).not.toMatch(/NaN|Infinity|undefined|href|<script/);
  });

  it('of a run just begun, or of one whose shapes have no surface yet, is still a picture', () => {
    for (const few of [[], [{ step: 1, seconds: 0.1, loss: 0.05 }], [{ step: 1, seconds: 0.1, chamferX1000: Number.POSITIVE_INFINITY }]]) {
      const svg = trainingPlot('a', few);
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('shows a name as it is', () => {
    expect(trainingPlot('<b>&"', points)).toContain('&#60;b&#62;&#38;&#34;');
  });
});

describe('axes', () => {
  it('have round ticks within them', () => {
    expect(axisTicks(1610, 6)).toEqual([0, 500, 1000, 1500]);
    expect(axisTicks(3, 6)).toEqual([0, 1, 2, 3]);
    expect(logTicks([0.004, 0.3])).toEqual([0.005, 0.01, 0.02, 0.05, 0.1, 0.2]);
    expect(logTicks([1e-5, 0.3])).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 0.1]);
    expect([0.005, 20, 3000, 1.5e6].map(formatTick)).toEqual(['0.005', '20', '3 k', '1.5 M']);
  });

  it('place values by their logarithm, in a range at least twice as high as low', () => {
    const scale = Scale.logarithmic(0.01, 0.01, [100, 0]);
    expect(scale.at(0.01)).toBeCloseTo(50, 9);
    expect(scale.domain[1] / scale.domain[0]).toBeCloseTo(2, 9);
    const wide = new Scale([0.01, 1], [0, 200], 'logarithmic');
    expect(wide.at(0.1)).toBeCloseTo(100, 9);
  });
});

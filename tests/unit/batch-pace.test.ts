import { describe, expect, it } from 'vitest';
import type { Feeding } from '../../src/gpu/bricks/batch-evaluator.js';
import { BatchPace } from '../../src/gpu/bricks/batch-pace.js';
import { Random } from '../../src/random.js';
import { quantile } from '../support/ray-judge.js';

const CALLER: Feeding = { milliseconds: 12, firstRows: 64, lanes: 1, ahead: 1, queued: 0, isOrdered: true };
const THREADS: Feeding = { milliseconds: 40, firstRows: 128, lanes: 2, ahead: 6, queued: 0, isOrdered: false };
/** Whose batches they are. */
const FILL = {};

/** An evaluator by a clock of its own: no time passes but what batches take. @param load how many times longer a batch takes than on an idle machine */
function fake(feeding: Feeding, pointsPerSecond: number, load: () => number = () => 1) {
  const state = { pointsPerSecond, rests: 0, sizes: [] as number[], times: [] as number[], most: 0, underWay: 0 };
  const pace = new BatchPace({
    mostRows: 100_000,
    feeding,
    rest: async () => {
      state.rests++;
    },
  });
  const evaluate = async (points: number) => {
    state.most = Math.max(state.most, ++state.underWay);
    await Promise.resolve();
    state.underWay--;
    const milliseconds = (1000 * points * load()) / state.pointsPerSecond;
    state.times.push(milliseconds);
    return milliseconds;
  };
  /** As brick-field.ts feeds it. */
  const run = async (points: number, budget?: number) => {
    for (let done = 0; done < points; ) {
      const rows = Math.min(pace.rows, points - done);
      state.sizes.push(rows);
      pace.add(rows, evaluate(rows), FILL);
      done += rows;
      if (pace.isFull(budget)) await pace.room(FILL);
    }
    await pace.idle(FILL);
  };
  return { pace, state, run };
}

describe('the pace of batches', () => {
  it.each([
    ['on the calling thread', CALLER],
    ['on threads', THREADS],
  ] as const)('is found from a small first batch, and never holds anything for 100 ms: %s', async (_, feeding) => {
    // The 8x512 by wasm: 8,000 a second and thread, from a fast machine to a loaded one.
    for (const rate of [40_000, 8000, 2000]) {
      const { pace, state, run } = fake(feeding, rate);
      await run(20_000);
      expect(pace.longest).toBeLessThan(100);
      expect(state.sizes[0]).toBe(feeding.firstRows);
      const wanted = (rate * feeding.milliseconds) / 1000;
      expect(state.sizes.at(-2)).toBeGreaterThan(Math.min(wanted, 64) - 65);
      expect(state.sizes.at(-2)).toBeLessThanOrEqual(Math.max(wanted, 64));
    }
  });

  it('takes half a batch at once when the machine becomes half as fast', async () => {
    const { pace, state, run } = fake(CALLER, 40_000);
    await run(10_000);
    const before = pace.rows;
    pace.longest = 0;
    state.pointsPerSecond /= 2;
    await run(2 * before);
    expect(pace.longest).toBeCloseTo(2 * CALLER.milliseconds, -1);
    expect(pace.rows).toBeLessThanOrEqual(before / 2);
  });

  it('keeps 95 of 100 batches well under 100 ms on a machine that is busy by fits and starts', async () => {
    for (const seed of [1, 2, 3]) {
      const random = new Random(seed);
      let burst = 1;
      const load = () => {
        // Others come and go every forty batches or so, and one batch in twelve waits for its turn besides.
        if (random.uniform() < 1 / 40) burst = [1, 2, 5][random.index(3)];
        return burst * (random.uniform() < 1 / 12 ? 3 : 1);
      };
      const { state, run } = fake(THREADS, 16_000, load);
      await run(300_000);
      const ascending = Float64Array.from(state.times).sort();
      expect(quantile(ascending, 0.95)).toBeLessThan(75);
      // And it is not for their being small: half of them are worth handing out.
      expect(quantile(ascending, 0.5)).toBeGreaterThan(10);
    }
  });

  it('makes batches smaller by one that was slow before anybody waits, and not by a small one that was quick', async () => {
    const { pace, state, run } = fake(THREADS, 16_000);
    await run(50_000);
    const before = pace.rows;
    state.pointsPerSecond /= 3;
    pace.add(before, Promise.resolve((1000 * before) / state.pointsPerSecond), FILL);
    await new Promise((resolve) => setTimeout(resolve));
    expect(pace.rows).toBeLessThanOrEqual(before / 3);
    const slow = pace.rows;
    // The last of a level: a few points that take as long as sixty-four would.
    pace.add(3, Promise.resolve(4), FILL);
    await new Promise((resolve) => setTimeout(resolve));
    expect(pace.rows).toBe(slow);
    // One that was off the processor for a second does not make all of them tiny.
    pace.add(slow, Promise.resolve(1000), FILL);
    await new Promise((resolve) => setTimeout(resolve));
    expect(pace.rows).toBeGreaterThanOrEqual(slow / 8);
    await pace.idle(FILL);
  });

  it('has as much work under way as it is told to, however small batches are', async () => {
    const { pace, state, run } = fake({ ...THREADS, ahead: 2, queued: 120 }, 8000);
    await run(2000);
    pace.rate = 8000;
    state.most = 0;
    await run(20_000);
    // 120 ms on two threads.
    const points = state.most * state.sizes.at(-2)!;
    expect(points).toBeGreaterThan(1900);
    expect(points).toBeLessThan(1900 + 2 * state.sizes.at(-2)!);
  });

  it('gives others their turn after every batch in order, and keeps threads busy without', async () => {
    const caller = fake(CALLER, 8000);
    await caller.run(1000);
    expect(caller.state.rests).toBeGreaterThanOrEqual(caller.state.sizes.length - 1);
    expect(caller.state.most).toBe(1);
    const threads = fake(THREADS, 8000);
    await threads.run(10_000);
    expect(threads.state.most).toBe(THREADS.ahead);
    expect(threads.pace.timeFor(16_000)).toBeCloseTo(1000);
  });

  it('queues at once what is known to fit a budget', async () => {
    const { pace, state, run } = fake(CALLER, 64_000);
    await run(5000);
    const before = state.rests;
    state.most = 0;
    await run(3000, 60);
    expect(state.most).toBeGreaterThan(2);
    expect(state.rests).toBe(before);
    expect(pace.longest).toBeLessThan(60);
  });

  it('passes on what a batch has failed with, to its own fill alone, and once', async () => {
    const { pace } = fake(THREADS, 1);
    const other = {};
    pace.add(64, Promise.reject(new Error('the worker died')), FILL);
    pace.add(64, Promise.reject(new Error('and its like')), FILL);
    pace.add(64, Promise.resolve(1), other);
    await pace.idle(other);
    await expect(pace.idle(FILL)).rejects.toThrow('the worker died');
    pace.add(64, Promise.resolve(1), FILL);
    await pace.room(FILL);
    await pace.idle(FILL);
  });
});

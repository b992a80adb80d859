import { describe, expect, it } from 'vitest';
import { BudgetController, SCALES } from '../../plugin/budget/budget-controller.js';
import { Random } from '../../src/random.js';

const TARGET = 16;

/** Frames of an adapter that takes `fixed` milliseconds a frame and `traced` for every pixel traced, give or take a tenth. */
class Adapter {
  readonly levels: number[] = [];
  private readonly _random = new Random(5);

  constructor(
    readonly controller: BudgetController,
    public fixed: number,
    public traced: number,
  ) {}

  frameTime(): number {
    return (this.fixed + this.traced * this.controller.scale ** 2) * this._random.range(0.9, 1.1);
  }

  run(frames: number): void {
    for (let frame = 0; frame < frames; frame++) {
      this.controller.observe(this.frameTime(), this.controller.level);
      this.levels.push(this.controller.level);
    }
  }

  /** Changes of level among the last frames. */
  changesIn(frames: number): number {
    const last = this.levels.slice(-frames - 1);
    return last.filter((level, i) => i > 0 && level !== last[i - 1]).length;
  }
}

describe('what resolution to trace at', () => {
  it('is the full one, always, while frames are well within the target', () => {
    const adapter = new Adapter(new BudgetController(TARGET), 5, 8);
    adapter.run(2000);
    expect(new Set(adapter.levels)).toEqual(new Set([0]));
    expect(adapter.controller.scale).toBe(1);
  });

  it.each([
    [4, 20],
    [4, 40],
    [2, 100],
    [1, 400],
    [8, 30],
  ])('fits %i ms and %i ms of tracing into the target within some frames, and stays there', (fixed, traced) => {
    const adapter = new Adapter(new BudgetController(TARGET), fixed, traced);
    adapter.run(15);
    expect(fixed + traced * adapter.controller.scale ** 2).toBeLessThan(1.2 * TARGET);
    adapter.run(1500);
    const settled = adapter.controller.level;
    expect(adapter.levels.slice(-500).filter((level) => level === settled).length).toBeGreaterThan(480);
    expect(adapter.changesIn(1000)).toBeLessThanOrEqual(4);
    expect(fixed + traced * SCALES[settled] ** 2).toBeLessThan(1.2 * TARGET);
    // No coarser than it need be: the next finer level would not fit.
    if (settled > 0) expect(fixed + traced * SCALES[settled - 1] ** 2).toBeGreaterThan(0.75 * TARGET);
  });

  it('takes no notice of single slow frames', () => {
    const adapter = new Adapter(new BudgetController(TARGET), 4, 8);
    for (let hitch = 0; hitch < 20; hitch++) {
      adapter.run(10);
      adapter.controller.observe(900, 0);
    }
    expect(new Set(adapter.levels)).toEqual(new Set([0]));
  });

  it('follows a scene that gets dearer, and cheaper again', () => {
    const adapter = new Adapter(new BudgetController(TARGET), 3, 8);
    adapter.run(200);
    expect(adapter.controller.level).toBe(0);
    adapter.traced = 120;
    adapter.run(30);
    expect(3 + 120 * adapter.controller.scale ** 2).toBeLessThan(1.2 * TARGET);
    adapter.traced = 8;
    adapter.run(400);
    expect(adapter.controller.level).toBe(0);
  });

  it('leaves the resolution alone where the time goes elsewhere', () => {
    const adapter = new Adapter(new BudgetController(TARGET), 40, 1);
    adapter.run(3000);
    expect(adapter.levels.filter((level) => level > 0).length).toBeLessThan(60);
    expect(adapter.changesIn(1000)).toBeLessThanOrEqual(2);
  });

  it('starts where it is told to, and comes up from there', () => {
    const controller = new BudgetController(TARGET, SCALES.length - 1);
    const adapter = new Adapter(controller, 2, 5);
    adapter.run(300);
    expect(controller.level).toBe(0);
  });

  it('does not count frames of another level, that ended late', () => {
    const controller = new BudgetController(TARGET);
    for (let frame = 0; frame < 50; frame++) controller.observe(500, 2);
    expect(controller.level).toBe(0);
  });
});

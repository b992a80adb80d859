import { NeuralSdfError } from '../../src/errors.js';
import { Random } from '../../src/random.js';
import type { StepSettings, TrainingBatch, TrainingEngine } from '../../src/training/engine.js';
import { initializeState } from '../../src/training/state.js';
import { type BenchCase, batchOf, settingsOf } from './train-cases.js';
import type { Contender } from './train-contenders.js';

export interface Pace {
  /** Of a turn; a step at least is taken in any case. */
  readonly seconds: number;
  readonly rounds: number;
  /** A few samples only: to see that all of it runs. */
  readonly quick: boolean;
}

/** What one backend did on one case. */
export interface Measured {
  readonly contender: Contender;
  readonly description: string;
  /** Samples of a step. */
  readonly batch: number;
  /** GFLOP/s of its multiplication alone, just before. */
  readonly product: number;
  /** Samples a second by the clock, a turn each. */
  readonly byClock: readonly number[];
  /** By processor time, all threads together: what other programs disturb less. */
  readonly byProcessor: readonly number[];
}

/** A backend that the machine does not have, or that is not for the case. */
export interface Skipped {
  readonly backend: string;
  readonly why: string;
}

interface Running {
  readonly contender: Contender;
  readonly engine: TrainingEngine;
  readonly batch: TrainingBatch;
  readonly product: number;
  readonly byClock: number[];
  readonly byProcessor: number[];
}

const STEP: StepSettings = { decoderRate: 1e-4, latentRate: 1e-4, regularization: 1e-4, dropoutSeed: 1 };

/** Backends take turns, so that whatever else disturbs the machine disturbs all of them. */
export async function takeTurns(
  each: BenchCase,
  contenders: readonly Contender[],
  pace: Pace,
): Promise<{ measured: Measured[]; skipped: Skipped[] }> {
  const running: Running[] = [];
  const skipped: Skipped[] = [];
  for (const contender of contenders) {
    try {
      running.push(await warmUp(each, contender, pace));
    } catch (error) {
      // Anything else is a bug.
      if (!(error instanceof NeuralSdfError)) throw error;
      skipped.push({ backend: contender.name, why: error.message });
    }
  }
  for (let round = 0; round < pace.rounds; round++) for (const one of running) await turn(one, pace.seconds);
  const measured = running.map(({ engine, batch, ...rest }) => {
    engine.dispose();
    return { ...rest, description: engine.description, batch: batch.distances.length };
  });
  return { measured, skipped };
}

/** V8 compiles kernels a second time, optimised, while they run; drivers compile shaders. */
async function warmUp(each: BenchCase, contender: Contender, { seconds, quick }: Pace): Promise<Running> {
  const settings = settingsOf(each);
  const engine = await contender.open(settings);
  await engine.writeState(initializeState(settings, 0.01, new Random(2)));
  const most = contender.samplesPerGroup(each.spec.dims[0] > 256);
  const batch = batchOf(quick ? Math.min(16, Math.ceil(most / 4)) : most);
  await turn({ contender, engine, batch, product: 0, byClock: [], byProcessor: [] }, Math.min(0.5, seconds));
  const product = await contender.productRate(seconds / 2);
  return { contender, engine, batch, product, byClock: [], byProcessor: [] };
}

async function turn({ contender, engine, batch, byClock, byProcessor }: Running, seconds: number): Promise<void> {
  const start = performance.now();
  const usage = process.cpuUsage();
  let samples = 0;
  do {
    await engine.step(batch, STEP);
    samples += batch.distances.length;
  } while (performance.now() - start < seconds * 1000);
  if (contender.queued) await engine.readState();
  const { user, system } = process.cpuUsage(usage);
  byClock.push((samples / (performance.now() - start)) * 1e3);
  byProcessor.push((samples / (user + system)) * 1e6);
}

import { firstNotFinite } from '../decoder/decoder.js';
import { NeuralSdfError } from '../errors.js';
import { Random } from '../random.js';
import { BatchSource } from './batches.js';
import { checkIdentity, type RunIdentity } from './checkpoint.js';
import { CheckpointKeeper, type CheckpointTags } from './checkpoint-plan.js';
import { boundLatents } from './code-bound.js';
import { constantPredictionLoss } from './collapse.js';
import { dropoutSeed } from './dropout.js';
import type { StepSettings, TrainingState } from './engine.js';
import { MovingLoss } from './moving-loss.js';
import { ProbePacer } from './probe.js';
import { RunClock, type RunLength, type TrainingProgress } from './run-clock.js';
import type { SampleSource } from './sample-source.js';
import { learningRate } from './schedule.js';
import { engineSettings } from './settings.js';
import { initializeState } from './state.js';
import type { TrainingOptions, TrainingResult } from './train.js';

const PROGRESS_INTERVAL = 0.25;
const YIELD_INTERVAL = 0.05;

/** One call of `trainAutoDecoder`: `start`, `steps`, `finish`, `settle`. */
export class TrainingRun {
  private readonly _identity: RunIdentity;
  private readonly _random: Random;
  private readonly _batches: BatchSource;
  private readonly _clock: RunClock;
  private readonly _keeper: CheckpointKeeper;
  private readonly _probes: readonly ProbePacer[];
  private readonly _losses = new MovingLoss();

  constructor(
    private readonly _options: TrainingOptions,
    source: SampleSource,
    length: RunLength,
  ) {
    const { spec, settings, seed, checkpoint, probes = [] } = _options;
    this._random = new Random(seed);
    this._batches = new BatchSource(source, settings, this._random);
    this._identity = { spec, settings, seed, shapeCount: source.shapeCount, samples: source.digest };
    this._clock = new RunClock(length, source.shapeCount / settings.shapesPerStep);
    this._keeper = new CheckpointKeeper(checkpoint ?? {}, this._clock);
    this._probes = probes.map((probe) => new ProbePacer(probe));
  }

  async start(): Promise<void> {
    const { spec, settings, engine, checkpoint, initialLatents } = this._options;
    const resume = checkpoint?.resume;
    if (resume) {
      checkIdentity(resume.identity, this._identity);
      await engine.writeState(resume.state);
      this._batches.restore(resume.batches);
      this._losses.restore(resume.smoothedLoss, resume.smoothedBaseline);
    } else {
      const state = initializeState(engineSettings(spec, settings, this._identity.shapeCount), settings.codeStdDev, this._random);
      const latents = state.parameters[state.parameters.length - 1];
      if (initialLatents) setLatents(latents, initialLatents, spec.codeLength);
      boundLatents(latents, spec.codeLength, settings.codeBound);
      await engine.writeState(state);
    }
    this._clock.start(resume?.state.step ?? 0, resume?.elapsedSeconds ?? 0);
    this._keeper.start(resume?.best);
  }

  /** @returns whether the run came to its end */
  async steps(): Promise<boolean> {
    const { onProgress, signal } = this._options;
    const clock = this._clock;
    let reportedAt = 0;
    let yieldedAt = 0;
    while (clock.share < 1) {
      if (signal?.aborted) return false;
      await this._step();
      if (clock.sessionSeconds - reportedAt >= PROGRESS_INTERVAL) {
        reportedAt = clock.sessionSeconds;
        onProgress?.(this._progress());
      }
      await this._probe((pacer) => pacer.isDue(clock.sessionSeconds, clock.share));
      await this._saveIfDue();
      if (clock.sessionSeconds - yieldedAt >= YIELD_INTERVAL) {
        // A CPU engine never waits for anything: without this neither a signal nor a page would get its turn.
        await new Promise((resolve) => setTimeout(resolve));
        yieldedAt = clock.sessionSeconds;
      }
    }
    return true;
  }

  async finish(finished: boolean): Promise<TrainingResult> {
    if (finished) await this._probe((pacer) => pacer.isStale(this._clock.step));
    const best = this._keeper.isBest('loss', this._losses.loss);
    const state = await this._save({ best, epochs: [] });
    const progress = this._progress();
    this._options.onProgress?.(progress);
    return { state, progress, finished };
  }

  /** Leaves nothing behind that still reads samples. */
  async settle(): Promise<void> {
    await this._batches.settle();
  }

  private async _step(): Promise<void> {
    const batch = await this._batches.next();
    const { loss } = await this._options.engine.step(batch, this._stepSettings());
    this._clock.step++;
    this._losses.add(this._clock.step, loss, constantPredictionLoss(batch, this._options.settings.delta));
  }

  private _stepSettings(): StepSettings {
    const { settings, seed } = this._options;
    const { regularization, regularizationWarmup, dropout } = settings;
    const warmth = regularizationWarmup === 0 ? 1 : Math.min(1, this._clock.epoch / regularizationWarmup);
    return {
      ...this._rates(),
      regularization: regularization * warmth,
      ...(dropout && { dropoutSeed: dropoutSeed(seed, this._clock.step) }),
    };
  }

  private _rates(): { decoderRate: number; latentRate: number } {
    const { decoderRate, latentRate } = this._options.settings;
    const { position } = this._clock;
    return { decoderRate: learningRate(decoderRate, position), latentRate: learningRate(latentRate, position) };
  }

  private _progress(): TrainingProgress {
    const { shapesPerStep, samplesPerShape } = this._options.settings;
    return {
      step: this._clock.step,
      ...this._clock.position,
      loss: this._losses.loss,
      ...this._rates(),
      ...this._clock.outlook(shapesPerStep * samplesPerShape),
    };
  }

  private async _probe(isWanted: (pacer: ProbePacer) => boolean): Promise<void> {
    const clock = this._clock;
    for (const pacer of this._probes.filter(isWanted)) {
      const startedAt = clock.sessionSeconds;
      const readings = await pacer.probe.measure(await this._options.engine.readState());
      pacer.measured(clock.step, clock.sessionSeconds, clock.share, clock.sessionSeconds - startedAt);
      this._options.onReadings?.(readings, this._progress());
      const { validationLoss } = readings;
      if (validationLoss !== undefined && this._keeper.isBest('validationLoss', validationLoss))
        await this._save({ best: true, epochs: [] });
    }
  }

  private async _saveIfDue(): Promise<void> {
    if (!this._options.checkpoint) return;
    const epochs = this._keeper.epochsToKeep();
    // At the end `finish` saves.
    if (epochs.length > 0 || (this._keeper.isDue() && this._clock.share < 1)) {
      await this._save({ best: this._keeper.isBest('loss', this._losses.loss), epochs });
    }
  }

  /** A state that is not finite must not replace a good checkpoint: an engine may report its loss late. */
  private async _save(tags: CheckpointTags): Promise<TrainingState> {
    const state = await this._options.engine.readState();
    if (state.parameters.some((tensor) => firstNotFinite(tensor) >= 0)) {
      throw new NeuralSdfError('TRAINING_COLLAPSED', `training diverged by step ${this._clock.step}: weights are not finite`, {
        step: this._clock.step,
      });
    }
    await this._options.checkpoint?.save(
      {
        identity: this._identity,
        state,
        batches: this._batches.save(),
        elapsedSeconds: this._clock.elapsedSeconds,
        smoothedLoss: this._losses.loss,
        smoothedBaseline: this._losses.baseline,
        ...(this._keeper.best && { best: this._keeper.best }),
      },
      tags,
    );
    this._keeper.saved();
    return state;
  }
}

function setLatents(table: Float32Array, latents: readonly Float32Array[], codeLength: number): void {
  const wrong = latents.find(({ length }) => length !== codeLength);
  if (wrong || latents.length * codeLength !== table.length) {
    const [shapes, length] = [table.length / codeLength, wrong?.length ?? codeLength];
    throw new NeuralSdfError(
      'LATENT_LENGTH',
      `${latents.length} initial latent codes of ${length} numbers for ${shapes} shapes of ${codeLength}`,
      {
        codeLength,
      },
    );
  }
  latents.forEach((latent, i) => {
    table.set(latent, i * codeLength);
  });
}

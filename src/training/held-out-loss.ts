import { Random } from '../random.js';
import { createWasmEvaluator } from '../wasm/wasm-evaluator.js';
import { BatchSource } from './batches.js';
import type { EngineSettings, TrainingBatch, TrainingEngine, TrainingState } from './engine.js';
import { sampleLoss } from './loss.js';
import { MemorySamples } from './memory-samples.js';
import type { TrainingProbe, TrainingReadings } from './probe.js';
import { isSampleSource, type SampleSource, type Samples } from './sample-source.js';
import { learningRate } from './schedule.js';
import type { TrainingSettings } from './settings.js';
import { decoderOfState, latentsOfState } from './state.js';
import { stateLayout } from './state-layout.js';

export interface HeldOutOptions {
  /** Shapes that are not trained on; the caller closes a source. */
  readonly samples: Samples;
  /** Those of the run. */
  readonly settings: TrainingSettings;
  /** Made with `heldOutEngineSettings`; the caller disposes of it. */
  readonly engine: TrainingEngine;
  readonly engineSettings: EngineSettings;
  /** Adam steps that a fit takes. Default 150: with 256 samples each they ended within 3 % of 800 with 4,096, in a fiftieth of the time. */
  readonly steps?: number;
  /** Of each shape, in a step; default 256. */
  readonly samplesPerShape?: number;
  /** Default 0.05. */
  readonly costShare?: number;
}

export interface HeldOutFit {
  /** Clamped, model units. */
  readonly loss: number;
  /** A code for each held-out shape. */
  readonly latents: readonly Float32Array[];
}

/** Of the latent codes, falling along a cosine: from zero it reaches any code of a run in a few dozen steps. */
const RATE = { type: 'Cosine', initial: 0.02 } as const;
/** Samples of each shape that a fit is judged on. */
const JUDGED_SAMPLES = 4096;
const SEED = 0x5eed;

/** What the engine of a fit is created with: the run's own, without what only training wants. */
export function heldOutEngineSettings(run: EngineSettings, shapeCount: number): EngineSettings {
  const { spec, loss, delta, codeBound } = run;
  return { spec, loss, delta, codeBound, shapeCount };
}

/**
 * Validation: fits latent codes of held-out shapes to the decoder as it is, all of them together, and measures what loss is left
 * (Park 2019 eq. 10, and eq. 4 for the loss). An engine like the run's computes the fit, with a rate of 0 for the decoder.
 * Each measurement starts afresh and draws the same samples, so that it depends on the decoder alone.
 */
export class HeldOutLoss implements TrainingProbe {
  readonly costShare: number;
  /** The last measurement. */
  fit: HeldOutFit | undefined;
  private readonly _source: SampleSource;
  private readonly _steps: number;
  private readonly _samplesPerShape: number;

  /** @throws NeuralSdfError SAMPLES_INVALID */
  constructor(private readonly _options: HeldOutOptions) {
    const { samples, steps = 150, samplesPerShape = 256, costShare = 0.05 } = _options;
    this._source = isSampleSource(samples) ? samples : new MemorySamples(samples);
    this._steps = steps;
    this._samplesPerShape = samplesPerShape;
    this.costShare = costShare;
  }

  async measure(trained: TrainingState): Promise<TrainingReadings> {
    const { engine, engineSettings } = this._options;
    await engine.writeState(withoutLatents(trained, engineSettings));
    const random = new Random(SEED);
    const batches = this._batches(this._samplesPerShape, random);
    for (let step = 0; step < this._steps; step++) {
      const latentRate = learningRate(RATE, { epoch: 0, share: step / this._steps });
      await engine.step(await batches.next(), { decoderRate: 0, latentRate, regularization: this._options.settings.regularization });
    }
    await batches.settle();
    const latents = latentsOfState(engineSettings, await engine.readState());
    const judged = this._batches(JUDGED_SAMPLES, random);
    const loss = await this._lossOf(trained, latents, await judged.next());
    await judged.settle();
    this.fit = { loss, latents };
    return { validationLoss: loss };
  }

  /** Every held-out shape in every batch. */
  private _batches(samplesPerShape: number, random: Random): BatchSource {
    const { delta } = this._options.settings;
    return new BatchSource(this._source, { shapesPerStep: this._source.shapeCount, samplesPerShape, delta }, random);
  }

  /** Not by the engine, which may report its loss late, and whose loss need not be eq. 4. */
  private async _lossOf(trained: TrainingState, latents: readonly Float32Array[], batch: TrainingBatch): Promise<number> {
    const { engineSettings } = this._options;
    const evaluator = await createWasmEvaluator(decoderOfState(engineSettings, trained), latents[0]);
    const predicted = new Float32Array(batch.samplesPerShape);
    let sum = 0;
    for (const [group, shape] of batch.shapes.entries()) {
      const first = group * batch.samplesPerShape;
      evaluator.setLatent(latents[shape]);
      evaluator.evaluate(batch.points.subarray(3 * first, 3 * (first + batch.samplesPerShape)), predicted);
      for (let i = 0; i < predicted.length; i++) {
        sum += sampleLoss('clamped-l1', predicted[i], batch.distances[first + i], engineSettings.delta);
      }
    }
    return sum / batch.distances.length;
  }
}

/** The decoder of a state, with latent codes of zero for other shapes, and Adam at its start. */
function withoutLatents({ parameters }: TrainingState, settings: EngineSettings): TrainingState {
  const zeros = () => stateLayout(settings).map(({ length }) => new Float32Array(length));
  const decoder = parameters.slice(0, -1);
  return { step: 0, parameters: [...decoder, zeros()[decoder.length]], firstMoments: zeros(), secondMoments: zeros() };
}

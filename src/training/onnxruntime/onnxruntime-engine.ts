import type { Decoder } from '../../decoder/decoder.js';
import { encodePoint } from '../../decoder/encoding.js';
import { type FoldedDecoder, foldBiases, foldDecoder } from '../../decoder/folding.js';
import { encodedPointLength, planLayers } from '../../decoder/spec.js';
import { NeuralSdfError } from '../../errors.js';
import { adamFactors, adamStep } from '../adam.js';
import { clipGradients } from '../clip-gradients.js';
import { boundLatents } from '../code-bound.js';
import type { EngineSettings, StepReport, StepSettings, TrainingBatch, TrainingEngine, TrainingState } from '../engine.js';
import { clampDistance, predictionBounds } from '../loss.js';
import { decoderOfState } from '../state.js';
import { checkState, stateLayout } from '../state-layout.js';
import { loadOnnxRuntime, type OnnxRuntime, type OnnxSession, type OnnxTensor, sessionOptions } from './load-onnxruntime.js';
import { ParameterGradients } from './parameter-gradients.js';
import { biasName, stepGraph, weightName } from './step-graph.js';

/** Rows that go through the graph together. */
const CHUNK_ROWS = 2048;

export interface OnnxRuntimeOptions {
  /** Default 1. */
  readonly threads?: number;
}

/**
 * Training on onnxruntime-node, where a user has installed it: with AVX-512 it multiplies twice as fast as WebAssembly. ReLU decoders without
 * layer norm, dropout and eikonal term.
 * @throws NeuralSdfError INVALID_SPEC; BACKEND_UNAVAILABLE where the package is missing, or a setting is not for this engine, naming it
 */
export async function createOnnxRuntimeEngine(settings: EngineSettings, options: OnnxRuntimeOptions = {}): Promise<TrainingEngine> {
  refuseUnsupported(settings);
  const runtime = loadOnnxRuntime();
  const threads = options.threads ?? 1;
  const session = await runtime.InferenceSession.create(stepGraph(settings.spec), sessionOptions(threads)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `onnxruntime: ${reason}`, { backend: 'onnxruntime' }, { cause });
  });
  return new OnnxRuntimeEngine(settings, runtime, session, threads);
}

function refuseUnsupported({ spec, dropout, eikonal }: EngineSettings): void {
  const plans = planLayers(spec);
  const what =
    spec.activation !== 'relu'
      ? `${spec.activation} layers`
      : plans.some(({ normalization }) => normalization === 'layer')
        ? 'layer norm'
        : dropout
          ? 'dropout'
          : eikonal
            ? 'an eikonal term'
            : undefined;
  if (what) {
    throw new NeuralSdfError('BACKEND_UNAVAILABLE', `training backend 'onnxruntime' does not know ${what}: use wasm`, {
      backend: 'onnxruntime',
    });
  }
}

class OnnxRuntimeEngine implements TrainingEngine {
  readonly description: string;
  private _state: TrainingState = { step: 0, parameters: [], firstMoments: [], secondMoments: [] };

  constructor(
    private readonly _settings: EngineSettings,
    private readonly _runtime: OnnxRuntime,
    private readonly _session: OnnxSession,
    threads: number,
  ) {
    this.description = `onnxruntime, ${threads} thread${threads > 1 ? 's' : ''}`;
  }

  async step(batch: TrainingBatch, settings: StepSettings): Promise<StepReport> {
    const { spec, gradientClip, codeBound } = this._settings;
    const state = this._state;
    if (state.parameters.length === 0) throw new NeuralSdfError('INVALID_ARGUMENT', 'training engine: call writeState first');
    const decoder = decoderOfState(this._settings, state);
    const sums = new ParameterGradients(this._settings, decoder);
    const folded = foldDecoder(decoder);
    const table = state.parameters[state.parameters.length - 1];
    let loss = 0;
    for (const [group, shape] of batch.shapes.entries()) {
      const latent = table.subarray(shape * spec.codeLength, (shape + 1) * spec.codeLength);
      const parameters = this._parameterTensors(decoder, folded, latent);
      const end = (group + 1) * batch.samplesPerShape;
      for (let first = group * batch.samplesPerShape; first < end; first += CHUNK_ROWS) {
        const rows = this._rowTensors(batch, first, Math.min(CHUNK_ROWS, end - first));
        const answer = await this._session.run({ ...parameters, ...rows });
        loss += (answer.loss.data as Float32Array)[0];
        sums.add(answer, latent, shape);
      }
      sums.addPrior(latent, shape, settings.regularization / batch.shapes.length);
    }
    const gradients = sums.byState(state.parameters);
    clipGradients(gradients.slice(0, -1), gradientClip);
    state.step++;
    state.parameters.forEach((tensor, i) => {
      const rate = tensor === table ? settings.latentRate : settings.decoderRate;
      adamStep(tensor, gradients[i], state.firstMoments[i], state.secondMoments[i], adamFactors(rate, state.step));
    });
    boundLatents(table, spec.codeLength, codeBound);
    return { loss };
  }

  async readState(): Promise<TrainingState> {
    return copyState(this._state);
  }

  async writeState(state: TrainingState): Promise<void> {
    checkState(stateLayout(this._settings), state);
    this._state = copyState(state);
  }

  dispose(): void {
    this._state = { step: 0, parameters: [], firstMoments: [], secondMoments: [] };
    void this._session.release();
  }

  /** One shape's decoder: weights serve all shapes, biases this one. */
  private _parameterTensors(decoder: Decoder, folded: FoldedDecoder, latent: Float32Array): Record<string, OnnxTensor> {
    const biases = foldBiases(decoder, latent);
    const tensors: Record<string, OnnxTensor> = {};
    folded.layers.forEach(({ outputs, hidden, point, weight, biasOffset }, layer) => {
      tensors[weightName(layer)] = this._tensor(weight, [outputs, hidden + point]);
      tensors[biasName(layer)] = this._tensor(biases.subarray(biasOffset, biasOffset + outputs), [outputs]);
    });
    return tensors;
  }

  private _rowTensors(batch: TrainingBatch, first: number, count: number): Record<string, OnnxTensor> {
    const { spec, loss, delta } = this._settings;
    const width = encodedPointLength(spec);
    const points = new Float32Array(count * width);
    const [target, low, high] = [0, 1, 2].map(() => new Float32Array(count));
    for (let i = 0; i < count; i++) {
      const row = first + i;
      encodePoint(batch.points[3 * row], batch.points[3 * row + 1], batch.points[3 * row + 2], spec.fourierOctaves, points, i * width);
      target[i] = clampDistance(batch.distances[row], delta);
      [low[i], high[i]] = predictionBounds(loss, batch.distances[row], delta);
    }
    return {
      points: this._tensor(points, [count, width]),
      target: this._tensor(target, [count, 1]),
      low: this._tensor(low, [count, 1]),
      high: this._tensor(high, [count, 1]),
      share: this._tensor(Float32Array.of(1 / batch.distances.length), [1]),
    };
  }

  private _tensor(data: Float32Array, dims: readonly number[]): OnnxTensor {
    return new this._runtime.Tensor('float32', data, dims);
  }
}

function copyState({ step, parameters, firstMoments, secondMoments }: TrainingState): TrainingState {
  const copy = (tensors: Float32Array[]) => tensors.map((tensor) => tensor.slice());
  return { step, parameters: copy(parameters), firstMoments: copy(firstMoments), secondMoments: copy(secondMoments) };
}

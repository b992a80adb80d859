import { createDecoder, type Decoder } from '../decoder/decoder.js';
import { type DecoderSpec, encodedPointLength, planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import { latentsOf } from './experiment-latents.js';
import { type ExperimentSpecs, parseExperimentSpecs } from './experiment-specs.js';
import { entryOf } from './pytorch/torch-globals.js';
import { StateDict } from './state-dict.js';
import { readTensorFile } from './tensor-file.js';

/** The files of a DeepSDF experiment folder that make up a checkpoint. */
export interface ExperimentFiles {
  /** specs.json */
  readonly specs: string;
  /** ModelParameters/N.pth, or the same tensors as safetensors. */
  readonly parameters: Uint8Array;
  /** LatentCodes/N.pth, likewise. */
  readonly latents: Uint8Array;
}

/** What was trained elsewhere, in our terms. */
export interface ImportedExperiment {
  readonly decoder: Decoder;
  /** [codeLength] each, one a training shape, in the order of the train split. */
  readonly latents: readonly Float32Array[];
  /** Truncation distance, model units. */
  readonly delta: number;
  /** Epochs trained, where the checkpoint tells. */
  readonly epoch?: number;
  /** Paths in specs.json, relative to wherever DeepSDF was run. */
  readonly trainSplit?: string;
  readonly dataSource?: string;
  /** The experiment's own description of itself. */
  readonly specs: Readonly<Record<string, unknown>>;
}

/**
 * Reads a checkpoint of the authors' PyTorch code (facebookresearch/DeepSDF) and of what was derived from it.
 * @throws NeuralSdfError CHECKPOINT_UNSAFE, CHECKPOINT_INVALID, INVALID_SPEC, SHAPE_MISMATCH, LATENT_LENGTH, NOT_FINITE; ASSET_UNSUPPORTED
 * when the decoder holds parameters that ours has no counterpart of (layer norm)
 */
export function readExperiment(files: ExperimentFiles): ImportedExperiment {
  const specs = parseExperimentSpecs(files.specs);
  const checkpoint = readTensorFile(files.parameters);
  const epoch = entryOf(checkpoint, 'epoch');
  const decoder = decoderOf(specs, StateDict.fromPickle(entryOf(checkpoint, 'model_state_dict') ?? checkpoint));
  return {
    decoder,
    latents: latentsOf(readTensorFile(files.latents), specs.spec.codeLength),
    delta: specs.delta,
    ...(typeof epoch === 'number' && { epoch }),
    trainSplit: specs.trainSplit,
    dataSource: specs.dataSource,
    specs: specs.json,
  };
}

function decoderOf(specs: ExperimentSpecs, state: StateDict): Decoder {
  checkInputs(specs.spec, state);
  const plans = planLayers(specs.spec);
  const layers = plans.map((plan, index) => state.linear(`lin${index}`, plan.outputs, plan.inputs));
  refuseUnread(state);
  const weightNorm = layers.slice(0, -1).every((layer) => layer.normalized);
  return createDecoder({ ...specs.spec, weightNorm, outputTanh: outputTanhOf(specs, state) }, layers);
}

/** A point that enters encoded shows as columns too many; how it was encoded, no file tells. */
function checkInputs(spec: DecoderSpec, state: StateDict): void {
  const columns = state.inputsOf('lin0');
  const more = (columns ?? 0) - spec.codeLength - encodedPointLength(spec);
  if (more > 0 && more % 6 === 0) {
    throw new NeuralSdfError(
      'SHAPE_MISMATCH',
      `checkpoint: lin0 takes ${more} inputs more than latent code and point. If they are sin and cos(2^k pi x), octave by octave, write ` +
        `"NeuralSdf": {"FourierOctaves": ${spec.fourierOctaves + more / 6}} into specs.json; other encodings are not read`,
      { columns, more },
    );
  }
}

/**
 * The authors' decoder always ends in a tanh (`th`), and `use_tanh` puts another before it. Whoever took `th` out left no trace in
 * specs.json, but PyTorch lists modules in the state dict's metadata.
 */
function outputTanhOf({ outputTanh, innerTanh }: ExperimentSpecs, { modules }: StateDict): boolean {
  const outer = outputTanh ?? (modules?.has('lin0') ? modules.has('th') : true);
  if (outer && innerTanh) {
    throw new NeuralSdfError(
      'INVALID_SPEC',
      'specs.json: NetworkSpecs.use_tanh applies tanh twice, which this decoder has no counterpart of',
      {
        field: 'NetworkSpecs.use_tanh',
      },
    );
  }
  return outer || innerTanh;
}

/** @throws NeuralSdfError ASSET_UNSUPPORTED naming a parameter that nobody read */
export function refuseUnread(state: StateDict): void {
  const [name] = state.unread;
  if (name === undefined) return;
  const why = /^bn\d+\./.test(name) ? 'is layer norm' : 'belongs to no layer that the specs describe';
  throw new NeuralSdfError('ASSET_UNSUPPORTED', `checkpoint: ${name} ${why}, which this decoder has no counterpart of`, {
    names: state.unread,
  });
}

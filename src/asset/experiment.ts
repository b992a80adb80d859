import { createDecoder, type Decoder, type DecoderLayer } from '../decoder/decoder.js';
import { type DecoderSpec, encodedPointLength, planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import { latentsOf } from './experiment-latents.js';
import { type ExperimentSpecs, parseExperimentSpecs } from './experiment-specs.js';
import { entryOf } from './pytorch/torch-globals.js';
import { type LinearLayer, StateDict } from './state-dict.js';
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
 * when the decoder holds parameters that the specs do not describe
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
  const linear = planLayers(specs.spec).map((plan, index) => state.linear(`lin${index}`, plan.outputs, plan.inputs));
  const spec = { ...specs.spec, ...weightNormFound(specs.spec, linear), outputTanh: outputTanhOf(specs, state) };
  const layers = planLayers(spec).map(({ normalization, outputs }, index): DecoderLayer => {
    const { weight, bias } = linear[index];
    return normalization === 'layer' ? { weight, bias, layerNorm: state.layerNorm(`bn${index}`, outputs) } : { weight, bias };
  });
  // The authors' decoder makes a layer norm for the output as well, where one is asked for, and never applies it.
  for (const name of ['weight', 'bias']) state.skip(`bn${spec.dims.length}.${name}`);
  refuseUnread(state);
  return createDecoder(spec, layers);
}

/**
 * `norm_layers` and `weight_norm` as written, unless the checkpoint has weight norm on other layers than those: whoever folded it into
 * the weights, or took it off a layer, did not change what the decoder computes.
 */
export function weightNormFound(spec: DecoderSpec, layers: readonly LinearLayer[]): Pick<DecoderSpec, 'normLayers' | 'weightNorm'> {
  const found = [...layers.keys()].filter((index) => layers[index].normalized);
  const plans = planLayers(spec);
  const asWritten = plans.every(({ normalization }, index) => (normalization === 'weight') === layers[index].normalized);
  if (asWritten || plans.some(({ normalization }) => normalization === 'layer')) return spec;
  return { normLayers: found, weightNorm: found.length > 0 };
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
 * The authors' decoder always ends in a tanh (`th`). Whoever took it out left no trace in specs.json, but PyTorch lists modules in the
 * state dict's metadata.
 */
function outputTanhOf({ outputTanh }: ExperimentSpecs, { modules }: StateDict): boolean {
  return outputTanh ?? (modules?.has('lin0') ? modules.has('th') : true);
}

/** @throws NeuralSdfError ASSET_UNSUPPORTED naming a parameter that nobody read */
export function refuseUnread(state: StateDict): void {
  const [name] = state.unread;
  if (name === undefined) return;
  const why = /^bn\d+\./.test(name)
    ? 'is layer norm, which the specs do not ask for: norm_layers must name its layer, without weight_norm'
    : 'belongs to no layer that the specs describe';
  throw new NeuralSdfError('ASSET_UNSUPPORTED', `checkpoint: ${name} ${why}`, { names: state.unread });
}

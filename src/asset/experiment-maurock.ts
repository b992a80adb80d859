import { createDecoder, type Decoder } from '../decoder/decoder.js';
import { DEFAULT_DECODER_SPEC, type DecoderSpec, planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import { type ImportedExperiment, refuseUnread, weightNormFound } from './experiment.js';
import { latentsOf } from './experiment-latents.js';
import { refuseCheckpoint } from './pytorch/byte-cursor.js';
import { readNumpyObject } from './pytorch/numpy-object.js';
import { entryOf } from './pytorch/torch-globals.js';
import { StateDict } from './state-dict.js';
import { readTensorFile } from './tensor-file.js';

/** A run's folder of maurock/DeepSDF, another PyTorch implementation. */
export interface MaurockFiles {
  /** settings.yaml: flat `name: value` lines. */
  readonly settings: string;
  /** weights.pt */
  readonly weights: Uint8Array;
  /** results.npy */
  readonly results: Uint8Array;
}

/** Layers before the skip. */
const BEFORE_SKIP = 3;

/**
 * Reads a run of maurock/DeepSDF. Its decoder is ours under other names: hidden layers `net.0` to `net.n`, weight-normalised, and after
 * the third of them, where it skips, a plain layer `skip_layer` with a ReLU, as narrow as to leave room for the input again.
 * @throws NeuralSdfError as `readExperiment`
 */
export function readMaurockRun(files: MaurockFiles): ImportedExperiment {
  const settings = parseSettings(files.settings);
  const codeLength = Number(settings.latent_size);
  const results = readNumpyObject(files.results);
  const codes = entryOf(results, 'best_latent_codes') ?? entryOf(entryOf(results, 'train'), 'best_latent_codes');
  const decoder = decoderOf(settings, codeLength, StateDict.fromPickle(readTensorFile(files.weights)));
  const delta = Number(settings.clamp_value ?? 0.1);
  if (!(delta > 0 && delta < Number.POSITIVE_INFINITY)) refuseSetting('clamp_value', `is ${settings.clamp_value}, it must be above 0`);
  return {
    decoder,
    latents: latentsOf(codes ?? refuseCheckpoint('results.npy holds no best_latent_codes'), codeLength),
    delta,
    specs: settings,
  };
}

function decoderOf(settings: Readonly<Record<string, string>>, codeLength: number, state: StateDict): Decoder {
  const width = Number(settings.inner_dim);
  const layerCount = Number(settings.num_layers);
  const plain = layerCount - 1;
  const skips = !state.has(`net.${plain - 1}.0.bias`);
  const hidden = Array.from({ length: plain }, (_, layer) => `net.${skips && layer > BEFORE_SKIP ? layer - 1 : layer}.0`);
  if (skips) hidden[BEFORE_SKIP] = 'skip_layer.0';
  const spec: DecoderSpec = {
    ...DEFAULT_DECODER_SPEC,
    codeLength,
    dims: hidden.map(() => width),
    latentIn: skips ? [BEFORE_SKIP + 1] : [],
    outputTanh: true,
  };
  const names = [...hidden, 'final_layer.0'];
  const linear = planLayers(spec).map((plan, index) => state.linear(names[index], plan.outputs, plan.inputs));
  // There even where nothing skips: then it takes no part.
  for (const name of ['skip_layer.0.weight', 'skip_layer.0.bias']) state.skip(name);
  refuseUnread(state);
  const layers = linear.map(({ weight, bias }) => ({ weight, bias }));
  return createDecoder({ ...spec, ...weightNormFound(spec, linear) }, layers);
}

function parseSettings(text: string): Readonly<Record<string, string>> {
  const settings = Object.fromEntries(
    text.split(/\r?\n/, 1000).flatMap((line) => {
      const [, name, value] = /^(\w+):\s*(.*?)\s*$/.exec(line.slice(0, 1000)) ?? [];
      return name && name !== '__proto__' ? [[name, value.replace(/^(['"])(.*)\1$/, '$2')]] : [];
    }),
  );
  const within = (name: string, low: number, high: number) => {
    const value = Number(settings[name]);
    if (!Number.isInteger(value) || value < low || value > high)
      refuseSetting(name, `is ${settings[name]}, not a whole number from ${low} to ${high}`);
  };
  within('latent_size', 1, 4096);
  within('inner_dim', 1, 4096);
  within('num_layers', 2, 64);
  return settings;
}

function refuseSetting(field: string, why: string): never {
  throw new NeuralSdfError('INVALID_SPEC', `settings.yaml: ${field} ${why}`, { field });
}

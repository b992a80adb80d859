import type { Decoder } from '../decoder/decoder.js';
import { type DecoderSpec, planLayers } from '../decoder/spec.js';
import type { ExperimentFiles } from './experiment.js';
import { formatExperimentSpecs } from './experiment-specs.js';
import type { NeuralShapes } from './neural-shapes.js';
import { type FloatTensor, writeTorchFile } from './pytorch/write-torch-file.js';
import { rowNorm } from './state-dict.js';

/** Below this the square of a row's length vanishes in float32, in which PyTorch takes it. */
const SMALLEST_NORM = 2 ** -60;

/**
 * An asset as the authors' PyTorch code would have saved it. `readExperiment` gives back the same bits.
 * @returns also the features, in words, that the authors' `deep_sdf_decoder` does not know; empty where it loads the result as it is
 */
export function formatExperiment(asset: NeuralShapes): ExperimentFiles & { readonly beyondDeepSdf: readonly string[] } {
  const { decoder, shapes, delta, provenance } = asset;
  const { spec } = decoder;
  const { epoch, specs } = importedFrom(provenance);
  const latents = new Float32Array(shapes.length * spec.codeLength);
  shapes.forEach(({ latent }, index) => void latents.set(latent, index * spec.codeLength));
  return {
    specs: formatExperimentSpecs(spec, delta, specs),
    parameters: writeTorchFile(epoch, 'model_state_dict', stateDictOf(decoder)),
    latents: writeTorchFile(epoch, 'latent_codes', {
      parameters: new Map([['weight', { shape: [shapes.length, spec.codeLength], data: latents }]]),
      modules: [''],
    }),
    beyondDeepSdf: beyondDeepSdf(spec),
  };
}

function beyondDeepSdf(spec: DecoderSpec): string[] {
  return [
    ...(spec.fourierOctaves > 0 ? [`${spec.fourierOctaves} Fourier octaves of the point`] : []),
    ...(spec.latentInAll ? ['the latent code in every layer'] : []),
    ...(spec.activation === 'relu' ? [] : [`${spec.activation} in place of ReLU`]),
    ...(spec.outputTanh ? [] : ['an output without tanh']),
  ];
}

/** What `import` leaves in an asset's provenance, so that an export can say it again. */
export interface ImportProvenance {
  readonly epoch?: number;
  readonly specs?: Readonly<Record<string, unknown>>;
}

function importedFrom(provenance: NeuralShapes['provenance']): { epoch: number; specs: Readonly<Record<string, unknown>> } {
  const { epoch, specs } = (provenance?.import ?? {}) as ImportProvenance;
  const isEpoch = Number.isInteger(epoch) && (epoch as number) >= 0 && (epoch as number) < 2 ** 31;
  const isExperiment = typeof specs === 'object' && specs !== null && 'NetworkSpecs' in specs;
  return { epoch: isEpoch ? (epoch as number) : 0, specs: isExperiment ? specs : {} };
}

/** Keys in the order, and with the `module.` of DataParallel, that the authors' training code saves. */
function stateDictOf({ spec, layers }: Decoder) {
  const parameters = new Map<string, FloatTensor>();
  const plans = planLayers(spec);
  const set = (name: string, values: ArrayLike<number>, ...shape: number[]) =>
    void parameters.set(name, { shape, data: Float32Array.from(values) });
  plans.forEach(({ outputs, inputs, normalization }, index) => {
    const { weight, bias, layerNorm } = layers[index];
    const name = `module.lin${index}`;
    if (normalization === 'weight') {
      const { g, v } = splitWeightNorm(Float32Array.from(weight), outputs, inputs);
      set(`${name}.bias`, bias, outputs);
      set(`${name}.weight_g`, g, outputs, 1);
      set(`${name}.weight_v`, v, outputs, inputs);
      return;
    }
    set(`${name}.weight`, weight, outputs, inputs);
    set(`${name}.bias`, bias, outputs);
    if (!hasLayerNorm(spec, index)) return;
    // Of the output, the authors' decoder has a layer norm that it never applies, and PyTorch wants its parameters.
    set(`module.bn${index}.weight`, layerNorm?.gain ?? [1], outputs);
    set(`module.bn${index}.bias`, layerNorm?.shift ?? [0], outputs);
  });
  const modules = [
    '',
    'module',
    ...plans.flatMap((_, index) => [`module.lin${index}`, ...(hasLayerNorm(spec, index) ? [`module.bn${index}`] : [])]),
    ...(spec.innerTanh ? ['module.tanh'] : []),
    'module.relu',
    ...(spec.outputTanh ? ['module.th'] : []),
  ];
  return { parameters, modules };
}

const hasLayerNorm = ({ normLayers, weightNorm }: DecoderSpec, layer: number): boolean => !weightNorm && normLayers.includes(layer);

/**
 * w = g v / |v| with v = w and g = |w|. PyTorch computes |v| in float32 and would divide by zero where a row is zero or tiny: a zero row
 * gets a direction and g = 0, a tiny one is scaled up by a power of two.
 */
function splitWeightNorm(weight: Float32Array, outputs: number, inputs: number): { g: Float32Array; v: Float32Array } {
  const g = new Float32Array(outputs);
  const v = weight.slice();
  for (let row = 0; row < outputs; row++) {
    const norm = rowNorm(weight, row, inputs);
    g[row] = norm;
    if (norm === 0) v[row * inputs] = 1;
    else if (norm < SMALLEST_NORM) {
      const scale = 2 ** -Math.floor(Math.log2(norm));
      for (let i = row * inputs; i < (row + 1) * inputs; i++) v[i] *= scale;
    }
  }
  return { g, v };
}

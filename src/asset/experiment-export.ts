import type { Decoder, FloatArray } from '../decoder/decoder.js';
import { planLayers } from '../decoder/spec.js';
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
    beyondDeepSdf: [
      ...(spec.fourierOctaves > 0 ? [`${spec.fourierOctaves} Fourier octaves of the point`] : []),
      ...(spec.latentInAll ? ['the latent code in every layer'] : []),
      ...(spec.outputTanh ? [] : ['an output without tanh']),
    ],
  };
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
  plans.forEach(({ outputs, inputs, normalized }, index) => {
    const name = `module.lin${index}`;
    const weight = Float32Array.from(layers[index].weight);
    const bias: FloatTensor = { shape: [outputs], data: float32(layers[index].bias) };
    if (!normalized) {
      parameters.set(`${name}.weight`, { shape: [outputs, inputs], data: weight });
      parameters.set(`${name}.bias`, bias);
      return;
    }
    const { g, v } = splitWeightNorm(weight, outputs, inputs);
    parameters.set(`${name}.bias`, bias);
    parameters.set(`${name}.weight_g`, { shape: [outputs, 1], data: g });
    parameters.set(`${name}.weight_v`, { shape: [outputs, inputs], data: v });
  });
  const modules = [
    '',
    'module',
    ...plans.map((_, index) => `module.lin${index}`),
    'module.relu',
    ...(spec.outputTanh ? ['module.th'] : []),
  ];
  return { parameters, modules };
}

const float32 = (values: FloatArray): Float32Array => Float32Array.from(values);

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

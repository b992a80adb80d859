import { type DecoderSpec, multiplyAddsPerEvaluation, planLayers } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';

/**
 * How a decoder is put before the tracing shader: its weights as literals, its weights in a buffer, or its distances in bricks near the
 * surface. Literals multiplied in float16 (sums in float32) were tried: on lavapipe, for a 3x32 decoder, three times the processor time and
 * 3.5 times the compile time of float32, and an error of 9e-5, of which a hit's tolerance leaves room for half.
 */
export const BAKE_FORMS = ['literals', 'buffer', 'bricks'] as const;
export type BakeForm = (typeof BAKE_FORMS)[number];

export interface AdapterFacts {
  /** It computes on the CPU. */
  readonly isSoftware: boolean;
}

export interface BakeDecision {
  readonly form: BakeForm;
  /** In one line, for a log. */
  readonly reason: string;
}

/** Multiply-adds an evaluation beyond which weights as literals take minutes to compile: a 4x64 decoder has 13,000, a 4x128 one 50,000. */
const MOST_AS_LITERALS = 40_000;

/** Beyond which a real GPU, which runs the loops over a buffer some times slower than literals, is better off with bricks: above 4x128. */
const MOST_IN_BUFFER = 70_000;

/**
 * @param wanted a form to take in any case, or 'auto'
 * @throws NeuralSdfError DECODER_UNSUPPORTED for a form that the decoder cannot take, INVALID_ARGUMENT for one that there is not
 */
export function chooseBake(spec: DecoderSpec, adapter: AdapterFacts, wanted: BakeForm | 'auto' = 'auto'): BakeDecision {
  const cost = multiplyAddsPerEvaluation(spec);
  if (wanted !== 'auto') {
    if (!['auto', ...BAKE_FORMS].includes(wanted)) {
      throw new NeuralSdfError('INVALID_ARGUMENT', `bake must be 'auto' or one of ${BAKE_FORMS.join(', ')}, not '${wanted}'`, { wanted });
    }
    if (wanted === 'buffer' && !fitsBuffer(spec)) {
      throw new NeuralSdfError('DECODER_UNSUPPORTED', `bake 'buffer' takes ReLU decoders without layer norm only: take 'bricks'`, { spec });
    }
    return { form: wanted, reason: 'as asked for' };
  }
  if (cost <= MOST_AS_LITERALS) return { form: 'literals', reason: `${cost} multiply-adds compile quickly` };
  if (adapter.isSoftware) return { form: 'bricks', reason: `${cost} multiply-adds a pixel are too many for a software adapter` };
  if (cost > MOST_IN_BUFFER) return { form: 'bricks', reason: `${cost} multiply-adds a pixel are too many` };
  if (!fitsBuffer(spec))
    return { form: 'bricks', reason: 'too wide for literals, and only ReLU decoders without layer norm go in a buffer' };
  return { form: 'buffer', reason: `${cost} multiply-adds are too many to compile, few enough to read from a buffer` };
}

const fitsBuffer = (spec: DecoderSpec): boolean =>
  planLayers(spec).every(
    ({ activation, normalization }) => normalization !== 'layer' && (activation === 'relu' || activation === 'linear'),
  );

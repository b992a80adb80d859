import { allHiddenLayers, DEFAULT_DECODER_SPEC, type DecoderSpec } from '../decoder/spec.js';
import { defaultTrainingSettings, type TrainingSettings } from '../training/settings.js';

export const STUDIES = ['truncation', 'skip'] as const;
export type StudyName = (typeof STUDIES)[number];

/** One training run of a study. */
export interface StudyCase {
  /** Cases of one series are joined by a line. */
  readonly series: string;
  /** What the study varies. */
  readonly x: number;
  readonly spec: DecoderSpec;
  readonly settings: TrainingSettings;
}

/** A question, and the runs that answer it: all with the same data, seed and budget. */
export interface Study {
  readonly name: StudyName;
  readonly title: string;
  readonly question: string;
  readonly xName: string;
  readonly xAxis: 'linear' | 'logarithmic';
  /** Whether the training losses of its cases can be compared with each other. */
  readonly comparesLoss: boolean;
  readonly cases: readonly StudyCase[];
}

/** What of its form a study's decoder may be given. */
export interface StudyForm {
  readonly width: number;
  readonly codeLength: number;
}

/** From a tenth of the paper's 0.1 to five times as much. */
const TRUNCATION_DISTANCES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5];
const DEPTHS = [4, 8, 12, 16];
/** The paper's, for the study that varies something else. */
const DEPTH = 8;

/** The cases of a study, in the order in which they are run. */
export function studyOf(name: StudyName, form: StudyForm): Study {
  return name === 'truncation' ? truncationStudy(form) : skipStudy(form);
}

/** Park 2019, supplement: how the truncation distance of eq. 4 changes the reconstruction. */
function truncationStudy(form: StudyForm): Study {
  const spec = paperDecoder(form, DEPTH, true);
  return {
    name: 'truncation',
    title: 'Truncation distance',
    question: 'How does the truncation distance delta of the loss change the reconstruction?',
    xName: 'delta',
    xAxis: 'logarithmic',
    comparesLoss: false,
    cases: TRUNCATION_DISTANCES.map((delta) => ({ series: `${DEPTH} layers`, x: delta, spec, settings: { ...settingsOf(spec), delta } })),
  };
}

/** Park 2019, section 5 and supplement: whether concatenating the input again in the middle lets deeper decoders learn more. */
function skipStudy(form: StudyForm): Study {
  return {
    name: 'skip',
    title: 'Skip connection',
    question: 'Does the skip connection in the middle let deeper decoders learn more?',
    xName: 'layers',
    xAxis: 'linear',
    comparesLoss: true,
    cases: DEPTHS.flatMap((depth) =>
      [true, false].map((skip) => {
        const spec = paperDecoder(form, depth, skip);
        return { series: skip ? 'skip in the middle' : 'no skip', x: depth, spec, settings: settingsOf(spec) };
      }),
    ),
  };
}

/** The paper's decoder, narrower: weight norm, ReLU, tanh, the code at the start and, with a skip, in the middle. */
function paperDecoder({ width, codeLength }: StudyForm, depth: number, skip: boolean): DecoderSpec {
  const dims = Array<number>(depth).fill(width);
  return { ...DEFAULT_DECODER_SPEC, codeLength, dims, normLayers: allHiddenLayers(dims), latentIn: skip ? [depth / 2] : [] };
}

/** Small batches learn most in little time; a rate at which sixteen layers without a skip still learn. */
function settingsOf(spec: DecoderSpec): TrainingSettings {
  const rate = { type: 'Cosine', initial: 1e-3 } as const;
  return { ...defaultTrainingSettings(spec), decoderRate: rate, latentRate: rate, samplesPerShape: 256 };
}

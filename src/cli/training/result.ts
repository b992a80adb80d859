import type { NeuralShapes } from '../../asset/index.js';
import type { AssembledAsset } from '../../evaluation/assemble-asset.js';
import { mean, median, type ShapeFigures } from '../../evaluation/known-shapes.js';
import type { TrainingSettings } from '../../training/index.js';
import type { TrainOptions } from './options.js';
import type { RunOutcome } from './run.js';

/** Everything that a finished run says of itself. */
export interface TrainingSummary {
  readonly assembled: AssembledAsset;
  readonly outcome: RunOutcome;
  readonly settings: TrainingSettings;
  readonly options: TrainOptions;
  /** Of the held-out shapes that have surface samples. */
  readonly heldOutFigures: readonly ShapeFigures[];
}

/** For the asset's own metadata, and for --json. */
export function provenanceOf(summary: TrainingSummary): NonNullable<NeuralShapes['provenance']> {
  const { assembled, outcome, settings, options, heldOutFigures } = summary;
  const { progress, description, heldOut, bestStep } = outcome;
  return {
    training: {
      backend: description,
      seed: options.seed,
      steps: progress.step,
      seconds: Math.round(progress.elapsedSeconds),
      finalLoss: progress.loss,
      ...(bestStep !== undefined && { bestStep }),
      settings,
    },
    ...chamferOf(assembled.figures),
    perShape: assembled.figures,
    ...(heldOut && { heldOut: { loss: heldOut.loss, ...chamferOf(heldOutFigures), perShape: heldOutFigures } }),
  };
}

function chamferOf(figures: readonly ShapeFigures[]): { chamferX1000?: Record<string, number> } {
  const chamfers = figures.map((figure) => figure.chamferX1000);
  if (chamfers.length === 0) return {};
  return { chamferX1000: { mean: mean(chamfers), median: median(chamfers), worst: Math.max(...chamfers), shapes: chamfers.length } };
}

/** For people. */
export function summaryOf({ assembled, outcome, options, heldOutFigures }: TrainingSummary): string {
  const { asset, figures } = assembled;
  const { progress, heldOut, bestStep } = outcome;
  const made = `${asset.shapes.length} shapes, ${progress.step} steps in ${Math.round(progress.elapsedSeconds)} s`;
  const best = bestStep === undefined ? '' : ` (the best of them, ${bestStep})`;
  return [
    ...table('shape', figures),
    ...(heldOut
      ? [...table('held out', heldOutFigures), `  held-out shapes: loss ${heldOut.loss.toPrecision(3)} with fitted latent codes`]
      : []),
    `${options.output}: ${made}${best}, step scale ${asset.stepScale.toFixed(3)}`,
  ].join('\n');
}

function table(heading: string, figures: readonly ShapeFigures[]): string[] {
  if (figures.length === 0) return [];
  const chamfers = figures.map((figure) => figure.chamferX1000);
  return [
    `  ${heading.padEnd(24)} CD x 1000  parts`,
    ...figures.map(({ name, chamferX1000, components }) => `  ${name.padEnd(24)} ${chamferX1000.toFixed(3).padStart(9)}  ${components}`),
    `  mean ${mean(chamfers).toFixed(3)}, median ${median(chamfers).toFixed(3)}`,
  ];
}

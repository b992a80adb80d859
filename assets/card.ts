import type { BuildableShape, Category } from './categories.js';

/** What `train --json` prints, as far as a card tells it. */
export interface TrainingReport {
  readonly chamferX1000: { readonly mean: number; readonly median: number; readonly worst: number };
  readonly training: {
    readonly backend: string;
    readonly steps: number;
    readonly seconds: number;
    readonly finalLoss: number;
    readonly seed: number;
  };
  readonly perShape: readonly { readonly name: string; readonly chamferX1000: number }[];
}

/** The machine while it trained: time alone says little where others worked on it too. */
export interface Machine {
  readonly cores: number;
  /** Mean count of threads that ran or waited for a core. */
  readonly load: number;
}

/** The asset's card, Markdown: which shapes, what they were trained with and on, how good they came out. */
export function cardOf(
  name: string,
  { description, seed, samples, uniformShare }: Category,
  shapes: readonly BuildableShape[],
  { chamferX1000, training, perShape }: TrainingReport,
  machine: Machine,
  file: { readonly bytes: number; readonly command: string },
): string {
  const heldOut = shapes.filter((shape) => shape.heldOut);
  const types = new Set(shapes.map((shape) => shape.type));
  const worst = perShape.reduce((a, b) => (b.chamferX1000 > a.chamferX1000 ? b : a));
  const percent = Math.round(100 * uniformShare);
  return `# ${name}.glb

${shapes.length - heldOut.length} ${description} of ${types.size} types (${[...types].join(', ')}), made by \`assets/categories/${name}\` (seed ${seed}); ${heldOut.length} more of the family are held out and were never seen:
${heldOut.map((shape) => shape.name).join(', ')}.

| | |
|---|---|
| decoder and settings | [${name}.specs.json](${name}.specs.json), in the form of DeepSDF's \`specs.json\` |
| samples | ${samples.toLocaleString('en')} a shape, ${percent} % of them anywhere in the cube |
| trained on | ${training.backend}, seed ${training.seed}; ${machine.cores} cores without a GPU, load average ${machine.load.toFixed(1)} |
| time | ${training.seconds} s, ${training.steps} steps |
| final loss | ${training.finalLoss.toFixed(5)} (clamped L1, model units) |
| Chamfer distance x 1000 (known shapes, 30,000 points, 128^3) | mean ${chamferX1000.mean.toFixed(3)}, median ${chamferX1000.median.toFixed(3)}, worst ${chamferX1000.worst.toFixed(3)} (${worst.name}) |
| size | ${(file.bytes / 2 ** 20).toFixed(1)} MiB |
| licence | Apache-2.0, as the code that made it |
| remade by | \`${file.command}\`; under a time budget, to the figures and not to the bit |
`;
}

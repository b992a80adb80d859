import { multiplyAddsPerEvaluation } from '../decoder/spec.js';
import { NeuralSdfError } from '../errors.js';
import type { StudyRow } from './run-study.js';
import type { Study } from './study.js';
import { type StudySummary, summarizeRows } from './summarize-rows.js';

/** How a study was run, as its table says. */
export interface StudyHeading {
  /** The command that remakes it. */
  readonly command: string;
  readonly shapes: readonly string[];
  readonly budget: { readonly steps?: number; readonly seconds?: number };
  readonly seed: number;
  readonly repeats: number;
  readonly resolution: number;
}

/** What the study's JSON file holds. Infinite figures, of a case that learnt nothing, are null there. */
export function studyData(study: Study, heading: StudyHeading, rows: readonly StudyRow[]) {
  return { study: study.name, question: study.question, ...heading, rows };
}

/**
 * The rows of a study's JSON file, to be taken over by `runStudy`.
 * @throws NeuralSdfError INVALID_ARGUMENT for a file of something else
 */
export function parseStudyRows(text: string, name: string): StudyRow[] {
  const refuse = (): never => {
    throw new NeuralSdfError('INVALID_ARGUMENT', `${name}: not a study's JSON file; move it away, or choose another folder`, { name });
  };
  let rows: unknown;
  try {
    rows = (JSON.parse(text, (_, value) => value ?? Number.POSITIVE_INFINITY) as { rows?: unknown }).rows;
  } catch {
    return refuse();
  }
  if (!Array.isArray(rows) || !rows.every((row) => typeof row?.identity === 'string')) return refuse();
  return rows;
}

interface Column {
  readonly heading: string;
  value(row: StudySummary): string;
}

const figure = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '∞');

function columnsOf(study: Study): Column[] {
  const costs = new Map(study.cases.map(({ series, x, spec }) => [`${series} ${x}`, multiplyAddsPerEvaluation(spec)]));
  return [
    { heading: study.xName, value: ({ x }) => String(x) },
    { heading: '', value: ({ series }) => series },
    { heading: 'multiply-adds', value: ({ series, x }) => (costs.get(`${series} ${x}`) ?? 0).toLocaleString('en') },
    { heading: 'steps', value: ({ steps }) => steps.toLocaleString('en') },
    { heading: 'seconds', value: ({ seconds }) => seconds.toFixed(0) },
    ...(study.comparesLoss ? [{ heading: 'training loss', value: ({ loss }: StudySummary) => figure(loss, 5) }] : []),
    { heading: 'CD x 1000, mean', value: ({ chamferX1000 }) => figure(chamferX1000.mean, 3) },
    {
      heading: 'of the runs',
      value: ({ runs, chamferX1000: { low, high } }) => (runs === 1 ? '' : `${figure(low, 3)} to ${figure(high, 3)}`),
    },
    { heading: 'median', value: ({ chamferX1000 }) => figure(chamferX1000.median, 3) },
    { heading: 'surface distance', value: ({ surfaceDistance }) => figure(surfaceDistance, 5) },
    { heading: 'mesh accuracy', value: ({ accuracy }) => figure(accuracy, 4) },
    { heading: 'cosine', value: ({ cosineSimilarity }) => cosineSimilarity?.toFixed(3) ?? '–' },
    { heading: '', value: remarkOn },
  ];
}

function remarkOn({ runs, stuck, empty }: StudySummary): string {
  const parts = [
    ...(stuck > 0 ? [`${runs === 1 ? '' : `${stuck} of ${runs} `}stuck at a constant`] : []),
    ...(empty > 0 ? [`${empty} without a surface`] : []),
  ];
  return parts.join(', ');
}

/** The study as Markdown: how it was run, its table, its plot. @param plot path of the SVG beside it */
export function studyMarkdown(study: Study, heading: StudyHeading, rows: readonly StudyRow[], plot: string): string {
  const columns = columnsOf(study);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const { budget } = heading;
  const spent = budget.steps === undefined ? `${budget.seconds} s` : `${budget.steps.toLocaleString('en')} steps`;
  return `# ${study.title}

${study.question} ${heading.shapes.length} shapes (${heading.shapes.join(', ')}), ${spent} a run on ${[...new Set(rows.map(({ backend }) => backend))].join(' or ')}, ${heading.repeats === 1 ? `seed ${heading.seed}` : `${heading.repeats} runs with the seeds from ${heading.seed} on`};
meshes of ${heading.resolution}^3 cells against the true ones, 30,000 points; lengths in model units (the shape fits the unit sphere). Two samplings of one
surface are about 0.09 apart in Chamfer distance x 1000.

${[columns.map((column) => column.heading), columns.map(() => '---'), ...summarizeRows(study, rows).map((row) => columns.map((column) => column.value(row)))].map(line).join('\n')}

![${study.title}](${plot})

Remade by \`${heading.command}\`${budget.steps === undefined ? '; under a time budget, to the figures and not to the bit' : ''}.
`;
}

/** The same table for a terminal. */
export function studyTable(study: Study, rows: readonly StudyRow[]): string {
  const columns = columnsOf(study);
  const cells = [
    columns.map((column) => column.heading),
    ...summarizeRows(study, rows).map((row) => columns.map((column) => column.value(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padStart(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

import type { EvaluatedShape } from './evaluate-asset.js';
import { mean, median } from './known-shapes.js';

/** One figure of a table: how it is called, read from a shape, and printed. */
export interface FigureColumn {
  readonly key: string;
  readonly heading: string;
  /** For a legend. */
  readonly meaning: string;
  readonly digits: number;
  value(shape: EvaluatedShape): number | undefined;
}

/** What the tables show, in their order. */
export const FIGURE_COLUMNS: readonly FigureColumn[] = [
  {
    key: 'chamferX1000',
    heading: 'CD x 1000',
    meaning:
      'Chamfer distance, 30,000 points: mean squared nearest distance, both ways, summed; two samplings of one surface give about 0.09',
    digits: 3,
    value: ({ figures }) => figures.chamferX1000,
  },
  {
    key: 'earthMovers',
    heading: 'EMD',
    meaning: 'earth mover’s distance, 500 points, exact assignment, per point; two samplings of one surface give about 0.08',
    digits: 4,
    value: ({ figures }) => figures.earthMovers,
  },
  {
    key: 'accuracy',
    heading: 'accuracy',
    meaning: '90 % of the generated surface lies within this of the true one',
    digits: 4,
    value: ({ figures }) => figures.accuracy,
  },
  {
    key: 'completion',
    heading: 'completion',
    meaning: 'share of the true surface within 0.01 of the generated one',
    digits: 4,
    value: ({ figures }) => figures.completion,
  },
  {
    key: 'completionDistance',
    heading: 'compl. 90 %',
    meaning: '90 % of the true surface lies within this of the generated one',
    digits: 4,
    value: ({ figures }) => figures.completionDistance,
  },
  {
    key: 'cosineSimilarity',
    heading: 'cosine',
    meaning: 'mean cosine between generated normals and the nearest true ones',
    digits: 3,
    value: ({ figures }) => figures.cosineSimilarity,
  },
  {
    key: 'distanceToTruth',
    heading: 'to truth',
    meaning: 'mean distance of generated points to the true mesh',
    digits: 5,
    value: ({ figures }) => figures.distanceToTruth,
  },
  {
    key: 'distanceFromTruth',
    heading: 'from truth',
    meaning: 'mean distance of true points to the generated mesh',
    digits: 5,
    value: ({ figures }) => figures.distanceFromTruth,
  },
  {
    key: 'components',
    heading: 'parts',
    meaning: 'connected parts of the generated surface',
    digits: 0,
    value: (shape) => shape.components,
  },
];

/** `mean` or `median` of a column over the shapes that have the figure; undefined when none has. */
export function summarize(shapes: readonly EvaluatedShape[], column: FigureColumn, kind: 'mean' | 'median'): number | undefined {
  const values = shapes.map((shape) => column.value(shape)).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  return kind === 'mean' ? mean(values) : median(values);
}

/** As a table's cell: a dash for what could not be measured. */
export function formatFigure(value: number | undefined, digits: number): string {
  if (value === undefined) return '–';
  return Number.isFinite(value) ? value.toFixed(digits) : '∞';
}

/** What every reader of the figures must know about how they were taken. */
export function caveats(shapes: readonly EvaluatedShape[]): string[] {
  const withoutMesh = shapes.filter((shape) => shape.against === 'samples').length;
  const empty = shapes.filter((shape) => shape.empty).length;
  return [
    ...(withoutMesh > 0
      ? [
          `accuracy of ${withoutMesh === shapes.length ? 'all' : withoutMesh} shapes is measured against surface samples, whose spacing adds to it; ` +
            'give the true meshes for distances to the surface itself',
        ]
      : []),
    ...(empty > 0 ? [`${empty} of ${shapes.length} shapes decode to no surface, and count with the worst of each figure`] : []),
  ];
}

/** Rows of a plain text table: headings, shapes, mean and median. */
export function figureTable(shapes: readonly EvaluatedShape[]): string {
  const rows = [
    ['shape', ...FIGURE_COLUMNS.map((column) => column.heading)],
    ...shapes.map((shape) => [shape.name, ...FIGURE_COLUMNS.map((column) => formatFigure(column.value(shape), column.digits))]),
    ...(['mean', 'median'] as const).map((kind) => [
      kind,
      ...FIGURE_COLUMNS.map((column) => formatFigure(summarize(shapes, column, kind), Math.max(1, column.digits))),
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

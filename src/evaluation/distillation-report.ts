import type { ComparedShape } from './compare-decoders.js';
import type { DecoderCost } from './decoder-cost.js';
import { mean } from './known-shapes.js';

/** What a distillation lost and won, as data: for --json and the asset's provenance. */
export interface DistillationFigures {
  /** Means over the teacher's shapes, and over blends of their codes that the student was not trained at. */
  readonly lost: { readonly known: LostFigures; readonly unseen?: LostFigures };
  readonly won: {
    readonly teacher: DecoderCost;
    readonly student: DecoderCost;
    /** Teacher's multiply-adds a query point over the student's. */
    readonly multiplyAddsRatio: number;
    /** Student's evaluations a second over the teacher's. */
    readonly speedRatio: number;
  };
  readonly perShape: readonly ComparedShape[];
}

/** Model units, degrees. */
export interface LostFigures {
  readonly shapes: number;
  readonly chamferX1000: number;
  readonly surfaceDistance: number;
  readonly normalAngle: number;
  /** Chamfer distance x 1000 to the truth, where it was given. */
  readonly truth?: { readonly teacher: number; readonly student: number };
}

/** @param compared at least one shape that is not unseen */
export function distillationFigures(compared: readonly ComparedShape[], teacher: DecoderCost, student: DecoderCost): DistillationFigures {
  const unseen = compared.filter((shape) => shape.unseen);
  return {
    lost: { known: lostOf(compared.filter((shape) => !shape.unseen)), ...(unseen.length > 0 && { unseen: lostOf(unseen) }) },
    won: {
      teacher,
      student,
      multiplyAddsRatio: teacher.multiplyAdds / student.multiplyAdds,
      speedRatio: student.evaluationsPerSecond / teacher.evaluationsPerSecond,
    },
    perShape: compared,
  };
}

function lostOf(shapes: readonly ComparedShape[]): LostFigures {
  const truths = shapes.flatMap(({ truth }) => truth ?? []);
  return {
    shapes: shapes.length,
    chamferX1000: mean(shapes.map((shape) => shape.chamferX1000)),
    surfaceDistance: mean(shapes.map((shape) => shape.surfaceDistance)),
    normalAngle: mean(shapes.map((shape) => shape.normalAngle)),
    ...(truths.length > 0 && {
      truth: { teacher: mean(truths.map(({ teacher }) => teacher)), student: mean(truths.map(({ student }) => student)) },
    }),
  };
}

/** Two tables for a terminal. */
export function distillationTable({ lost, won, perShape }: DistillationFigures): string {
  const withTruth = lost.known.truth !== undefined;
  const cells = ({ chamferX1000, surfaceDistance, normalAngle, truth }: Omit<LostFigures, 'shapes'>) => [
    chamferX1000.toFixed(3),
    surfaceDistance.toFixed(5),
    normalAngle.toFixed(2),
    ...(withTruth ? [truth?.teacher.toFixed(3) ?? '–', truth?.student.toFixed(3) ?? '–'] : []),
  ];
  const lostRows = [
    ['lost, against the teacher', 'CD x 1000', 'distance', 'normals °', ...(withTruth ? ['teacher to truth', 'student to truth'] : [])],
    ...perShape.map((shape) => [`  ${shape.name}`, ...cells(shape)]),
    [`mean of ${lost.known.shapes} shapes`, ...cells(lost.known)],
    ...(lost.unseen ? [[`mean of ${lost.unseen.shapes} unseen blends`, ...cells(lost.unseen)]] : []),
  ];
  const wonRow = (name: string, value: (cost: DecoderCost) => number, ratio: number) => [
    name,
    ...[won.teacher, won.student].map((cost) => value(cost).toLocaleString('en')),
    `${ratio.toPrecision(3)} x`,
  ];
  const wonRows = [
    ['won', 'teacher', 'student', ''],
    wonRow('multiply-adds a query point', (cost) => cost.multiplyAdds, won.multiplyAddsRatio),
    wonRow('evaluations/s, one thread', (cost) => cost.evaluationsPerSecond, won.speedRatio),
    wonRow('parameters', (cost) => cost.parameters, won.teacher.parameters / won.student.parameters),
  ];
  return `${aligned(lostRows)}\n\n${aligned(wonRows)}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

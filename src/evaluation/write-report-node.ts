import { join } from 'node:path';
import { PNG } from 'pngjs';
import { writeFileAtomic } from '../write-file-node.js';
import type { EvaluatedShape } from './evaluate-asset.js';
import { caveats, FIGURE_COLUMNS, summarize } from './figure-columns.js';
import type { Picture } from './picture.js';
import { type ReportHeading, reportHtml } from './report-html.js';

/**
 * The figures as data: what report.json holds. Infinite figures (a shape without surface) become null there.
 * @param notes anything else a reader of the file should know
 */
export function reportData(heading: ReportHeading, shapes: readonly EvaluatedShape[], notes: Readonly<Record<string, unknown>> = {}) {
  const summary = (kind: 'mean' | 'median') =>
    Object.fromEntries(FIGURE_COLUMNS.map((column) => [column.key, summarize(shapes, column, kind)]));
  return {
    ...heading,
    ...notes,
    caveats: caveats(shapes),
    mean: summary('mean'),
    median: summary('median'),
    shapes: shapes.map(({ pictures: _, figures, ...shape }) => ({ ...shape, ...figures })),
  };
}

/**
 * Writes report.json and report.html, which needs no other file, into a folder.
 * @returns their paths
 * @throws NeuralSdfError WRITE_FAILED
 */
export async function writeReport(
  folder: string,
  heading: ReportHeading,
  shapes: readonly EvaluatedShape[],
  data: unknown,
): Promise<{ json: string; html: string }> {
  const json = join(folder, 'report.json');
  const html = join(folder, 'report.html');
  await writeFileAtomic(json, `${JSON.stringify(data, undefined, 2)}\n`);
  await writeFileAtomic(html, reportHtml(heading, shapes, pngUri));
  return { json, html };
}

/** A picture as a data: URI, for a page that needs no other file. */
export function pngUri({ width, height, data }: Picture): string {
  const png = new PNG({ width, height });
  png.data.set(data);
  return `data:image/png;base64,${PNG.sync.write(png).toString('base64')}`;
}

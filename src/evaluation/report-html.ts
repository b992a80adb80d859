import type { EvaluatedShape } from './evaluate-asset.js';
import { caveats, FIGURE_COLUMNS, formatFigure, summarize } from './figure-columns.js';
import type { Picture } from './picture.js';

/** What a report says about itself. */
export interface ReportHeading {
  readonly asset: string;
  /** Prepared folder. */
  readonly folder: string;
  /** Folder of the true meshes, where one was given. */
  readonly meshes?: string;
  readonly resolution: number;
  readonly seed: number;
}

/** The heading's figures, each the mean of a column. */
const HIGHLIGHTS = ['chamferX1000', 'earthMovers', 'accuracy', 'completion', 'cosineSimilarity', 'distanceToTruth'];

/**
 * One page that needs nothing else: figures, and each shape's truth beside its reconstruction.
 * @param pictureUri a picture as a data: URI
 */
export function reportHtml(heading: ReportHeading, shapes: readonly EvaluatedShape[], pictureUri: (picture: Picture) => string): string {
  const title = `${heading.asset}: reconstruction of ${shapes.length} known shape${shapes.length === 1 ? '' : 's'}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>Against ${escapeHtml(heading.folder)}${heading.meshes === undefined ? '' : ` and the meshes of ${escapeHtml(heading.meshes)}`}; marching cubes on a ${heading.resolution}<sup>3</sup> grid, seed ${heading.seed}. Lengths in model units: the shape fits the unit sphere.</p>
${caveats(shapes)
  .map((line) => `<p class="caveat">${escapeHtml(line)}.</p>`)
  .join('\n')}
</header>
<dl class="highlights">${highlights(shapes)}</dl>
<main>
<h2>Shapes</h2>
<div class="gallery">
${shapes.map((shape) => card(shape, pictureUri)).join('\n')}
</div>
<h2>Figures</h2>
<div class="scroll">${table(shapes)}</div>
<h2>What they mean</h2>
<dl class="legend">${FIGURE_COLUMNS.map((column) => `<dt>${escapeHtml(column.heading)}</dt><dd>${escapeHtml(column.meaning)}</dd>`).join('')}</dl>
</main>
</body>
</html>
`;
}

function highlights(shapes: readonly EvaluatedShape[]): string {
  return FIGURE_COLUMNS.filter((column) => HIGHLIGHTS.includes(column.key))
    .map((column) => {
      const [average, middle] = (['mean', 'median'] as const).map((kind) => formatFigure(summarize(shapes, column, kind), column.digits));
      return `<div><dt>${escapeHtml(column.heading)}, mean</dt><dd>${average}</dd><dd class="median">median ${middle}</dd></div>`;
    })
    .join('');
}

function card(shape: EvaluatedShape, pictureUri: (picture: Picture) => string): string {
  const { truth, generated } = shape.pictures;
  const name = escapeHtml(shape.name);
  const image = (picture: Picture, what: string) =>
    `<img src="${pictureUri(picture)}" width="${picture.width / 2}" height="${picture.height / 2}" alt="${name}, ${what}">`;
  const figure = (content: string, caption: string) => `<figure>${content}<figcaption>${caption}</figcaption></figure>`;
  const reconstruction = generated ? image(generated, 'reconstruction') : '<p class="nothing">no surface</p>';
  const chamfer = formatFigure(shape.figures.chamferX1000, 3);
  return `<article><h3>${name}</h3><div class="pair">${figure(image(truth, 'truth'), shape.against === 'mesh' ? 'truth' : 'truth (surface samples)')}${figure(reconstruction, 'reconstruction')}</div><p>CD x 1000 <b>${chamfer}</b></p></article>`;
}

function table(shapes: readonly EvaluatedShape[]): string {
  const headings = FIGURE_COLUMNS.map(
    (column) => `<th scope="col" title="${escapeHtml(column.meaning)}">${escapeHtml(column.heading)}</th>`,
  );
  const row = (name: string, cells: readonly string[]) =>
    `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  const rows = shapes.map((shape) =>
    row(
      shape.name,
      FIGURE_COLUMNS.map((column) => formatFigure(column.value(shape), column.digits)),
    ),
  );
  const sums = (['mean', 'median'] as const).map((kind) =>
    row(
      kind,
      FIGURE_COLUMNS.map((column) => formatFigure(summarize(shapes, column, kind), Math.max(1, column.digits))),
    ),
  );
  return `<table><thead><tr><th scope="col">shape</th>${headings.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody><tfoot>${sums.join('')}</tfoot></table>`;
}

/** Names come from files. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Of all our pages: light and dark, one column of cards or more. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fbfaf8; --card: #fff; --line: #e2ded7; --ink: #23211e; --soft: #6d675f; --warn: #8a4b12; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #171614; --card: #211f1c; --line: #37332e; --ink: #ece8e1; --soft: #a49c91; --warn: #e8a870; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2.4rem 0 .8rem; }
h3 { font-size: .95rem; margin: 0 0 .3rem; overflow-wrap: anywhere; }
header p { margin: .2rem 0; color: var(--soft); overflow-wrap: anywhere; }
header p.caveat { color: var(--warn); }
header p.caveat::first-letter { text-transform: uppercase; }
.highlights { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.4rem 0 0; }
.highlights div, article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem; }
.highlights dt, figcaption, article p, .median { color: var(--soft); font-size: .82rem; }
.highlights dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.highlights dd.median { font-size: .82rem; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: .75rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .25rem; }
figure { margin: 0; text-align: center; display: flex; flex-direction: column; justify-content: end; }
img { max-width: 100%; height: auto; margin: 0 auto; }
.nothing { margin: auto; color: var(--warn); }
article p { margin: .3rem 0 0; }
b { color: var(--ink); font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 500; }
tbody th { font-weight: 400; }
tfoot tr:first-child > * { border-top: 2px solid var(--soft); }
tfoot td { font-weight: 600; }
.legend { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; font-size: .88rem; }
.legend dd { margin: 0; color: var(--soft); }
`;

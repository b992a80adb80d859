import type { PreparedMesh } from '../dataset/prepared-mesh.js';
import { instanceKey } from '../dataset/split.js';
import { escapeHtml, STYLE } from './report-html.js';

/** A mesh and how it looks: the mesh, and its samples cut from the front and from the side. Fewer where it came to nothing. */
export interface PicturedMesh {
  readonly prepared: PreparedMesh;
  readonly pictures: readonly { readonly caption: string; readonly uri: string }[];
}

/** Pixels on the page; the pictures have twice as many, for sharp screens. */
export const SHOWN_SIZE = 160;

/**
 * One page that needs nothing else: each mesh beside its samples, what was dropped first.
 * @param folder the prepared folder
 */
export function prepareReportHtml(folder: string, meshes: readonly PicturedMesh[]): string {
  const unfit = meshes.filter(({ prepared }) => prepared.error);
  const fit = meshes.filter(({ prepared }) => !prepared.error);
  const title = `${folder}: ${fit.length} of ${meshes.length} shapes prepared`;
  const gallery = (heading: string, group: readonly PicturedMesh[]) =>
    group.length === 0 ? '' : `<h2>${heading}</h2>\n<div class="wide gallery">\n${group.map(card).join('\n')}\n</div>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title>
<style>${STYLE}
.wide.gallery { grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); }
.wide .pair { grid-template-columns: repeat(3, 1fr); }
article p.caveat { color: var(--warn); }
</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>Cuts run through the middle of what is inside. A dot is a sample next to the cut: blue says outside, orange inside. The dark line is the mesh itself.</p>
</header>
<main>
${gallery('Dropped or failed', unfit)}
${gallery('Prepared', fit)}
</main>
</body>
</html>
`;
}

function card({ prepared, pictures }: PicturedMesh): string {
  const name = escapeHtml(instanceKey(prepared.instance));
  const figures = pictures.map(
    ({ caption, uri }) =>
      `<figure><img src="${uri}" width="${SHOWN_SIZE}" height="${SHOWN_SIZE}" alt="${name}, ${caption}"><figcaption>${caption}</figcaption></figure>`,
  );
  const complaints = [...(prepared.error ? [`${prepared.error.message} (${prepared.error.code})`] : []), ...prepared.warnings];
  return `<article><h3>${name}</h3><div class="pair">${figures.join('')}</div>${factsOf(prepared)}${complaints
    .map((line) => `<p class="caveat">${escapeHtml(line)}</p>`)
    .join('')}</article>`;
}

function factsOf({ report, positive, negative, dropped, signMethod, views }: PreparedMesh): string {
  const count = (value: number) => value.toLocaleString('en');
  const facts: string[] = [];
  if (report) facts.push(`<b>${count(report.triangles)}</b> triangles`);
  if (negative !== undefined && positive !== undefined) facts.push(`<b>${count(negative)}</b> inside, <b>${count(positive)}</b> outside`);
  if (dropped) facts.push(`<b>${count(dropped)}</b> samples dropped`);
  if (signMethod) facts.push(`sign by ${signMethod}`);
  if (views)
    facts.push(`<b>${count(views.hiddenTriangles)}</b> triangles hidden, <b>${count(views.badTriangles)}</b> seen from both sides`);
  return facts.length === 0 ? '' : `<p>${facts.join('; ')}</p>`;
}

import { axisTicks, formatTick, logTicks, Scale } from '../evaluation/plot-axes.js';
import type { StudyRow } from './run-study.js';
import type { Study } from './study.js';
import { type StudySummary, summarizeRows } from './summarize-rows.js';

interface Panel {
  readonly title: string;
  value(row: StudySummary): number;
  /** Of the runs, where they differ. */
  range?(row: StudySummary): readonly [number, number];
}

const WIDTH = 760;
const LEFT = 72;
const RIGHT = 28;
const PANEL_HEIGHT = 240;
const TOP = 104;
const GAP = 64;

/** A study's figures over what it varies, as an SVG that needs nothing else. Cases without a finite figure are left out; a whisker spans the runs of a case. */
export function studyPlot(study: Study, rows: readonly StudyRow[]): string {
  const panels: Panel[] = [
    {
      title: 'Chamfer distance x 1000, mean',
      value: ({ chamferX1000 }) => chamferX1000.mean,
      range: ({ chamferX1000: { low, high } }) => [low, high],
    },
    ...(study.comparesLoss ? [{ title: 'Training loss, model units', value: ({ loss }: StudySummary) => loss }] : []),
  ];
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP);
  const xs = [...new Set(study.cases.map(({ x }) => x))];
  const summaries = summarizeRows(study, rows);
  const series = [...new Set(study.cases.map((studyCase) => studyCase.series))];
  const scale = xScale(study, xs);
  const names = series.map(
    (name, i) =>
      `<circle class="dot series-${i}" cx="${LEFT + 5 + 190 * i}" cy="66" r="5"/><text x="${LEFT + 17 + 190 * i}" y="70">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${study.title}: ${study.question}</title>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
<text class="heading" x="${LEFT}" y="36">${study.title}</text>
${names.join('\n')}
${panels.map((panel, i) => drawPanel(panel, summaries, series, { scale, ticks: xs, name: study.xName }, TOP + i * (PANEL_HEIGHT + GAP))).join('\n')}
</svg>
`;
}

function xScale({ xAxis }: Study, xs: readonly number[]): Scale {
  const range = [LEFT, WIDTH - RIGHT] as const;
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  if (xAxis === 'logarithmic') return Scale.logarithmic(low, high, range);
  const margin = 0.06 * (high - low);
  return new Scale([low - margin, high + margin], range, 'linear');
}

function drawPanel(
  panel: Panel,
  rows: readonly StudySummary[],
  series: readonly string[],
  axis: { readonly scale: Scale; readonly ticks: readonly number[]; readonly name: string },
  top: number,
): string {
  const bottom = top + PANEL_HEIGHT;
  const finite = rows.filter((row) => Number.isFinite(panel.value(row)));
  if (finite.length === 0) return `<text class="panel" x="${LEFT}" y="${top - 12}">${panel.title}: nothing measured</text>`;
  const values = finite.flatMap((row) => [panel.value(row), ...(panel.range?.(row).filter(Number.isFinite) ?? [])]);
  const scale = Scale.logarithmic(Math.min(...values), Math.max(...values), [bottom, top]);
  const grid = ticksOf(scale).map((tick) => {
    const y = round(scale.at(tick));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text class="tick" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${formatTick(tick)}</text>`;
  });
  const ticks = axis.ticks.map((tick) => {
    const x = round(axis.scale.at(tick));
    return `<line class="axis" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}"/><text class="tick" x="${x}" y="${bottom + 20}" text-anchor="middle">${tick}</text>`;
  });
  const curves = series.map((name, i) => {
    const places = finite
      .filter((row) => row.series === name)
      .sort((a, b) => a.x - b.x)
      .map((row) => ({ x: round(axis.scale.at(row.x)), y: round(scale.at(panel.value(row))), row }));
    const whiskers = places.flatMap(({ x, row }) => {
      const [low, high] = panel.range?.(row) ?? [0, 0];
      if (low === high || !Number.isFinite(high)) return [];
      return `<line class="whisker series-${i}" x1="${x}" x2="${x}" y1="${round(scale.at(low))}" y2="${round(scale.at(high))}"/>`;
    });
    const dots = places.map(
      ({ x, y, row }) =>
        `<circle class="dot series-${i}" cx="${x}" cy="${y}" r="4"><title>${axis.name} ${row.x}, ${name}: ${panel.value(row).toPrecision(3)}</title></circle>`,
    );
    return `<polyline class="curve series-${i}" points="${places.map(({ x, y }) => `${x},${y}`).join(' ')}"/>${whiskers.join('')}${dots.join('')}`;
  });
  return `<g>
<text class="panel" x="${LEFT}" y="${top - 12}">${panel.title}</text>
${grid.join('\n')}
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>
${ticks.join('\n')}
<text class="tick" x="${WIDTH - RIGHT}" y="${bottom + 38}" text-anchor="end">${axis.name}</text>
${curves.join('\n')}
</g>`;
}

/** A domain that holds no 1, 2 or 5 of any power of ten has too few lines to read by. */
function ticksOf(scale: Scale): number[] {
  const ticks = logTicks(scale.domain);
  if (ticks.length > 1) return ticks;
  const [low, high] = scale.domain;
  return axisTicksBetween(low, high);
}

function axisTicksBetween(low: number, high: number): number[] {
  const unit = 10 ** Math.floor(Math.log10(high - low));
  return axisTicks(high / unit, 8)
    .map((tick) => tick * unit)
    .filter((tick) => tick >= low && tick <= high);
}

const round = (value: number): number => Math.round(value * 10) / 10;

const STYLE = `
svg { --ground: #fbfaf8; --ink: #23211e; --soft: #6d675f; --line: #e2ded7; --axis: #b9b2a7; --first: #2a78d6; --second: #c8560b; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #171614; --ink: #ece8e1; --soft: #a49c91; --line: #2f2b27; --axis: #5c564e; --first: #6aa9f4; --second: #f0955a; }
}
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.heading { font-size: 19px; font-weight: 600; }
.panel { font-weight: 600; }
.tick { fill: var(--soft); font-variant-numeric: tabular-nums; }
.ground { fill: var(--ground); }
.grid { stroke: var(--line); }
.axis { stroke: var(--axis); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dot { stroke: var(--ground); stroke-width: 1; }
.whisker { stroke-width: 1.5; opacity: 0.6; }
.whisker.series-0, .curve.series-0 { stroke: var(--first); } .dot.series-0 { fill: var(--first); }
.whisker.series-1, .curve.series-1 { stroke: var(--second); } .dot.series-1 { fill: var(--second); }
`;

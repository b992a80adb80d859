import { axisTicks, formatTick, logTicks, Scale } from './plot-axes.js';

/** A moment of a run; whatever was not measured then is absent. */
export interface TrainingPlotPoint {
  readonly step: number;
  /** Of the run so far. */
  readonly seconds: number;
  /** Moving mean of the training loss, model units. */
  readonly loss?: number;
  /** Clamped loss of held-out shapes, model units. */
  readonly validationLoss?: number;
  readonly chamferX1000?: number;
}

type Quantity = 'loss' | 'validationLoss' | 'chamferX1000';

interface Panel {
  readonly title: string;
  readonly curves: readonly { readonly quantity: Quantity; readonly name: string; readonly dots: boolean }[];
}

const PANELS: readonly Panel[] = [
  {
    title: 'Loss, model units',
    curves: [
      { quantity: 'loss', name: 'training', dots: false },
      { quantity: 'validationLoss', name: 'held-out shapes', dots: true },
    ],
  },
  { title: 'Chamfer distance x 1000, shapes trained on', curves: [{ quantity: 'chamferX1000', name: 'mean', dots: true }] },
];

const WIDTH = 960;
const LEFT = 72;
/** Room for the curves' names and last values. */
const RIGHT = 170;
const PANEL_HEIGHT = 220;
const TOP = 96;
const GAP = 56;
/** A curve needs no more points than it has pixels. */
const MOST_POINTS = WIDTH - LEFT - RIGHT;
/** Names of neighbouring curves keep this far apart. */
const LABEL_HEIGHT = 34;

/**
 * How a run went: loss and Chamfer distance over steps, both on logarithmic axes, as an SVG that needs nothing else.
 * @param points in the order of steps
 */
export function trainingPlot(name: string, points: readonly TrainingPlotPoint[]): string {
  const panels = PANELS.filter((panel) => panel.curves.some(({ quantity }) => curveOf(points, quantity).length > 0));
  const height = TOP + Math.max(1, panels.length) * (PANEL_HEIGHT + GAP);
  const last = points.at(-1);
  const steps = new Scale([0, Math.max(1, last?.step ?? 1)], [LEFT, WIDTH - RIGHT], 'linear');
  const subtitle = last ? `step ${last.step.toLocaleString('en')}, ${duration(last.seconds)} of training` : 'nothing logged yet';
  const body = panels.map((panel, i) => drawPanel(panel, points, steps, TOP + i * (PANEL_HEIGHT + GAP), i === panels.length - 1));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(name)}: ${subtitle}</title>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
<text class="heading" x="${LEFT}" y="34">${escapeXml(name)}</text>
<text class="soft" x="${LEFT}" y="54">${subtitle}</text>
${body.join('\n')}
</svg>
`;
}

function drawPanel(panel: Panel, points: readonly TrainingPlotPoint[], steps: Scale, top: number, isLast: boolean): string {
  const bottom = top + PANEL_HEIGHT;
  const curves = panel.curves
    .map((curve) => ({ ...curve, values: curveOf(points, curve.quantity) }))
    .filter(({ values }) => values.length > 0);
  const all = curves.flatMap(({ values }) => values.map(({ value }) => value));
  const scale = Scale.logarithmic(Math.min(...all), Math.max(...all), [bottom, top]);
  const grid = logTicks(scale.domain).map((tick) => {
    const y = round(scale.at(tick));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text class="tick" x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${formatTick(tick)}</text>`;
  });
  const stepTicks = axisTicks(steps.domain[1], 6).map((tick) => {
    const x = round(steps.at(tick));
    const label = isLast ? `<text class="tick" x="${x}" y="${bottom + 20}" text-anchor="middle">${formatTick(tick)}</text>` : '';
    return `<line class="axis" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}"/>${label}`;
  });
  const labels = spreadLabels(curves.map(({ values }) => scale.at(values[values.length - 1].value)));
  return `<g>
<text class="panel" x="${LEFT}" y="${top - 12}">${panel.title}</text>
${grid.join('\n')}
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>
${stepTicks.join('\n')}
${isLast ? `<text class="tick" x="${WIDTH - RIGHT}" y="${bottom + 38}" text-anchor="end">steps</text>` : ''}
${curves.map((curve, i) => drawCurve(curve.quantity, curve.name, curve.dots, curve.values, steps, scale, labels[i])).join('\n')}
</g>`;
}

function drawCurve(
  quantity: Quantity,
  name: string,
  dots: boolean,
  values: readonly CurvePoint[],
  steps: Scale,
  scale: Scale,
  labelY: number,
): string {
  const places = values.map(({ step, value }) => ({ step, value, x: round(steps.at(step)), y: round(scale.at(value)) }));
  const line = `<polyline class="curve ${quantity}" points="${places.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`;
  const marked = dots ? places : places.slice(-1);
  const circles = marked.map(
    ({ step, value, x, y }) =>
      `<circle class="dot ${quantity}" cx="${x}" cy="${y}" r="${dots ? 3 : 4}"><title>step ${step.toLocaleString('en')}: ${formatValue(value)}</title></circle>`,
  );
  const { value } = places[places.length - 1];
  const labelX = WIDTH - RIGHT + 14;
  return `${line}
${circles.join('')}
<circle class="dot ${quantity}" cx="${labelX + 4}" cy="${round(labelY) - 4}" r="4"/>
<text class="value" x="${labelX + 14}" y="${round(labelY)}">${formatValue(value)}</text>
<text class="soft" x="${labelX + 14}" y="${round(labelY) + 15}">${name}</text>`;
}

interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

/** Positive values of one quantity; where there are more than pixels, means of neighbours. */
function curveOf(points: readonly TrainingPlotPoint[], quantity: Quantity): CurvePoint[] {
  const values = points.flatMap((point): CurvePoint[] => {
    const value = point[quantity];
    // A shape that decodes to nothing has an infinite distance, which no axis has room for.
    return value !== undefined && Number.isFinite(value) && value > 0 ? [{ step: point.step, value }] : [];
  });
  const group = Math.ceil(values.length / MOST_POINTS);
  if (group <= 1) return values;
  return Array.from({ length: Math.ceil(values.length / group) }, (_, i) => {
    const few = values.slice(i * group, (i + 1) * group);
    return { step: few[few.length - 1].step, value: few.reduce((sum, { value }) => sum + value, 0) / few.length };
  });
}

/** Moves labels apart that would cover each other, keeping their order. */
function spreadLabels(wanted: readonly number[]): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  for (let i = 1; i < order.length; i++) placed[order[i]] = Math.max(placed[order[i]], placed[order[i - 1]] + LABEL_HEIGHT);
  return placed;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const formatValue = (value: number): string => value.toPrecision(3);
const round = (value: number): number => Math.round(value * 10) / 10;

/** Names come from files. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
svg { --ground: #fbfaf8; --ink: #23211e; --soft: #6d675f; --line: #e2ded7; --axis: #b9b2a7; --loss: #2a78d6; --held-out: #c8560b; --chamfer: #1f8a5b; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #171614; --ink: #ece8e1; --soft: #a49c91; --line: #2f2b27; --axis: #5c564e; --loss: #6aa9f4; --held-out: #f0955a; --chamfer: #58bf8d; }
}
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.heading { font-size: 19px; font-weight: 600; }
.panel, .value { font-weight: 600; }
.soft, .tick { fill: var(--soft); }
.tick, .value { font-variant-numeric: tabular-nums; }
.ground { fill: var(--ground); }
.grid { stroke: var(--line); }
.axis { stroke: var(--axis); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dot { stroke: var(--ground); stroke-width: 1; }
.curve.loss { stroke: var(--loss); } .dot.loss { fill: var(--loss); }
.curve.validationLoss { stroke: var(--held-out); } .dot.validationLoss { fill: var(--held-out); }
.curve.chamferX1000 { stroke: var(--chamfer); } .dot.chamferX1000 { fill: var(--chamfer); }
`;

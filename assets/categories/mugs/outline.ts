import type { Outline } from '../solids/turned.js';
import { mix } from '../solids/vector.js';
import type { BodyParameters } from './parameters.js';

type Point = readonly [number, number];

/** More where there are hoops to draw. */
const SIDE_STEPS = { plain: 16, banded: 34 } as const;
const EDGE_STEPS = 8;
const RIM_STEPS = 6;
/** Of a hoop: half its height over the vessel's, and how far it stands out, in walls. */
const BAND_REACH = 0.05;
const BAND_RELIEF = 0.36;

/** The side's outer radius, `share` of the height up, without hoops. */
export function sideRadius(body: BodyParameters, share: number): number {
  const bulge = Math.sin(Math.PI * share ** (Math.log(0.5) / Math.log(body.bellyAt)));
  return mix(body.bottom, body.top, share) + body.belly * bulge + body.flare * Math.max(0, (share - 0.6) / 0.4) ** 2.5;
}

/** Half of a vessel's section: up the outside, over a round rim, down the inside. The wall has the same thickness all over. */
export function vesselOutline(body: BodyParameters): Outline {
  const outside = outsideOf(body);
  const inside = offset(outside, body.wall);
  const [outer, inner] = [outside[outside.length - 1], inside[inside.length - 1]];
  const rim = Array.from({ length: RIM_STEPS - 1 }, (_, i): Point => {
    const angle = (Math.PI * (i + 1)) / RIM_STEPS;
    const [across, along] = [Math.cos(angle) / 2, Math.sin(angle) / 2];
    const [r, y] = [outer[0] - inner[0], outer[1] - inner[1]];
    return [mix(inner[0], outer[0], 0.5) + across * r - along * y, mix(inner[1], outer[1], 0.5) + across * y + along * r];
  });
  return [...outside.map((point) => banded(body, point)), ...rim, ...inside.toReversed()];
}

/** The space that no handle may reach into: the vessel's inside and half its wall, open above. */
export function hollowOutline(body: BodyParameters): Outline {
  const inside = offset(outsideOf(body), body.wall / 2);
  const [radius, height] = inside[inside.length - 1];
  return [...inside, [radius, height * 1.5], [0, height * 1.5]];
}

/** From the axis along the bottom, around its edge and up the side. */
function outsideOf(body: BodyParameters): Point[] {
  const { height, edge } = body;
  const corner: Point = [sideRadius(body, 0), 0];
  const start: Point = [Math.max(corner[0] - edge, 0), 0];
  const end: Point = [sideRadius(body, edge / height), edge];
  const floor = [0, 0.5].map((share): Point => [start[0] * share, 0]);
  const bend = Array.from({ length: EDGE_STEPS }, (_, i): Point => {
    const t = i / EDGE_STEPS;
    const along = (axis: 0 | 1): number => mix(mix(start[axis], corner[axis], t), mix(corner[axis], end[axis], t), t);
    return [along(0), along(1)];
  });
  const steps = body.bands > 0 ? SIDE_STEPS.banded : SIDE_STEPS.plain;
  const side = Array.from({ length: steps + 1 }, (_, i): Point => {
    const y = mix(edge, height, i / steps);
    return [sideRadius(body, y / height), y];
  });
  return [...floor, ...bend, ...side];
}

/** Every point moved inward, square to the line. */
function offset(line: readonly Point[], distance: number): Point[] {
  return line.map(([r, y], i) => {
    if (i === 0) return [0, y + distance];
    const [before, after] = [line[i - 1], line[Math.min(i + 1, line.length - 1)]];
    const [dr, dy] = [after[0] - before[0], after[1] - before[1]];
    const share = distance / Math.hypot(dr, dy);
    return [Math.max(r - dy * share, 0), y + dr * share];
  });
}

function banded({ height, wall, bands, edge }: BodyParameters, [r, y]: Point): Point {
  if (y <= edge) return [r, y];
  let relief = 0;
  for (let i = 0; i < bands; i++) {
    const at = (i + 0.75) / (bands + 0.5);
    relief += Math.cos((Math.PI / 2) * Math.min(1, Math.abs(y / height - at) / BAND_REACH)) ** 0.7;
  }
  return [r + BAND_RELIEF * wall * relief, y];
}

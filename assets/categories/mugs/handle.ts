import { bend, sampleCurve } from '../solids/paths.js';
import { add, mix, mixVectors, type Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { hollowOutline, sideRadius } from './outline.js';
import type { HandleParameters, HandleStyle, MugParameters } from './parameters.js';
import { footHeight, moulding } from './vessel.js';

/** Where a handle runs: its ends lie in the wall. */
interface Grip {
  readonly high: Vector;
  readonly low: Vector;
  readonly handle: HandleParameters;
}

const PATHS: Readonly<Record<Exclude<HandleStyle, 'none'>, (grip: Grip) => Vector[]>> = {
  c: halfEllipse,
  d: (grip) => bend(corners(grip), grip.handle.reach * 0.7, 8),
  square: (grip) => bend(corners(grip), grip.handle.thickness * 0.9, 5),
  ear,
  angular: ({ high, low, handle: { reach, thickness } }) => {
    const corner = add(high, [reach * 1.1, 0, 0]);
    return bend([high, corner, add(low, [thickness * 0.4, 0, 0]), low], thickness * 1.1, 6);
  },
};

export function addHandle(shop: Workshop, { body, foot, handle }: MugParameters): void {
  if (handle.style === 'none') return;
  const lift = footHeight(foot.style, foot.height);
  const end = (share: number): Vector => [sideRadius(body, share) - body.wall * 0.5, share * body.height + lift, 0];
  const path = PATHS[handle.style]({ high: end(handle.high), low: end(handle.low), handle });
  const boxy = handle.style === 'square' || handle.style === 'angular';
  // Like a pulled strap of clay an ear is strongest where it leaves the rim.
  const strap = handle.style === 'ear' ? (t: number) => mix(1.12, 0.9, t) : () => 1;
  shop.rod(path, {
    radius: (t) => (handle.width / 2) * strap(t),
    flatness: handle.thickness / handle.width,
    across: [0, 0, 1],
    square: boxy ? 0.75 : 0.25,
    segments: 20,
  });
  shop.hollow(hollowOutline(body), { shape: moulding(body, lift) });
}

/** Level out to the grip, down, and level back. */
function corners({ high, low, handle: { reach } }: Grip): Vector[] {
  const x = Math.max(high[0], low[0]) + reach;
  return [high, [x, high[1], 0], [x, low[1], 0], low];
}

function halfEllipse({ high, low, handle: { reach } }: Grip): Vector[] {
  return sampleCurve(20, (t) => {
    const angle = Math.PI * t;
    const [across, up] = [Math.sin(angle), (1 - Math.cos(angle)) / 2];
    return add(mixVectors(high, low, up), [reach * across ** 0.9, 0, 0]);
  });
}

/** A cubic Bézier that leaves the side rising and comes back to it falling steeply. */
function ear({ high, low, handle: { reach } }: Grip): Vector[] {
  const drop = high[1] - low[1];
  const out = Math.max(high[0], low[0]) - high[0];
  const control = [high, add(high, [out + reach * 1.25, drop * 0.22, 0]), add(high, [out + reach * 1.3, -drop * 0.62, 0]), low];
  return sampleCurve(20, (t) => {
    const level = (points: readonly Vector[]): Vector =>
      points.length === 1 ? points[0] : level(points.slice(1).map((point, i) => mixVectors(points[i], point, t)));
    return level(control);
  });
}

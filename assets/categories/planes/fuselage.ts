import { sampleCurve } from '../solids/paths.js';
import type { Vector } from '../solids/vector.js';
import type { Workshop } from '../solids/workshop.js';
import { along, axisHeight, halfWidth, skin } from './frame.js';
import type { PlaneParameters } from './parameters.js';

const SIDEWAYS: Vector = [1, 0, 0];
const STEPS = 30;

/** Sections lie closer at both ends, where the width changes most. */
const spread = (share: number): number => share - (Math.sin(2 * Math.PI * share) / (2 * Math.PI)) * 0.85;

export function addFuselage(shop: Workshop, plane: PlaneParameters): void {
  const { fuselage } = plane;
  const path = sampleCurve(STEPS, (t): Vector => [0, axisHeight(fuselage, spread(t)), along(plane, spread(t))]);
  shop.rod(path, {
    radius: (t) => halfWidth(fuselage, spread(t)),
    flatness: fuselage.tallness,
    across: SIDEWAYS,
    square: fuselage.square,
    segments: 28,
  });
}

export function addCanopy(shop: Workshop, plane: PlaneParameters): void {
  const { fuselage, canopy } = plane;
  if (canopy.length === 0) return;
  const half = canopy.length / 2;
  // Sunk so deep that its sides run into the fuselage's.
  const depth = canopy.width * 0.45;
  const middle = along(plane, canopy.at);
  const path = sampleCurve(14, (t): Vector => {
    const share = canopy.at - (half * Math.cos(Math.PI * t)) / fuselage.length;
    const top = Math.min(skin(fuselage, share, 1), skin(fuselage, canopy.at, 1)) + canopy.height;
    return [0, top - canopy.height - depth, middle + half * Math.cos(Math.PI * t)];
  });
  shop.rod(path, {
    radius: (t) => (canopy.width / 2) * Math.max(0.35, Math.sin(Math.PI * t) ** 0.8),
    flatness: (2 * (canopy.height + depth)) / canopy.width,
    across: SIDEWAYS,
    segments: 20,
  });
}

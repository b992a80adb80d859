import type { BodyParameters, FootParameters, HandleParameters } from '../parameters.js';

export const NO_FOOT: FootParameters = { style: 'none', height: 0, radius: 0.03 };

export const NO_HANDLE: HandleParameters = { style: 'none', high: 0.8, low: 0.2, reach: 0.03, width: 0.013, thickness: 0.01 };

export const bodyOf = (body: Partial<BodyParameters>): BodyParameters => ({
  height: 0.095,
  bottom: 0.04,
  top: 0.04,
  belly: 0,
  bellyAt: 0.5,
  flare: 0,
  edge: 0.008,
  wall: 0.0052,
  square: 0,
  bands: 0,
  spout: 0,
  ...body,
});

export const handleOf = (handle: Partial<HandleParameters>): HandleParameters => ({ ...NO_HANDLE, style: 'c', ...handle });

import type {
  CanopyParameters,
  EngineParameters,
  FuselageParameters,
  GearParameters,
  TailParameters,
  UpperWingParameters,
  WingParameters,
} from '../parameters.js';

export const NO_CANOPY: CanopyParameters = { length: 0, width: 0.12, height: 0.05, at: 0.2 };
export const NO_UPPER_WING: UpperWingParameters = { gap: 0, stagger: 0, bays: 0 };
export const NO_ENGINES: EngineParameters = {
  style: 'none',
  count: 0,
  radius: 0.08,
  length: 0.3,
  at: 0.3,
  forward: 0.55,
  blades: 3,
  propeller: 0.25,
};
export const NO_GEAR: GearParameters = { style: 'none', height: 0.3, track: 0.5, radius: 0.08 };

export const fuselageOf = (fuselage: Partial<FuselageParameters>): FuselageParameters => ({
  length: 1.8,
  width: 0.22,
  tallness: 1,
  square: 0,
  nose: 0.2,
  tail: 0.35,
  blunt: 0.8,
  tailWidth: 0.25,
  rise: 0.7,
  droop: 0.2,
  ...fuselage,
});

export const wingOf = (wing: Partial<WingParameters>): WingParameters => ({
  span: 1.8,
  root: 0.38,
  taper: 0.5,
  sweep: 0.1,
  rise: 0.06,
  thickness: 0.075,
  tipThickness: 0.052,
  rounding: 0,
  strake: 0,
  at: 0.33,
  level: -0.6,
  winglet: 0,
  braced: false,
  ...wing,
});

export const tailOf = (tail: Partial<TailParameters>): TailParameters => ({
  style: 'low',
  finHeight: 0.34,
  finChord: 0.3,
  planeChord: 0.22,
  span: 0.66,
  taper: 0.6,
  sweep: 0.4,
  thickness: 0.052,
  ...tail,
});

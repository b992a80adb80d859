/**
 * Lengths in metres, of a model about two metres long or wide. A plane flies level toward +z, its fuselage's axis along z through the origin,
 * its fin up +y.
 */
export interface PlaneParameters {
  readonly fuselage: FuselageParameters;
  readonly canopy: CanopyParameters;
  readonly wing: WingParameters;
  readonly upper: UpperWingParameters;
  readonly tail: TailParameters;
  readonly engines: EngineParameters;
  readonly gear: GearParameters;
}

export interface FuselageParameters {
  readonly length: number;
  /** Of the widest section. */
  readonly width: number;
  /** Height over width. */
  readonly tallness: number;
  /** 0: elliptical sections; 1: nearly rectangular. */
  readonly square: number;
  /** Shares of the length over which it widens from the nose and narrows to the tail. */
  readonly nose: number;
  readonly tail: number;
  /** 0: a needle's point; 1: half an ellipsoid. */
  readonly blunt: number;
  /** Width at the tail's end over the widest. */
  readonly tailWidth: number;
  /** 0: the tail narrows evenly; 1: its top stays level and its bottom rises. */
  readonly rise: number;
  /** The same for the nose, downward. */
  readonly droop: number;
}

/** A cockpit's glass, or a bubble: half sunk into the fuselage. */
export interface CanopyParameters {
  /** 0: none. */
  readonly length: number;
  readonly width: number;
  /** Above the fuselage's top. */
  readonly height: number;
  /** Its middle, as a share of the fuselage's length from the nose. */
  readonly at: number;
}

export interface WingParameters {
  /** From tip to tip. */
  readonly span: number;
  /** Chord in the plane of symmetry. */
  readonly root: number;
  /** Chord at the tip over the one at the root. */
  readonly taper: number;
  /** How far the tip's leading edge lies behind the root's. */
  readonly sweep: number;
  /** How far the tip lies above the root. */
  readonly rise: number;
  readonly thickness: number;
  readonly tipThickness: number;
  /** 0: straight edges; 1: an ellipse. */
  readonly rounding: number;
  /** How far the root's leading edge runs forward of the outer wing's. */
  readonly strake: number;
  /** The root's leading edge, as a share of the fuselage's length from the nose. */
  readonly at: number;
  /** -1: at the fuselage's bottom; 1: at its top. */
  readonly level: number;
  /** Height of the fins at the tips; 0: none. */
  readonly winglet: number;
  /** Props from the fuselage's bottom to the wings. */
  readonly braced: boolean;
}

/** A biplane's second wing: the first one's shape. */
export interface UpperWingParameters {
  /** Above the lower wing; 0: no second wing. */
  readonly gap: number;
  /** Forward of the lower wing. */
  readonly stagger: number;
  /** Pairs of struts between the wings, without the two over the fuselage. */
  readonly bays: number;
}

/**
 * - `low`: the tailplane on the fuselage
 * - `t`: the tailplane on top of the fin
 * - `twin`: two fins, leaning outward, and a tailplane on the fuselage
 * - `v`: two fins that are the tailplane as well
 * - `fin`: no tailplane
 */
export type TailStyle = 'low' | 't' | 'twin' | 'v' | 'fin';

export interface TailParameters {
  readonly style: TailStyle;
  readonly finHeight: number;
  /** Chords at the root. */
  readonly finChord: number;
  readonly planeChord: number;
  /** Of the tailplane, from tip to tip. */
  readonly span: number;
  /** Chords at the tips over those at the root. */
  readonly taper: number;
  /** How far the tips' leading edges lie behind the roots', over the fin's height and half the span. */
  readonly sweep: number;
  readonly thickness: number;
}

/**
 * - `pods`: jets under the wing
 * - `rear`: jets at the fuselage's rear
 * - `nose`: a propeller
 * - `wing`: propellers before the wing
 * - `jet`: inside the fuselage, air from both sides
 */
export type EngineStyle = 'none' | 'pods' | 'rear' | 'nose' | 'wing' | 'jet';

export interface EngineParameters {
  readonly style: EngineStyle;
  /** On both wings together; exhausts of a jet. */
  readonly count: number;
  /** Of a pod or nacelle, half an intake's height. */
  readonly radius: number;
  readonly length: number;
  /** The inner pair's place, as a share of half the span. */
  readonly at: number;
  /** How far a pod's front lies before the wing's leading edge, as a share of its length; less than 0: behind. */
  readonly forward: number;
  readonly blades: number;
  /** A propeller's radius. */
  readonly propeller: number;
}

/**
 * - `wheels`: two under the wing and one at the tail
 * - `tricycle`: two under the wing and one at the nose
 * - `floats`: two, each on two struts
 * - `hull`: a flying boat's, with a float under each wing
 */
export type GearStyle = 'none' | 'wheels' | 'tricycle' | 'floats' | 'hull';

export interface GearParameters {
  readonly style: GearStyle;
  /** From the fuselage's axis down to a wheel's or float's middle. */
  readonly height: number;
  /** Between the wheels or floats, or between a hull's. */
  readonly track: number;
  /** Of a wheel or float. */
  readonly radius: number;
}

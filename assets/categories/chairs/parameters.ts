/** All lengths in metres, angles in radians. A chair faces +z and stands on y = 0. */
export interface ChairParameters {
  readonly seat: SeatParameters;
  readonly back: BackParameters;
  readonly base: BaseParameters;
  readonly arms: ArmParameters;
}

export interface SeatParameters {
  /** At the front edge. */
  readonly width: number;
  readonly depth: number;
  /** Of the seat board's top, in the middle, without the cushion. */
  readonly height: number;
  readonly thickness: number;
  /** Width at the rear over the width at the front. */
  readonly taper: number;
  /** 0: square corners; 1: round seat. */
  readonly corner: number;
  /** How far the middle lies below the rim. */
  readonly dish: number;
  /** The rear lies lower. */
  readonly tilt: number;
  /** Thickness of a loose cushion; 0: none. */
  readonly cushion: number;
}

/**
 * - `panel`: one bent board or upholstered back; with `wing` > 0 its sides turn forward
 * - `slats`: posts, a top rail and upright slats
 * - `ladder`: posts and level rungs
 * - `hoop`: a bent bow with spindles
 * - `shell`: seat and back are one bent sheet
 */
export type BackStyle = 'none' | 'panel' | 'slats' | 'ladder' | 'hoop' | 'shell';

export interface BackParameters {
  readonly style: BackStyle;
  /** From the seat to the top. */
  readonly height: number;
  /** Width at the top over the seat's width at the rear. */
  readonly flare: number;
  /** Lean to the rear. */
  readonly rake: number;
  /** How far the sides come forward of the middle. */
  readonly hollow: number;
  /** How far the small of the back comes forward. */
  readonly lumbar: number;
  /** How much higher the middle of the top is than its ends. */
  readonly crest: number;
  readonly thickness: number;
  /** Slats, rungs or spindles, without posts and top rail. */
  readonly bars: number;
  /** 0: square top corners; 1: round. */
  readonly corner: number;
  /** How far the sides turn forward; 0: not at all. */
  readonly wing: number;
  /** Thickness of a cushion in front of the back; 0: none. */
  readonly cushion: number;
  /** Height of a headrest above the back; 0: none. */
  readonly headrest: number;
  /** Diameter of the balls on the upper corners; 0: none. */
  readonly finial: number;
  /** Height of an oval hole through a panel, a handle to carry the chair by; 0: none. */
  readonly hole: number;
}

/**
 * - `legs`: four legs, one under each corner
 * - `star`: a column on spokes that end in castors
 * - `trumpet`: one foot that widens to a round plate
 * - `rockers`: four legs on two curved runners
 * - `cantilever`: two bent tubes that carry the seat from the front only
 */
export type BaseStyle = 'legs' | 'star' | 'trumpet' | 'rockers' | 'cantilever';

export interface BaseParameters {
  readonly style: BaseStyle;
  /** Diameter of a leg, column, spoke or tube at its thickest. */
  readonly thickness: number;
  /** Diameter at the foot over the one at the top. */
  readonly taper: number;
  /** Outward lean of the legs. */
  readonly splay: number;
  /** How far the legs curve outward on their way down (sabre legs). */
  readonly sabre: number;
  /** 0: round; 1: nearly square legs. */
  readonly square: number;
  /** Height of the bars between the legs, or of a footrest; 0: none. */
  readonly stretcher: number;
  /** Radius of the star or of the foot's plate; how far rockers reach beyond the seat. */
  readonly spread: number;
  /** Of a star. */
  readonly spokes: number;
}

/**
 * - `rests`: level rests, each on a post
 * - `loops`: bent rails that run down to the seat
 * - `blocks`: upholstered sides
 * - `bow`: one rail around the back and both sides
 */
export type ArmStyle = 'none' | 'rests' | 'loops' | 'blocks' | 'bow';

export interface ArmParameters {
  readonly style: ArmStyle;
  /** Above the seat. */
  readonly height: number;
  readonly thickness: number;
  /** Length over the seat's depth. */
  readonly reach: number;
}

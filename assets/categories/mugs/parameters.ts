/** All lengths in metres. A mug stands on y = 0 around the y axis; its handle points to +x, a spout to -x. */
export interface MugParameters {
  readonly body: BodyParameters;
  readonly foot: FootParameters;
  readonly handle: HandleParameters;
}

export interface BodyParameters {
  /** Of the vessel, without its foot. */
  readonly height: number;
  /** Outer radius at the bottom, before its edge is rounded. */
  readonly bottom: number;
  /** Outer radius at the rim. */
  readonly top: number;
  /** How far the side bulges; less than 0 draws it in. */
  readonly belly: number;
  /** Where it bulges most, as a share of the height. */
  readonly bellyAt: number;
  /** How far the rim turns outward. */
  readonly flare: number;
  /** Radius of the bottom's edge: at least 1.5 walls, and much more makes a bowl. */
  readonly edge: number;
  readonly wall: number;
  /** 0: round; 1: nearly square, seen from above. */
  readonly square: number;
  /** Raised hoops around the side. */
  readonly bands: number;
  /** How far the lip is drawn out to pour from; 0: not at all. */
  readonly spout: number;
}

/**
 * - `ring`: a low plinth
 * - `stem`: a round plate and a neck
 * - `saucer`: a ring on a saucer
 */
export type FootStyle = 'none' | 'ring' | 'stem' | 'saucer';

export interface FootParameters {
  readonly style: FootStyle;
  /** Of the ring or of the plate with its neck. */
  readonly height: number;
  /** Of the ring or plate; a saucer's. */
  readonly radius: number;
}

/**
 * - `c`: a half ellipse
 * - `d`: a straight grip with round corners
 * - `ear`: wide above, running down along the side
 * - `square`: sharp corners and a square section
 * - `angular`: level above, then slanting to the foot
 */
export type HandleStyle = 'none' | 'c' | 'd' | 'ear' | 'square' | 'angular';

export interface HandleParameters {
  readonly style: HandleStyle;
  /** Where its ends meet the side, as shares of the vessel's height. */
  readonly high: number;
  readonly low: number;
  /** From the side to the middle of the grip. */
  readonly reach: number;
  /** Along z. */
  readonly width: number;
  /** In the plane of its loop. */
  readonly thickness: number;
}

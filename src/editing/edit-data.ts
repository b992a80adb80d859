/** x, y, z in model units. */
export type Vector = readonly [number, number, number];

/** Where an operand stands in model space: scaled, then turned, then moved. */
export interface Placement {
  /** Model units; default the origin. */
  readonly position?: Vector;
  /** A quaternion x, y, z, w, of any length but 0; default none. */
  readonly rotation?: readonly [number, number, number, number];
  /** One factor for all directions, since distances must stay distances; default 1. */
  readonly scale?: number;
}

/** Solids whose signed distance is exact; lengths in model units, standing along y. */
export type PrimitiveData =
  | { readonly kind: 'sphere'; readonly radius: number }
  /** `size`: whole side lengths; `rounding`: radius of its edges, within that size. */
  | { readonly kind: 'box'; readonly size: Vector; readonly rounding?: number }
  /** `height`: from end to end, caps included. */
  | { readonly kind: 'capsule'; readonly radius: number; readonly height: number }
  | { readonly kind: 'cylinder'; readonly radius: number; readonly height: number }
  /** `radius`: of the ring's middle line; `tube`: of its cross-section. */
  | { readonly kind: 'torus'; readonly radius: number; readonly tube: number }
  /** The half space below its own xz-plane. As a union it reaches to the faces of the box that holds the rest. */
  | { readonly kind: 'plane' };

/** Another shape of the same decoder, by name, index or latent code ([codeLength]). */
export type ShapeOperandData =
  | { readonly kind: 'shape'; readonly shape: string | number }
  | { readonly kind: 'shape'; readonly latent: readonly number[] };

export type OperandData = (PrimitiveData | ShapeOperandData) & Placement;

/** `smoothness`: width of the blend, model units, at most `EditLimits.smoothness`; default 0, a sharp edge. */
export interface CombineData {
  readonly type: 'union' | 'subtract' | 'intersect';
  readonly operand: OperandData;
  readonly smoothness?: number;
  readonly enabled?: boolean;
}

/** Swells the shape by `radius` and so rounds its outer edges. */
export interface RoundData {
  readonly type: 'round';
  readonly radius: number;
  readonly enabled?: boolean;
}

/** Hollows the shape: what is left is a wall, `thickness` thick, about its surface. */
export interface ShellData {
  readonly type: 'shell';
  readonly thickness: number;
  readonly enabled?: boolean;
}

/** Takes away what lies in front of a plane: dot(normal, point) > offset for a normal of unit length. */
export interface CutData {
  readonly type: 'cut';
  /** Of any length but 0. */
  readonly normal: Vector;
  readonly offset: number;
  readonly smoothness?: number;
  readonly enabled?: boolean;
}

/** One operation on a shape, as plain JSON. A list of them is applied in order, each to what those before it left. */
export type EditData = CombineData | RoundData | ShellData | CutData;

/** Operations of one mesh, disabled ones included. */
export const MAX_EDITS = 32;
/** Of them, how many may bring another neural shape: each costs one more decoder evaluation wherever its box is near. */
export const MAX_SHAPE_OPERANDS = 8;

/** What a decoder's truncation distance leaves room for. */
export interface EditLimits {
  /** Largest smoothness of an operation, model units. */
  readonly smoothness: number;
  /** Largest sum of all radii of `round` and half the thicknesses of `shell`, model units. */
  readonly offset: number;
}

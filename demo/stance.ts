import type { NeuralShapes, Normalization } from '../src/asset/neural-shapes.js';

/** Where a shape in model units stands in the room. */
export interface Stance {
  /** Metres per model unit. */
  readonly scale: number;
  /** Height of the model's origin above the floor, metres. */
  readonly height: number;
}

/** Metres a model unit of things that fit the room as they are; what is smaller or larger, a mug or an airliner, is shown as large as a chair. */
const FURNITURE = [0.5, 0.8] as const;
const LIKE_A_CHAIR = 0.55;

/**
 * Size and footing of a shape that lies anywhere between the trained ones: each trained shape was scaled to the unit sphere on its own,
 * so a morph from stool to armchair must undo that little by little, or feet float. Shepard's inverse distance weighting (1968) over the
 * latent codes: right at every trained shape, smooth between.
 */
export class StanceTable {
  private readonly _known: readonly { readonly latent: Float32Array; readonly stance: Stance }[];

  constructor(shapes: NeuralShapes) {
    const stances = shapes.shapes.map(({ normalization }) => stanceOf(normalization ?? UNTOUCHED, shapes.halfExtent));
    const typical = stances.map(({ scale }) => scale).sort((a, b) => a - b)[stances.length >> 1];
    const magnified = typical < FURNITURE[0] || typical > FURNITURE[1] ? LIKE_A_CHAIR / typical : 1;
    this._known = shapes.shapes.map(({ latent }, i) => ({
      latent,
      stance: { scale: magnified * stances[i].scale, height: magnified * stances[i].height },
    }));
  }

  at(latent: ArrayLike<number>): Stance {
    let weights = 0;
    let scale = 0;
    let height = 0;
    for (const known of this._known) {
      const squared = known.latent.reduce((sum, value, i) => sum + (value - latent[i]) ** 2, 0);
      if (squared < 1e-12) return known.stance;
      const weight = squared ** -3;
      weights += weight;
      scale += weight * known.stance.scale;
      height += weight * known.stance.height;
    }
    return { scale: scale / weights, height: height / weights };
  }
}

const UNTOUCHED: Normalization = { offset: [0, 0, 0], scale: 1 };

/** original = point / scale - offset, and originals stand on y = 0. Where nothing was normalised, the cube stands on the floor. */
function stanceOf(normalization: Normalization, halfExtent: number): Stance {
  if (normalization === UNTOUCHED) return { scale: 1, height: halfExtent };
  return { scale: 1 / normalization.scale, height: -normalization.offset[1] };
}

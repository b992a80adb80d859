import type { NeuralShapes } from '../src/asset/neural-shapes.js';
import { analyzeLatents, type LatentDistribution, latentCoordinates, randomLatent } from '../src/latent/latent-distribution.js';
import { Random } from '../src/random.js';

/** A latent code on its way from one place to another. */
interface Morph {
  readonly from: Float32Array;
  readonly to: Float32Array;
  readonly seconds: number;
  elapsed: number;
}

/** Length of the way to a chosen shape, and of a stage of the walk; rest between two stages; seconds. */
const CHOSEN_SECONDS = 0.7;
const WALK_SECONDS = 2.6;
const WALK_REST = 0.8;
/** Random shapes keep a little nearer to the trained ones than the prior does, where fewer have loose parts. */
const RANDOM_SPREAD = 0.85;

/** Takes the latent codes of the pieces on show from place to place. Knows nothing of pixels. */
export class ShapeEditor {
  readonly distribution: LatentDistribution;
  /** Called with a piece's number and its new latent code. */
  onChange: (piece: number, latent: Float32Array) => void = () => {};
  private readonly _latents: Float32Array[];
  private readonly _morphs: (Morph | undefined)[];
  /** Seconds until a walking piece sets out again. */
  private readonly _rests: number[];
  private readonly _random = new Random(20);
  private _walks = false;

  /** @param onShow index of the shape that each piece starts as */
  constructor(
    private readonly _shapes: NeuralShapes,
    private readonly _onShow: readonly number[],
  ) {
    this.distribution = analyzeLatents(_shapes.shapes.map(({ latent }) => latent));
    this._latents = _onShow.map((shape) => _shapes.shapes[shape].latent.slice());
    this._morphs = _onShow.map(() => undefined);
    this._rests = _onShow.map((_, piece) => 0.5 * piece);
  }

  latent(piece: number): Float32Array {
    return this._latents[piece];
  }

  /** Coordinates along the principal directions, in standard deviations. */
  coordinates(piece: number): Float32Array {
    return latentCoordinates(this.distribution, this._latents[piece]);
  }

  /** Moves along one principal direction; where the piece stands on the others is kept, those without a slider too. */
  setCoordinate(piece: number, direction: number, deviations: number): void {
    const step = (deviations - this.coordinates(piece)[direction]) * this.distribution.deviations[direction];
    this._set(
      piece,
      this._latents[piece].map((value, i) => value + step * this.distribution.directions[direction][i]),
    );
  }

  /** The straight line between two shapes. @param t 0 is the first, 1 the second */
  blend(piece: number, first: number, second: number, t: number): void {
    const [a, b] = [this._shapes.shapes[first].latent, this._shapes.shapes[second].latent];
    this._set(
      piece,
      a.map((value, i) => value + t * (b[i] - value)),
    );
  }

  /** Walks to a shape of the asset. */
  choose(piece: number, shape: number): void {
    this._morphTo(piece, this._shapes.shapes[shape].latent, CHOSEN_SECONDS);
  }

  chooseRandom(piece: number): void {
    this._morphTo(piece, randomLatent(this.distribution, this._random, RANDOM_SPREAD), CHOSEN_SECONDS);
  }

  /** Back to what the piece was when the page opened. */
  reset(piece: number): void {
    this.choose(piece, this._onShow[piece]);
  }

  /** Lets all pieces wander from shape to shape, or stay where they are. */
  set walks(walks: boolean) {
    this._walks = walks;
    if (!walks) this._morphs.fill(undefined);
  }

  /** Goes on with whatever is under way. @returns whether a latent code changed */
  advance(seconds: number): boolean {
    let changed = false;
    for (const [piece, morph] of this._morphs.entries()) {
      if (morph) {
        morph.elapsed += seconds;
        const t = Math.min(1, morph.elapsed / morph.seconds);
        const eased = t * t * (3 - 2 * t);
        if (t === 1) {
          this._morphs[piece] = undefined;
          this._rests[piece] = WALK_REST;
        }
        this._assign(
          piece,
          morph.from.map((value, i) => value + eased * (morph.to[i] - value)),
        );
        changed = true;
      } else if (this._walks) {
        this._rests[piece] -= seconds;
        const { shapes } = this._shapes;
        if (this._rests[piece] <= 0) this._morphTo(piece, shapes[this._random.index(shapes.length)].latent, WALK_SECONDS);
      }
    }
    return changed || this._walks;
  }

  private _morphTo(piece: number, to: Float32Array, seconds: number): void {
    this._morphs[piece] = { from: this._latents[piece].slice(), to, seconds, elapsed: 0 };
  }

  /** By hand: ends a morph that is under way. */
  private _set(piece: number, latent: Float32Array): void {
    this._morphs[piece] = undefined;
    this._assign(piece, latent);
  }

  private _assign(piece: number, latent: Float32Array): void {
    this._latents[piece] = latent;
    this.onChange(piece, latent);
  }
}

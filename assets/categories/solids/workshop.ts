import type { Manifold, ManifoldToplevel } from 'manifold-3d';
import { NeuralSdfError } from '../../../src/errors.js';
import type { TriangleMesh } from '../../../src/mesh.js';
import { type RodOptions, rod } from './rod.js';
import { type SheetOptions, type Surface, sheet } from './sheet.js';
import { type Outline, type TurnedOptions, turned } from './turned.js';
import { add, type Vector } from './vector.js';
import { type WingSection, wing } from './wing.js';

export interface WorkshopOptions {
  /** Metres; what a union leaves smaller than this, where two surfaces nearly coincide, is smoothed away. */
  readonly tolerance?: number;
  /** Cut flat at y = 0, as what stands on the floor is. */
  readonly floor?: boolean;
}

const DEFAULTS: Required<WorkshopOptions> = { tolerance: 2e-4, floor: true };

/** Collects the parts of one shape and joins them. */
export class Workshop {
  private readonly _parts: Manifold[] = [];
  private readonly _options: Required<WorkshopOptions>;

  /** @param _wasm manifold-3d, after `setup()` */
  constructor(
    private readonly _wasm: ManifoldToplevel,
    options: WorkshopOptions = {},
  ) {
    this._options = { ...DEFAULTS, ...options };
  }

  sheet(surface: Surface, options: SheetOptions): void {
    this._add(sheet(this._wasm, surface, options));
  }

  rod(path: readonly Vector[], options: RodOptions): void {
    this._add(rod(this._wasm, path, options));
  }

  turn(outline: Outline, options: TurnedOptions = {}): void {
    this._add(turned(this._wasm, outline, options));
  }

  wing(sections: readonly WingSection[]): void {
    this._add(wing(this._wasm, sections));
  }

  /** Takes the rod's space away from the part made last. */
  drill(path: readonly Vector[], options: RodOptions): void {
    this._takeAway(rod(this._wasm, path, options));
  }

  /** Takes the space of what is turned away from the part made last. */
  hollow(outline: Outline, options: TurnedOptions = {}): void {
    this._takeAway(turned(this._wasm, outline, options));
  }

  /** A ball: a rod without length. */
  ball(centre: Vector, radius: number): void {
    this.rod([centre, add(centre, [0, radius * 1e-2, 0])], { radius, across: [1, 0, 0] });
  }

  /**
   * The union of all parts, cut at the floor; voids that parts enclose, as between cushions, are filled.
   * Frees the parts: the workshop is empty afterwards.
   * @param name for messages
   * @throws NeuralSdfError MESH_INVALID when the parts do not make one connected solid
   */
  join(name: string): TriangleMesh {
    const union = this._wasm.Manifold.union(this._parts);
    const trimmed = this._options.floor ? [union.trimByPlane([0, 1, 0], 0)] : [];
    const joined = (trimmed[0] ?? union).simplify(this._options.tolerance);
    const status = joined.status();
    // A void's wall comes out as a piece of its own, turned inside out.
    const pieces = joined.decompose();
    const solids = pieces.filter((piece) => piece.volume() > 0);
    const { vertProperties, triVerts } = solids[0]?.getMesh() ?? joined.getMesh();
    for (const solid of [...pieces, joined, ...trimmed, union, ...this._parts.splice(0)]) solid.delete();
    if (status !== 'NoError' || solids.length !== 1) {
      throw new NeuralSdfError(
        'MESH_INVALID',
        `${name}: its parts make ${solids.length} separate solids (status ${status}), but must make one. Let the parts overlap.`,
        { name, status, solids: solids.length },
      );
    }
    return { positions: Float32Array.from(vertProperties), triangles: Uint32Array.from(triVerts) };
  }

  private _takeAway(bit: Manifold): void {
    const part = this._parts.pop();
    if (part) this._add(part.subtract(bit));
    bit.delete();
    part?.delete();
  }

  private _add(part: Manifold): void {
    const status = part.status();
    if (status !== 'NoError' || part.volume() <= 0) {
      throw new NeuralSdfError('MESH_INVALID', `A part is not a solid (status ${status}, volume ${part.volume()} m³).`, {
        status,
      });
    }
    this._parts.push(part);
  }
}

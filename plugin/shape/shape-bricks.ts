import { Logger } from '@babylonjs/core/Misc/logger.js';
import { BrickField, type BrickStatus, type BrickTools, type ExactShape } from '../../src/gpu/bricks/brick-field.js';
import { brickSettings } from './brick-tools.js';
import type { ShapeStorage } from './shape-storage.js';
import type { SharedDecoder } from './shared-decoder.js';

/** Whoever traces the bricks. */
interface BrickUser {
  /** The table holds other bricks. */
  tableWritten(): void;
  statusChanged(): void;
}

/** A mesh's bricks, in its table: filled for one latent code at a time, from coarse to fine, by what each device has compiled for them. */
export class ShapeBricks {
  private _field: BrickField | undefined;
  private _hasFailed = false;

  constructor(
    private readonly _decoder: SharedDecoder,
    private readonly _storage: ShapeStorage,
    private readonly _user: BrickUser,
  ) {}

  /** @param tools of the present device */
  open(tools: BrickTools): void {
    this._field = new BrickField(tools, brickSettings(this._decoder), {
      mostBytes: this._storage.mostTableBytes,
      reserve: (bytes) => this._storage.reserveTable(bytes),
      tableWritten: () => this._user.tableWritten(),
      statusChanged: () => this._user.statusChanged(),
      failed: (error) => {
        this._hasFailed = !this._field?.status.resolution;
        const shown = this._hasFailed ? 'a baked mesh is' : 'coarser ones are';
        Logger.Error(`babylon-neural-sdf: bricks were not filled, and ${shown} shown: ${error}`);
        this._user.statusChanged();
      },
    });
  }

  /** Not even the coarsest bricks of the present latent code could be filled. */
  get hasFailed(): boolean {
    return this._hasFailed;
  }

  /** What has failed is to be tried again. */
  forgive(): void {
    this._hasFailed = false;
  }

  /** @param latent [codeLength] */
  start(latent: Float32Array): void {
    this.forgive();
    this._field?.start(latent);
  }

  get status(): BrickStatus | undefined {
    return this._field?.status;
  }

  get exact(): ExactShape | undefined {
    return this._field?.exact;
  }

  /** Of a device that is lost, too: then `open` comes again. */
  dispose(): void {
    this._field?.dispose();
    this._field = undefined;
  }
}

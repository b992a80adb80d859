import { fetchAsset, loadAsset, OFFERS } from './assets.js';
import { Balls } from './balls.js';
import { chooseFile, type DroppedFile } from './drop.js';
import { EditGizmo } from './edit-gizmo.js';
import type { Graphics } from './engine.js';
import type { FramePacing } from './frame-pacing.js';
import { hideLoading, showError, showLoading, showNotice } from './messages.js';
import { Panel, type PanelActions } from './panel/panel.js';
import { Picking } from './picking.js';
import { createProps, type Props } from './props.js';
import { Readout } from './readout.js';
import { SEAT, Show } from './show.js';
import type { Studio } from './studio.js';

/** The studio with one show at a time, and all that goes with it: panel, picking, handles, balls. */
export class Gallery {
  readonly balls: Balls;
  private readonly _props: Props;
  private readonly _picking: Picking;
  private readonly _gizmo: EditGizmo;
  private readonly _readout: Readout;
  private _show: Show | undefined;
  private _panel: Panel | undefined;
  /** Settles when nothing is being presented any more. */
  private _queue: Promise<void> = Promise.resolve();
  private _isPresenting = false;

  constructor(
    private readonly _graphics: Graphics,
    private readonly _studio: Studio,
    private readonly _pacing: FramePacing,
  ) {
    this._props = createProps(_studio);
    this.balls = new Balls(_studio, this._props.meshes);
    this._gizmo = new EditGizmo(_studio.scene, () => _pacing.invalidate());
    this._picking = new Picking(
      _studio,
      () => this._show?.pieces ?? [],
      (piece) => this._pick(piece),
    );
    this._readout = new Readout(_graphics, _studio.scene, _pacing, () => ({ show: this._show, readings: this._panel?.readings }));
    _pacing.addMover((seconds) => this._show?.editor.advance(seconds) ?? false);
    _pacing.addMover((seconds) => {
      const moved = this.balls.advance(seconds);
      if (moved) _studio.invalidateShadows();
      return moved;
    });
  }

  /** @throws Error before the first asset was presented */
  get show(): Show {
    if (!this._show) throw new Error('nothing is on show yet');
    return this._show;
  }

  /** Nothing is being fetched, baked or filled. */
  get isSettled(): boolean {
    return !this._isPresenting && !this.show.busy;
  }

  /** What is to be seen changed. */
  readonly changed = (): void => {
    this._studio.invalidateShadows();
    this._pacing.invalidate();
  };

  /**
   * Shows an asset in place of this one, once those that were asked for before have been.
   * @param name one of OFFERS
   * @throws Error one sentence for the page; what is on show then stays
   */
  present(name: string): Promise<void> {
    return this._enqueue(name, () => fetchAsset(OFFERS[name].file));
  }

  /** The same of a file's content. */
  presentFile({ name, content }: DroppedFile): Promise<void> {
    return this._enqueue(name, async () => content);
  }

  private _enqueue(name: string, read: () => Promise<Uint8Array>): Promise<void> {
    this._isPresenting = true;
    const present = async (): Promise<void> => {
      showNotice('');
      showLoading(`Fetching ${name}…`);
      try {
        await this._exchange(name, await read());
      } finally {
        hideLoading();
        this._isPresenting = false;
      }
    };
    const presented = this._queue.then(present);
    this._queue = presented.catch(() => {});
    return presented;
  }

  private async _exchange(name: string, bytes: Uint8Array): Promise<void> {
    const { _studio: studio, changed } = this;
    const meshes = await loadAsset(name, bytes, studio.scene);
    this.balls.show([]);
    this._panel?.dispose();
    this._show?.dispose();
    const show = new Show(name, meshes, { studio, software: this._graphics.software, changed, onError: showError });
    this._show = show;
    show.editor.onChange = (piece, latent) => {
      show.pieces[piece].latent = latent;
      this._panel?.follow();
    };
    this._props.placeSphere(name === 'chairs' ? SEAT : undefined);
    this.balls.show(show.pieces);
    this._panel = this._createPanel(show);
    this._picking.show(0);
    changed();
  }

  private _pick(piece: number): void {
    this._panel?.pick(piece);
    this._picking.show(piece);
    this._pacing.invalidate();
  }

  /** A refused asset leaves what is on show, and the panel names that again. */
  private readonly _refused = (error: unknown): void => {
    showError(error);
    if (!this._show) return;
    this._panel?.dispose();
    this._panel = this._createPanel(this._show);
  };

  private _createPanel(show: Show): Panel {
    const { changed } = this;
    // A new panel's box is not ticked.
    this._readout.countsEvaluations = false;
    const actions: PanelActions = {
      pick: (piece) => this._pick(piece),
      present: (name) => void this.present(name).catch(this._refused),
      openFile: () => chooseFile('.glb', (file) => void this.presentFile(file).catch(this._refused), showError),
      dropBalls: () => void this.balls.drop().then(changed, showError),
      removeBalls: () => {
        this.balls.remove();
        changed();
      },
      countEvaluations: (on) => {
        this._readout.countsEvaluations = on;
        changed();
      },
      changed,
      onError: showError,
    };
    return new Panel(show, this._gizmo, actions, this._graphics.withoutWebGpu === undefined);
  }
}

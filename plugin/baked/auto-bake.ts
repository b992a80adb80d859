/** Milliseconds that a latent code must rest before it is baked: longer than the gaps between the edits of a moving slider. */
const REST = 250;

/** Bakes some time after the last of a series of edits. */
export class AutoBake {
  private _timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly _bake: () => void,
    public isEnabled: boolean,
  ) {}

  /** After an edit. */
  schedule(): void {
    this.cancel();
    if (this.isEnabled) this._timer = setTimeout(this._bake, REST);
  }

  cancel(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
  }
}

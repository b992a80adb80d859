/** Longest stretch without giving way to the page, in milliseconds: half a frame. */
const YIELD_AFTER = 8;

/** Keeps a page alive in a long computation: gives way now and then, reports progress, honours an abort signal. */
export class Pacer {
  private _last = performance.now();
  private _share = 0;

  constructor(
    private readonly _onProgress?: (share: number) => void,
    private readonly _signal?: AbortSignal,
  ) {}

  /**
   * @param share of the work that is done, 0 to 1; reports never fall, even where the work grew
   * @throws the signal's reason when aborted
   */
  async tick(share: number): Promise<void> {
    this._signal?.throwIfAborted();
    if (performance.now() - this._last < YIELD_AFTER) return;
    this._share = Math.max(this._share, share);
    this._onProgress?.(this._share);
    await new Promise((resolve) => setTimeout(resolve));
    this._last = performance.now();
  }
}

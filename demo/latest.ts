/** Work that takes a while and is asked for more often than it can be done: runs once it is calm, never twice at a time, last asker wins. */
export class Latest {
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _running = false;
  private _again = false;

  /**
   * @param calm milliseconds without a request before work starts
   * @param onError told what went wrong; the next request tries again
   */
  constructor(
    private readonly _calm: number,
    private readonly _work: () => Promise<void>,
    private readonly _onError: (error: unknown) => void,
  ) {}

  /** Something is asked for that is not done yet. */
  get busy(): boolean {
    return this._running || this._timer !== undefined;
  }

  request(calm = this._calm): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this._run(), calm);
  }

  /** What has not begun does not; the last of what is under way goes unanswered. */
  cancel(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    this._again = false;
  }

  private async _run(): Promise<void> {
    this._timer = undefined;
    if (this._running) {
      this._again = true;
      return;
    }
    this._running = true;
    try {
      await this._work();
    } catch (error) {
      this._onError(error);
    }
    this._running = false;
    if (this._again) {
      this._again = false;
      this.request(0);
    }
  }
}

/**
 * Times what a device is given. Meanwhile the thread sleeps for most of the time that the same took before: Dawn in Node waits by polling, and
 * on a software GPU that takes a third of two cores away from what is timed.
 */
export class QueueClock {
  private readonly _least = new Map<string, number>();
  private readonly _sleeper = new Int32Array(new SharedArrayBuffer(4));

  constructor(private readonly _device: GPUDevice) {}

  /**
   * @param name of what is timed, the same each time; it ran before, so that drivers have compiled it
   * @param run submits it
   * @returns milliseconds until the device is done
   */
  async time(name: string, run: () => void): Promise<number> {
    await this._device.queue.onSubmittedWorkDone();
    const least = this._least.get(name) ?? 0;
    const start = performance.now();
    run();
    const asleep = 0.8 * least - (performance.now() - start);
    if (asleep > 1) Atomics.wait(this._sleeper, 0, 0, asleep);
    await this._device.queue.onSubmittedWorkDone();
    const milliseconds = performance.now() - start;
    this._least.set(name, Math.min(this._least.get(name) ?? milliseconds, milliseconds));
    return milliseconds;
  }
}

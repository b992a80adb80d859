import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { deviceOf } from '../device.js';

/** Times frames. */
export interface FrameTimer {
  /** Called when a frame's commands have been submitted. @returns what the GPU took for them, milliseconds; undefined where that is not known */
  measure(): Promise<number | undefined>;
}

/** By the GPU's own clock where the engine keeps it (`enableGPUTimingMeasurements`), else by when the submitted work is done. */
export class GpuFrameTimer implements FrameTimer {
  private _lastDone = 0;

  constructor(private readonly _engine: WebGPUEngine) {}

  async measure(): Promise<number | undefined> {
    const submitted = performance.now();
    const counter = this._engine.enableGPUTimingMeasurements ? this._engine.getGPUFrameTimeCounter() : undefined;
    await deviceOf(this._engine).queue.onSubmittedWorkDone();
    const done = performance.now();
    // Frames queue up behind each other.
    const took = done - Math.max(submitted, this._lastDone);
    this._lastDone = done;
    return counter?.current ? counter.current / 1e6 : took;
  }
}

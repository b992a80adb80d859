import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { ViewRefiner } from '../../src/gpu/bricks/refine-view.js';
import { deviceOf } from '../device.js';

/** What refines a decoder's hits in bricks at rest: compiled when it is first asked for, once a device. */
export class ViewRefiners {
  private _compiled: Promise<ViewRefiner | undefined> | undefined;
  private _hasFailed = false;

  constructor(
    private readonly _engine: WebGPUEngine,
    private readonly _create: (device: GPUDevice) => Promise<ViewRefiner>,
  ) {}

  /** Whether there will be none on this device. */
  get hasFailed(): boolean {
    return this._hasFailed;
  }

  /** Undefined where compiling failed, which is said once and not tried again. */
  get(): Promise<ViewRefiner | undefined> {
    this._compiled ??= this._compile();
    return this._compiled;
  }

  private async _compile(): Promise<ViewRefiner | undefined> {
    const device = deviceOf(this._engine);
    try {
      return await this._create(device);
    } catch (error) {
      // Of a device that is lost nobody waits for anything; the next one's is compiled anew.
      const lost = await Promise.race([device.lost, Promise.resolve()]);
      if (lost || this._engine.isDisposed) return undefined;
      this._hasFailed = true;
      Logger.Warn(`babylon-neural-sdf: what refines hits at rest did not compile, and they stay those of their bricks: ${error}`);
      return undefined;
    }
  }

  /** Frees what there is; the next call of `get` compiles it anew. */
  release(): void {
    void this._compiled?.then((refiner) => refiner?.dispose());
    this._compiled = undefined;
    this._hasFailed = false;
  }
}

import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { ViewTracer } from '../../src/gpu/view-tracer.js';
import { deviceOf } from '../device.js';
import type { AsyncPipelines } from '../material/async-pipelines.js';

interface CompiledViewTracer {
  readonly device: GPUDevice;
  tracer?: ViewTracer;
  hasFailed: boolean;
}

/** What traces a decoder's shapes into a camera's view in compute, without edits and with: compiled when it is first asked for, once a device. */
export class ViewTracers {
  private readonly _compiled: CompiledViewTracer[] = [];
  private _isDisposed = false;

  constructor(
    private readonly _engine: WebGPUEngine,
    private readonly _pipelines: AsyncPipelines,
    private readonly _create: (device: GPUDevice, edited: boolean) => Promise<ViewTracer>,
  ) {}

  /**
   * Undefined until it has been compiled, and where compiling failed.
   * @param edited for shapes with edits
   */
  get(edited: boolean): ViewTracer | undefined {
    const index = Number(edited);
    const device = deviceOf(this._engine);
    const known = this._compiled[index];
    if (known?.device === device) return known.tracer;
    const compiled: CompiledViewTracer = { device, hasFailed: false };
    this._compiled[index] = compiled;
    this._pipelines.track(
      this._create(device, edited).then(
        (tracer) => {
          if (this._isDisposed || this._compiled[index] !== compiled) tracer.dispose();
          else compiled.tracer = tracer;
        },
        (error: unknown) => {
          compiled.hasFailed = true;
          if (!this._engine.isDisposed)
            Logger.Error(`babylon-neural-sdf: tracing in compute failed, shapes are traced in the picture: ${error}`);
        },
      ),
    );
    return undefined;
  }

  /** Whether there will be no such tracer on this device. */
  hasFailed(edited: boolean): boolean {
    const known = this._compiled[Number(edited)];
    return known?.device === deviceOf(this._engine) && known.hasFailed;
  }

  /** Those that have been compiled. */
  get present(): ViewTracer[] {
    return this._compiled.flatMap((known) => known?.tracer ?? []);
  }

  dispose(): void {
    this._isDisposed = true;
    for (const tracer of this.present) tracer.dispose();
  }
}

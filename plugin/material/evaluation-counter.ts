import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';

/** Sphere-tracing statistics since the last read. */
export interface EvaluationCount {
  readonly evaluations: number;
  readonly pixels: number;
}

/** Counts what a material's shaders evaluate, on the GPU. */
export class EvaluationCounter {
  private readonly _counters: StorageBuffer;

  constructor(private readonly _engine: WebGPUEngine) {
    this._counters = new StorageBuffer(_engine, 8, 3, 'neural-sdf counters');
  }

  /** Hands them to the shader that is about to draw. */
  bind(): void {
    this._engine.setStorageBuffer('sdfCounters', this._counters);
  }

  /** Reads the counts of all frames since the last read, and starts again from zero. */
  async readAsync(): Promise<EvaluationCount> {
    const bytes = await this._counters.read(0, 8, undefined, true);
    // Counting may have ended meanwhile.
    if (this._counters.getBuffer()) this._counters.clear();
    const [evaluations, pixels] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2);
    return { evaluations, pixels };
  }

  dispose(): void {
    this._counters.dispose();
  }
}

import type { TrainingProgress } from '../../src/training/run-clock.js';
import type { Answer, Request, Results, Snapshot } from './protocol.js';

/** The page's end of worker.ts: one request of a kind at a time. */
export class WorkerClient {
  onProgress: (progress: TrainingProgress, engine: string) => void = () => {};
  onSnapshot: (snapshot: Snapshot) => void = () => {};
  private readonly _worker = new Worker(new URL('train-worker.js', import.meta.url), { type: 'module' });
  private readonly _waiting = new Map<Request['kind'], { resolve: (value: never) => void; reject: (error: Error) => void }>();

  constructor() {
    this._worker.onmessage = ({ data }: MessageEvent<Answer>) => this._receive(data);
    this._worker.onerror = ({ message }) => {
      for (const { reject } of this._waiting.values()) reject(new Error(`The training worker failed: ${message}`));
      this._waiting.clear();
    };
  }

  ask<K extends Request['kind']>(request: Extract<Request, { kind: K }>): Promise<Results[K]> {
    return new Promise((resolve, reject) => {
      this._waiting.set(request.kind, { resolve: resolve as (value: never) => void, reject });
      this._worker.postMessage(request);
    });
  }

  private _receive(answer: Answer): void {
    if (answer.kind === 'progress') this.onProgress(answer.progress, answer.engine);
    else if (answer.kind === 'snapshot') this.onSnapshot(answer.snapshot);
    else {
      const waiting = this._waiting.get(answer.of);
      this._waiting.delete(answer.of);
      if (answer.kind === 'result') waiting?.resolve(answer.value as never);
      else waiting?.reject(new Error(answer.message));
    }
  }
}

import type { Scene } from '@babylonjs/core/scene.js';
import { FrameBudget, type TraceStatus } from '../plugin/index.js';
import type { Graphics } from './engine.js';
import type { FramePacing } from './frame-pacing.js';
import type { Readings } from './panel/readings.js';
import type { Piece } from './piece.js';
import type { Show } from './show.js';

const INTERVAL = 400;

const FORMS: Readonly<Record<TraceStatus['form'], string>> = {
  literals: 'weights in the shader’s text',
  buffer: 'weights in a buffer',
  bricks: 'bricks near the surface',
  baked: 'baked mesh',
};

/** Keeps the panel's numbers true. */
export class Readout {
  private _counts = false;
  private _evaluations = 'not counted';

  constructor(
    private readonly _graphics: Graphics,
    private readonly _scene: Scene,
    private readonly _pacing: FramePacing,
    /** What is on show now, and where its numbers go. */
    private readonly _current: () => { readonly show: Show | undefined; readonly readings: Readings | undefined },
  ) {
    setInterval(() => void this._refresh(), INTERVAL);
  }

  /** Counting is a variant of the shaders, so turning it on or off compiles once. */
  set countsEvaluations(on: boolean) {
    if (on === this._counts) return;
    this._counts = on;
    for (const { mesh } of this._pieces) if (mesh.plugin) mesh.plugin.countsEvaluations = on;
    this._evaluations = on ? '…' : 'not counted';
  }

  private get _budget(): FrameBudget {
    return FrameBudget.of(this._scene);
  }

  private get _pieces(): readonly Piece[] {
    return this._current().show?.pieces ?? [];
  }

  private async _refresh(): Promise<void> {
    if (this._counts && !this._graphics.isLost) await this._countEvaluations();
    const { show, readings } = this._current();
    if (!show || !readings) return;
    const { _pacing: pacing, _graphics: graphics } = this;
    const { pieces } = show;
    const { width, height } = pacing.pixels;
    const status = pieces[0].mesh.traceStatus;
    const traced = pieces.filter(({ mesh }) => mesh.isTraced).length;
    const waiting = this._scene.isReady() ? '' : ', shaders compile';
    readings.set('shapes', `${traced} of ${pieces.length} traced${show.field.count ? `, field of ${show.field.count}` : ''}${waiting}`);
    readings.set('decoder', `${FORMS[status.form]}: ${status.reason}`);
    readings.set('bricks', status.form === 'bricks' ? describeBricks(status) : undefined);
    readings.set('picture', `${width} × ${height}${graphics.engine.isWebGPU ? describeBudget(this._budget) : ''}`);
    readings.set('frame', `${(1000 * pacing.frameSeconds).toFixed(1)} ms`);
    readings.set('evaluations', this._evaluations);
    readings.set('shaders', `${graphics.created.pipelines} pipelines, ${graphics.created.shaderModules} modules`);
    readings.set('adapter', graphics.adapter);
  }

  private async _countEvaluations(): Promise<void> {
    const plugins = [...new Set(this._pieces.map(({ mesh }) => mesh.plugin))];
    const counts = await Promise.all([this._budget, ...plugins].map((source) => source?.readEvaluationsAsync()));
    const evaluations = counts.reduce((sum, count) => sum + (count?.evaluations ?? 0), 0);
    const pixels = counts.reduce((sum, count) => sum + (count?.pixels ?? 0), 0);
    if (pixels > 0 && this._counts) this._evaluations = `${(evaluations / pixels).toFixed(1)} a pixel`;
  }
}

function describeBricks({ resolution, progress, isComplete, errorMean, errorP99 }: TraceStatus): string {
  if (!isComplete) return `${resolution ? `${resolution} cells` : 'none yet'}, the next level ${Math.floor(100 * progress)} % filled`;
  const off = errorMean === undefined ? '' : `, off by ${errorMean.toExponential(1)}, at p99 ${errorP99?.toExponential(1)}`;
  return `${resolution} cells${off}`;
}

function describeBudget({ scale, isSharp }: FrameBudget): string {
  if (scale >= 1) return ', every pixel traced';
  const share = `1/${Number((1 / scale).toFixed(1))}`;
  return isSharp ? `, sharpened; ${share} in motion` : `, shapes at ${share}`;
}

import type { Chair } from './chair.js';
import type { Graphics } from './engine.js';
import type { FramePacing } from './frame-pacing.js';
import type { Panel } from './panel.js';

const INTERVAL = 400;

/** Keeps the panel's numbers true. */
export class Readout {
  private _counts = false;

  constructor(
    private readonly _graphics: Graphics,
    private readonly _pacing: FramePacing,
    private readonly _chairs: readonly Chair[],
    private readonly _panel: Panel,
  ) {
    _panel.readings.adapter = _graphics.adapter;
    setInterval(() => void this._refresh(), INTERVAL);
  }

  /** Counting is a variant of the shaders, so turning it on or off compiles once. */
  set countsEvaluations(on: boolean) {
    this._counts = on;
    for (const { mesh } of this._chairs) if (mesh.plugin) mesh.plugin.countsEvaluations = on;
    this._panel.readings.evaluations = on ? '…' : 'not counted';
  }

  private async _refresh(): Promise<void> {
    const { _pacing: pacing, _graphics: graphics } = this;
    const { readings } = this._panel;
    const { width, height } = pacing.pixels;
    readings.frame = `${(1000 * pacing.frameSeconds).toFixed(1)} ms`;
    readings.picture = `${width} × ${height}`;
    readings.pipelines = `${graphics.created.pipelines} of ${graphics.created.shaderModules} modules`;
    if (this._counts) await this._countEvaluations();
    this._panel.refreshReadings();
  }

  private async _countEvaluations(): Promise<void> {
    const plugins = new Set(this._chairs.map(({ mesh }) => mesh.plugin));
    let evaluations = 0;
    let pixels = 0;
    for (const plugin of plugins) {
      const count = await plugin?.readEvaluationsAsync();
      evaluations += count?.evaluations ?? 0;
      pixels += count?.pixels ?? 0;
    }
    if (pixels > 0 && this._counts) this._panel.readings.evaluations = `${(evaluations / pixels).toFixed(1)} a pixel`;
  }
}

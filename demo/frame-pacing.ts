import type { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { Graphics } from './engine.js';

/** Moves something by `seconds`; answers whether anything moved, that is whether a frame must be drawn. */
export type Mover = (seconds: number) => boolean;

/** What a frame may take while things move: a little more than one of 60 Hz, since completion is noticed late. */
const MOVING_BUDGET = 0.024;
/**
 * After so much calm, in milliseconds, a frame may take so long, in seconds. Longer would make the next touch feel ignored, but whoever
 * has looked for a while may wait for a good picture: the second matters to software adapters only.
 */
const REST_BUDGETS = [
  { after: 250, budget: 0.5 },
  { after: 1500, budget: 3 },
] as const;
/** Coarser than this shows nothing, however slow the adapter is; finer than this, a 4K screen, costs more memory than it is worth. */
const FEWEST_PIXELS = 12_000;
const MOST_PIXELS = 3840 * 2160;
/** Canvas pixels per CSS pixel along a side: smooths silhouettes by supersampling. */
const FINEST = 2;
/** Below so many canvas pixels per CSS pixel in motion, an adapter is too slow to draw shadows as well while things move. */
const SHADOWS_FROM = 0.5;
/** Longest leap of a mover, seconds: after a pause, things go on instead of jumping. */
const LONGEST_STEP = 0.5;

/**
 * Draws a frame only when something changed: coarse enough to keep pace while it changes, sharp once it rests. What a pixel costs is
 * measured as it goes, so that nothing need be known of the adapter.
 */
export class FramePacing {
  /** Frames drawn. */
  frames = 0;
  /** Of the last frame, from its submission to the end of the GPU's work, seconds. */
  frameSeconds = 0;
  private readonly _movers: Mover[] = [];
  private _invalid = true;
  private _inFlight = 0;
  /** A frame was drawn since things came to rest. */
  private _rests = false;
  /** No sharper one can be afforded. */
  private _sharp = false;
  private _lastTick = performance.now();
  private _lastMotion = performance.now();
  /** Canvas pixels per CSS pixel along a side. */
  private _scale = 1;
  /** What a pixel cost of late, smoothed, and in the last frame. */
  private _secondsPerPixel: number;
  private _lastSecondsPerPixel: number;

  constructor(
    private readonly _graphics: Graphics,
    private readonly _scene: Scene,
    private readonly _camera: ArcRotateCamera,
    private readonly _canvas: HTMLCanvasElement,
    /** Called before a frame that may take the time to bring shadows up to date; answers whether they were not. */
    private readonly _refreshShadows: () => boolean,
    /** Canvas pixels per CSS pixel along a side at rest; left out, as many as the adapter affords. */
    private readonly _sharpness?: number,
  ) {
    // Nothing is known yet: a guess that makes the first frame coarse on a processor and sharp elsewhere.
    this._secondsPerPixel = _graphics.software ? 2e-6 : 1e-8;
    this._lastSecondsPerPixel = this._secondsPerPixel;
    for (const event of ['keydown', 'wheel', 'pointerdown']) {
      _canvas.addEventListener(event, () => this.invalidate(), { passive: true });
    }
    new ResizeObserver(() => this.invalidate()).observe(_canvas);
  }

  /** Canvas pixels, as last drawn. */
  get pixels(): { readonly width: number; readonly height: number } {
    return { width: this._canvas.width, height: this._canvas.height };
  }

  /** Nothing moves, and the picture is as sharp as it gets. */
  get atRest(): boolean {
    return this._sharp && !this._invalid;
  }

  /** Settles when the GPU has drawn one frame more. */
  async nextFrame(): Promise<void> {
    const { frames } = this;
    this.invalidate();
    while (this.frames === frames || this._inFlight > 0) await new Promise(requestAnimationFrame);
  }

  /** Adds what is asked before every frame. */
  addMover(mover: Mover): void {
    this._movers.push(mover);
  }

  /** Something changed: a frame must be drawn. */
  invalidate(): void {
    this._invalid = true;
  }

  start(): void {
    const loop = (): void => {
      requestAnimationFrame(loop);
      this._tick();
    };
    loop();
  }

  private _tick(): void {
    // A slow adapter would queue frames, and show now what was asked for seconds ago.
    const mayBeInFlight = this.frameSeconds > MOVING_BUDGET ? 0 : 1;
    if (this._inFlight > mayBeInFlight) return;
    const now = performance.now();
    const seconds = Math.min(LONGEST_STEP, (now - this._lastTick) / 1000);
    this._lastTick = now;
    let moves = this._invalid || cameraMoves(this._camera);
    this._invalid = false;
    for (const mover of this._movers) moves = mover(seconds) || moves;
    if (moves) {
      this._lastMotion = now;
      this._rests = false;
      this._sharp = false;
      const scale = this._affordableScale(MOVING_BUDGET / this._secondsPerPixel, devicePixelRatio);
      // Each change makes new textures: stay where the current scale is about right.
      this._draw(scale < 1.6 * this._scale && scale > 0.85 * this._scale ? this._scale : scale);
      return;
    }
    const budget = REST_BUDGETS.findLast(({ after }) => now - this._lastMotion > after)?.budget;
    if (budget === undefined || this._inFlight > 0) return;
    // A frame at rest may show that a still sharper one can be afforded.
    const scale = this._sharpness ?? this._affordableScale(budget / this._lastSecondsPerPixel, Math.max(FINEST, devicePixelRatio));
    const sharper = !this._rests || scale > 1.2 * this._scale;
    this._rests = true;
    if (sharper) this._draw(scale);
    this._sharp = !sharper && (budget === REST_BUDGETS.at(-1)?.budget || scale === this._sharpness);
  }

  private _affordableScale(pixels: number, finest: number): number {
    const cssPixels = Math.max(1, this._canvas.clientWidth * this._canvas.clientHeight);
    return Math.min(finest, Math.sqrt(Math.min(MOST_PIXELS, Math.max(FEWEST_PIXELS, pixels)) / cssPixels));
  }

  private _draw(scale: number): void {
    const { engine } = this._graphics;
    this._scale = scale;
    engine.setHardwareScalingLevel(1 / scale);
    engine.resize();
    const pipelines = this._graphics.created.pipelines;
    const rests = this._rests;
    const shadowsDrawn = (rests || scale >= SHADOWS_FROM) && this._refreshShadows();
    const started = performance.now();
    engine.beginFrame();
    this._scene.render();
    engine.endFrame();
    // What is still being compiled was left out.
    if (!this._scene.isReady()) this._invalid = true;
    this.frames++;
    this._inFlight++;
    const pixels = this._canvas.width * this._canvas.height;
    void this._graphics.finished().then(() => {
      this._inFlight--;
      this.frameSeconds = (performance.now() - started) / 1000;
      // A frame that waited for a compiler, or for shadows that the next one does not draw, says nothing about pixels.
      if (this._graphics.created.pipelines > pipelines || (rests && shadowsDrawn)) return;
      this._lastSecondsPerPixel = this.frameSeconds / pixels;
      this._secondsPerPixel += 0.4 * (this._lastSecondsPerPixel - this._secondsPerPixel);
    });
  }
}

/** Babylon applies what a drag has left over with the next frame, so somebody has to ask for that frame. */
function cameraMoves(camera: ArcRotateCamera): boolean {
  const { inertialAlphaOffset, inertialBetaOffset, inertialRadiusOffset, inertialPanningX, inertialPanningY } = camera;
  return [inertialAlphaOffset, inertialBetaOffset, inertialRadiusOffset, inertialPanningX, inertialPanningY].some((left) => left !== 0);
}

import type { ArcRotateCamera } from '@babylonjs/core/Cameras/arcRotateCamera.js';
import { FrameBudget } from '../plugin/index.js';
import type { Graphics } from './engine.js';
import type { Studio } from './studio.js';

/** Moves something by `seconds`; answers whether anything moved, that is whether a frame must be drawn. */
export type Mover = (seconds: number) => boolean;

/** `targetFrameTime` of the shapes on show, milliseconds: a little more than a frame of 60 Hz, since completion is noticed late. */
export const TARGET_FRAME_TIME = 20;
/** A frame slower than this, in seconds, is not followed by the next before it is done: what is asked for now would be shown late. */
const QUEUED_UP_TO = 0.024;
/** Frames with shadows that take longer than this, in seconds, wait until things rest. */
const SHADOWS_UP_TO = 0.05;
/** Calm after which things are taken to rest, milliseconds. */
const CALM = 250;
/** A 4K screen: more pixels cost more memory than they are worth. */
const MOST_PIXELS = 3840 * 2160;
/**
 * Where a processor plays the GPU, floor and backdrop are shaded by it too, which no budget of the shapes makes cheaper: until things have
 * been at rest for so long, milliseconds, the canvas has so many pixels at most.
 */
const MOST_SOFTWARE_PIXELS = 480 * 270;
const LONG_CALM = 1500;
/**
 * There, no scale reaches the target, and the budget would go to its coarsest. It sharpens by as many frames as its texels are large, each of
 * which shades the floor again: at a third by 18, at a sixth by 72.
 */
const SOFTWARE_SCALE = 1 / 3;
/** Longest leap of a mover, seconds: after a pause, things go on instead of jumping. */
const LONGEST_STEP = 0.5;

/**
 * Draws a frame only when something changed, and then until the picture is sharp. How finely the shapes are traced meanwhile is the
 * plugin's FrameBudget's to say.
 */
export class FramePacing {
  /** Something else needs the processor that draws: what rests is not sharpened. */
  holdsBack = false;
  /** Frames drawn. */
  frames = 0;
  /** Of the last frame, from its submission to the end of the GPU's work, seconds. */
  frameSeconds = 0;
  private readonly _movers: Mover[] = [];
  private _invalid = true;
  private _inFlight = 0;
  /** Frames drawn since things came to rest. */
  private _restFrames = 0;
  private _sharp = false;
  /** The canvas has all the pixels of the screen, not only those that a processor shades quickly. */
  private _isFine: boolean;
  private readonly _startsFine: boolean;
  private _lastTick = performance.now();
  private _lastMotion = performance.now();
  /** What a frame took that drew the shadow map as well, seconds. */
  private _shadowSeconds: number;

  constructor(
    private readonly _graphics: Graphics,
    private readonly _studio: Studio,
    private readonly _canvas: HTMLCanvasElement,
    /** Canvas pixels per CSS pixel along a side; left out, what the screen has and the adapter affords. */
    private readonly _sharpness?: number,
  ) {
    if (_graphics.software && _graphics.engine.isWebGPU) FrameBudget.of(_studio.scene).forcedScale = SOFTWARE_SCALE;
    this._shadowSeconds = _graphics.software ? Number.POSITIVE_INFINITY : 0;
    this._isFine = !_graphics.software || _sharpness !== undefined;
    this._startsFine = this._isFine;
    for (const event of ['keydown', 'wheel', 'pointerdown']) {
      _canvas.addEventListener(event, () => this.invalidate(), { passive: true });
    }
    new ResizeObserver(() => {
      this._fitCanvas();
      this.invalidate();
    }).observe(_canvas);
    this._fitCanvas();
  }

  /** Canvas pixels. */
  get pixels(): { readonly width: number; readonly height: number } {
    return { width: this._canvas.width, height: this._canvas.height };
  }

  /** Nothing moves, and the picture is as sharp as it gets. */
  get atRest(): boolean {
    return this._sharp && this._isFine && !this._invalid;
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
    if (this._graphics.isLost) return;
    const mayBeInFlight = this.frameSeconds > QUEUED_UP_TO ? 0 : 1;
    if (this._inFlight > mayBeInFlight) return;
    const now = performance.now();
    const seconds = Math.min(LONGEST_STEP, (now - this._lastTick) / 1000);
    this._lastTick = now;
    let moves = this._invalid || cameraMoves(this._studio.camera);
    this._invalid = false;
    for (const mover of this._movers) moves = mover(seconds) || moves;
    if (moves) {
      this._lastMotion = now;
      this._restFrames = 0;
      this._sharp = false;
      if (this._isFine !== this._startsFine) this._setFine(false);
      this._draw(this._shadowSeconds < SHADOWS_UP_TO);
    } else if (this._sharp && !this._isFine && !this.holdsBack && now - this._lastMotion > LONG_CALM) {
      this._sharp = false;
      this._restFrames = 0;
      this._setFine(true);
    } else if (!this._sharp && now - this._lastMotion > CALM && this._inFlight === 0) {
      // The budget sharpens over some frames, and the first at rest brings the shadows.
      if (this._restFrames > 0 && (this.holdsBack || this._isSharp())) this._sharp = true;
      else this._draw(true);
      this._restFrames++;
    }
  }

  private _isSharp(): boolean {
    return !this._graphics.engine.isWebGPU || FrameBudget.of(this._studio.scene).isFinal;
  }

  private _setFine(isFine: boolean): void {
    this._isFine = isFine;
    this._fitCanvas();
  }

  private _fitCanvas(): void {
    const { clientWidth, clientHeight } = this._canvas;
    const most = this._isFine ? MOST_PIXELS : MOST_SOFTWARE_PIXELS;
    const affordable = Math.sqrt(most / Math.max(1, clientWidth * clientHeight));
    const { engine } = this._graphics;
    engine.setHardwareScalingLevel(1 / (this._sharpness ?? Math.min(devicePixelRatio, affordable)));
    engine.resize();
  }

  private _draw(withShadows: boolean): void {
    const { engine } = this._graphics;
    const { scene } = this._studio;
    const { pipelines } = this._graphics.created;
    const shadowsDrawn = withShadows && this._studio.refreshShadows();
    const started = performance.now();
    engine.beginFrame();
    scene.render();
    engine.endFrame();
    // What is still being compiled was left out, of the shadows too.
    if (!scene.isReady()) {
      this._invalid = true;
      if (shadowsDrawn) this._studio.invalidateShadows();
    }
    this.frames++;
    this._inFlight++;
    void this._graphics.finished().finally(() => {
      this._inFlight--;
      this.frameSeconds = (performance.now() - started) / 1000;
      // A frame that waited for a compiler says nothing about shadows.
      if (shadowsDrawn && this._graphics.created.pipelines === pipelines) this._shadowSeconds = this.frameSeconds;
    });
  }
}

/** Babylon applies what a drag has left over with the next frame, so somebody has to ask for that frame. */
function cameraMoves(camera: ArcRotateCamera): boolean {
  const { inertialAlphaOffset, inertialBetaOffset, inertialRadiusOffset, inertialPanningX, inertialPanningY } = camera;
  return [inertialAlphaOffset, inertialBetaOffset, inertialRadiusOffset, inertialPanningX, inertialPanningY].some((left) => left !== 0);
}

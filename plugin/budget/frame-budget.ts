import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { isSoftwareAdapter } from '../../src/gpu/software-adapter.js';
import { deviceOf } from '../device.js';
import { AsyncPipelines } from '../material/async-pipelines.js';
import type { EvaluationCount } from '../material/evaluation-counter.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import { BudgetController, SCALES } from './budget-controller.js';
import { BudgetedMeshes } from './budgeted-meshes.js';
import { type FrameTimer, GpuFrameTimer } from './frame-timer.js';
import { isMainCamera } from './main-view.js';
import { TracedView } from './traced-view.js';

/** Milliseconds; one of 60 Hz. */
const DEFAULT_TARGET = 1000 / 60;
/** Where a processor plays the GPU, the first frame would show nothing for seconds at any finer scale. */
const SOFTWARE_LEVEL = SCALES.indexOf(1 / 3);

/**
 * Keeps a scene's frames within a time: where tracing every pixel takes longer, the shapes are traced ahead of the main camera's picture at a
 * lower resolution, a distance and a normal a texel, and the picture takes them from there, shading, textures and shadows as sharp as ever.
 * Once camera and shapes rest, the shapes are traced in full, in strips, over some frames, and kept. Passes other than the main camera's
 * trace as ever. So does the main camera's, and nothing else happens, while that is fast enough.
 */
export class FrameBudget {
  /** Whether the shapes are traced in full once nothing moves. */
  sharpensAtRest = true;
  /**
   * Whether hits of shapes in bricks are moved to their decoders' own surface once nothing moves and all is traced in full, an evaluation
   * each. Only of shapes that are traced ahead of the picture.
   */
  refinesAtRest = true;
  /**
   * Whether shapes are traced ahead of the picture at the full resolution as well. Default: on software adapters, where waves of rays (see
   * src/gpu/view-tracer.ts) are faster than fragments by more than what the silhouettes of multisampled passes are worth.
   */
  tracesAhead: boolean;
  /** A scale to keep instead of what frame times ask for: 1/3 traces a ninth of the pixels. */
  forcedScale: number | undefined;
  private readonly _engine: WebGPUEngine;
  private readonly _controller: BudgetController;
  private readonly _meshes: BudgetedMeshes;
  private readonly _view: TracedView;
  private _wasUpsampled = false;
  /** The scale of the frame being drawn, if it traces all shapes: only such a frame tells what tracing takes. */
  private _measuredLevel: number | undefined;
  private readonly _detach: () => void;

  private constructor(
    private readonly _scene: Scene,
    private readonly _timer: FrameTimer,
    startLevel: number | undefined,
  ) {
    this._engine = _scene.getEngine() as WebGPUEngine;
    const software = isSoftwareAdapter({ info: deviceOf(this._engine).adapterInfo });
    this.tracesAhead = software;
    this._controller = new BudgetController(DEFAULT_TARGET, startLevel ?? (software ? SOFTWARE_LEVEL : 0));
    this._view = new TracedView(_scene);
    this._meshes = new BudgetedMeshes(_scene, () => this._view.target.texture);
    const before = _scene.onBeforeCameraRenderObservable.add((camera) => this._prepare(camera));
    const frame = this._engine.onEndFrameObservable.add(() => this._measure());
    const restored = this._engine.onContextRestoredObservable.add(() => this._view.release());
    const disposed = _scene.onDisposeObservable.add(() => this.dispose());
    this._detach = () => {
      _scene.onBeforeCameraRenderObservable.remove(before);
      this._engine.onEndFrameObservable.remove(frame);
      this._engine.onContextRestoredObservable.remove(restored);
      _scene.onDisposeObservable.remove(disposed);
    };
  }

  /**
   * The scene's budget, made when there is none yet.
   * @param timer how a budget that is made now learns what frames take; default: from the GPU
   * @param startLevel index into SCALES that it starts with; default: the full resolution, on a software adapter a third
   */
  static of(scene: Scene, timer?: FrameTimer, startLevel?: number): FrameBudget {
    let budget = perScene.get(scene);
    if (!budget) {
      budget = new FrameBudget(scene, timer ?? new GpuFrameTimer(scene.getEngine() as WebGPUEngine), startLevel);
      perScene.set(scene, budget);
    }
    return budget;
  }

  /** Milliseconds that a frame may take on the GPU: the least that any mesh asks for. */
  get targetFrameTime(): number {
    return this._controller.targetFrameTime;
  }

  /** Share of the full resolution, along a side, that shapes are traced at while anything moves; 1: as ever. */
  get scale(): number {
    return this.forcedScale ?? this._controller.scale;
  }

  /** Whether every pixel of the last picture was traced: nothing is left to sharpen. */
  get isSharp(): boolean {
    return !this._meshes.isUpsampled || this.scale >= 1 || this._view.isSharp;
  }

  /**
   * Whether the last picture is what rest makes of it: sharp, and where hits in complete bricks are to be refined, these are their decoder's.
   */
  get isFinal(): boolean {
    if (!this.isSharp || !this.refinesAtRest || !this._meshes.isUpsampled) return this.isSharp;
    return this._view.isRefined(this._meshes.seen);
  }

  /**
   * Puts a mesh under the budget, or changes what it asks for.
   * @param targetFrameTime milliseconds, above 0
   */
  add(mesh: Mesh, buffers: ShapeBuffers, targetFrameTime: number): void {
    this._meshes.add(mesh, buffers, targetFrameTime);
    this._retarget();
  }

  remove(mesh: Mesh): void {
    if (!this._meshes.remove(mesh)) return;
    this._retarget();
    if (this._meshes.size > 0) return;
    this._meshes.forget();
    this._view.release();
  }

  /**
   * Draws a mesh by the budget's plan: as is wanted, and while that is being compiled, also as it was.
   * @param draw draws it under the current render pass
   * @returns undefined, with nothing drawn, where the budget has no say
   */
  draw<T>(mesh: Mesh, subMesh: SubMesh, draw: () => T): T | undefined {
    return this._meshes.draw(mesh, subMesh, draw);
  }

  /** Whether the mesh's last picture came from the visibility texture. */
  shows(mesh: Mesh): boolean {
    return this._meshes.shows(mesh);
  }

  /** Evaluations of the visibility textures since the last read, normals left out; the rays that took any. */
  async readEvaluationsAsync(): Promise<EvaluationCount> {
    const tracers = [...this._meshes.decoders].flatMap(({ viewTracers }) => viewTracers.present);
    const counts = await Promise.all(tracers.map((tracer) => tracer.readCount()));
    return counts.reduce((sum, { evaluations, rays }) => ({ evaluations: sum.evaluations + evaluations, pixels: sum.pixels + rays }), {
      evaluations: 0,
      pixels: 0,
    });
  }

  dispose(): void {
    if (!perScene.delete(this._scene)) return;
    this._detach();
    this._meshes.dispose();
    this._view.release();
  }

  private _retarget(): void {
    this._controller.targetFrameTime = this._meshes.size > 0 ? this._meshes.leastTarget : DEFAULT_TARGET;
    this._view.forget();
  }

  /** Ahead of a camera's picture: decides what is drawn, and has the shapes traced that it takes from a texture. */
  private _prepare(camera: Camera): void {
    this._measuredLevel = undefined;
    this._meshes.forget();
    if (this._meshes.size === 0 || !isMainCamera(this._scene, camera)) return;
    const upsampled = this.scale < 1 || this.tracesAhead;
    this._meshes.plan(camera, upsampled);
    const level = this.forcedScale === undefined ? this._controller.level : undefined;
    if (upsampled || (this._wasUpsampled && !this._meshes.areReadyInPicture)) {
      this._wasUpsampled = true;
      const { seen, canTraceAll } = this._meshes;
      const atRest = { sharpens: this.sharpensAtRest, refines: this.refinesAtRest };
      if (this._view.update(camera, seen, Math.min(1, this.scale), canTraceAll, atRest)) this._measuredLevel = level;
    } else {
      this._wasUpsampled = false;
      this._measuredLevel = level;
      this._view.forget();
    }
  }

  private _measure(): void {
    const level = this._measuredLevel;
    this._measuredLevel = undefined;
    // A frame during which a compiler runs says nothing.
    if (level === undefined || AsyncPipelines.of(this._engine).pendingCount > 0) return;
    this._timer.measure().then(
      (frameTime) => {
        if (frameTime !== undefined) this._controller.observe(frameTime, level);
      },
      // The device was lost; the next one's frames are timed again.
      () => {},
    );
  }
}

const perScene = new WeakMap<Scene, FrameBudget>();

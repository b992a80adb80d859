import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { isSoftwareAdapter } from '../../src/gpu/software-adapter.js';
import { deviceOf } from '../device.js';
import { AsyncPipelines } from '../material/async-pipelines.js';
import type { EvaluationCount } from '../material/material-plugin.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import { BudgetController, SCALES } from './budget-controller.js';
import { type FrameTimer, GpuFrameTimer } from './frame-timer.js';
import { clipPlanesOf, isMainCamera, rowsOf, type TargetSize, viewOf } from './main-view.js';
import { RestRefinement } from './rest-refinement.js';
import { setUpsampling } from './upsampling.js';
import { type SeenShape, VisibilityTarget } from './visibility-target.js';

/** Milliseconds; one of 60 Hz. */
const DEFAULT_TARGET = 1000 / 60;
/** Where a processor plays the GPU, the first frame would show nothing for seconds at any finer scale. */
const SOFTWARE_LEVEL = SCALES.indexOf(1 / 3);
/** Frames without movement before the picture is sharpened. */
const CALM_FRAMES = 3;

interface Member {
  readonly identity: number;
  readonly buffers: ShapeBuffers;
  readonly targetFrameTime: number;
}

/** What is drawn with the main camera's picture: the meshes that the budget has a say in. */
interface Plan {
  readonly passId: number;
  readonly meshes: ReadonlySet<Mesh>;
  /** Whether shapes are to be taken from the visibility texture. */
  readonly upsampled: boolean;
}

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
  private readonly _pipelines: AsyncPipelines;
  private readonly _controller: BudgetController;
  private readonly _members = new Map<Mesh, Member>();
  private readonly _coarse: VisibilityTarget;
  private readonly _sharp: VisibilityTarget;
  private readonly _refinement = new RestRefinement();
  private readonly _passId: number;
  private _nextIdentity = 1;
  private _plan: Plan | undefined;
  private _shown: VisibilityTarget;
  private _signature: readonly number[] = [];
  private _wasUpsampled = false;
  private _calmFrames = 0;
  private _stripsDone = 0;
  /** The scale of the frame being drawn, if it traces all shapes: only such a frame tells what tracing takes. */
  private _measuredLevel: number | undefined;
  private readonly _detach: () => void;

  private constructor(
    private readonly _scene: Scene,
    private readonly _timer: FrameTimer,
    startLevel: number | undefined,
  ) {
    this._engine = _scene.getEngine() as WebGPUEngine;
    this._pipelines = AsyncPipelines.of(this._engine);
    const software = isSoftwareAdapter({ info: deviceOf(this._engine).adapterInfo });
    this.tracesAhead = software;
    this._controller = new BudgetController(DEFAULT_TARGET, startLevel ?? (software ? SOFTWARE_LEVEL : 0));
    this._coarse = new VisibilityTarget('neural-sdf coarse visibility', _scene);
    this._sharp = new VisibilityTarget('neural-sdf sharp visibility', _scene);
    this._shown = this._coarse;
    this._passId = this._engine.createRenderPassId('neural-sdf upsampled');
    const before = _scene.onBeforeCameraRenderObservable.add((camera) => this._prepare(camera));
    const frame = this._engine.onEndFrameObservable.add(() => this._measure());
    const restored = this._engine.onContextRestoredObservable.add(() => this._drop());
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
    return !this._plan?.upsampled || this.scale >= 1 || this._shown === this._sharp;
  }

  /**
   * Whether the last picture is what rest makes of it: sharp, and where hits in complete bricks are to be refined, these are their decoder's.
   */
  get isFinal(): boolean {
    if (!this.isSharp || !this.refinesAtRest || !this._plan?.upsampled) return this.isSharp;
    return this._refinement.isDone([...this._plan.meshes].filter((mesh) => this._members.has(mesh)).map(this._seen));
  }

  /**
   * Puts a mesh under the budget, or changes what it asks for.
   * @param targetFrameTime milliseconds, above 0
   */
  add(mesh: Mesh, buffers: ShapeBuffers, targetFrameTime: number): void {
    const identity = this._members.get(mesh)?.identity ?? this._nextIdentity++;
    this._members.set(mesh, { identity, buffers, targetFrameTime });
    const texture = () => this._shown.texture;
    setUpsampling(mesh, {
      identity,
      passId: this._passId,
      get texture() {
        return texture();
      },
    });
    this._retarget();
  }

  remove(mesh: Mesh): void {
    if (!this._members.delete(mesh)) return;
    setUpsampling(mesh, undefined);
    this._retarget();
    if (this._members.size > 0) return;
    this._plan = undefined;
    this._drop();
  }

  /**
   * Draws a mesh by the budget's plan: as is wanted, and while that is being compiled, also as it was.
   * @param draw draws it under the current render pass
   * @returns undefined, with nothing drawn, where the budget has no say
   */
  draw<T>(mesh: Mesh, subMesh: SubMesh, draw: () => T): T | undefined {
    const { _plan: plan, _engine: engine } = this;
    if (!plan || plan.passId !== engine.currentRenderPassId || !plan.meshes.has(mesh)) return undefined;
    // Shadows are derived from the shader that traces, so that there must be one, although it need not be compiled.
    if (plan.upsampled) mesh.material?.isReadyForSubMesh(mesh, subMesh, false);
    const [wanted, other] = plan.upsampled ? [this._passId, plan.passId] : [plan.passId, this._passId];
    const passes = this._isReady(mesh, subMesh, wanted) || !this._isReady(mesh, subMesh, other) ? [wanted] : [wanted, other];
    let drawn: T | undefined;
    for (const pass of passes) {
      engine.currentRenderPassId = pass;
      drawn = draw();
    }
    engine.currentRenderPassId = plan.passId;
    return drawn;
  }

  /** Whether the mesh's last picture came from the visibility texture. */
  shows(mesh: Mesh): boolean {
    return this._plan?.meshes.has(mesh) === true && this._isReady(mesh, mesh.subMeshes[0], this._passId);
  }

  /** Evaluations of the visibility textures since the last read, normals left out; the rays that took any. */
  async readEvaluationsAsync(): Promise<EvaluationCount> {
    const decoders = new Set([...this._members.values()].map(({ buffers }) => buffers.decoder));
    const tracers = [...decoders].flatMap((decoder) => decoder.presentViewTracers);
    const counts = await Promise.all(tracers.map((tracer) => tracer.readCount()));
    return counts.reduce((sum, { evaluations, rays }) => ({ evaluations: sum.evaluations + evaluations, pixels: sum.pixels + rays }), {
      evaluations: 0,
      pixels: 0,
    });
  }

  dispose(): void {
    if (!perScene.delete(this._scene)) return;
    this._detach();
    for (const mesh of this._members.keys()) setUpsampling(mesh, undefined);
    this._members.clear();
    this._plan = undefined;
    this._refinement.stop();
    this._coarse.dispose();
    this._sharp.dispose();
    this._engine.releaseRenderPassId(this._passId);
  }

  private _retarget(): void {
    const targets = [...this._members.values()].map(({ targetFrameTime }) => targetFrameTime);
    this._controller.targetFrameTime = targets.length ? Math.min(...targets) : DEFAULT_TARGET;
    this._forget();
  }

  /** What the visibility textures show is out of date. */
  private _forget(): void {
    this._signature = [];
    this._refinement.stop();
  }

  /** The textures are gone, with their device or with what they showed. */
  private _drop(): void {
    this._forget();
    this._shown = this._coarse;
    this._coarse.dispose();
    this._sharp.dispose();
  }

  /** Ahead of a camera's picture: decides what is drawn, and has the visibility texture drawn where it is out of date. */
  private _prepare(camera: Camera): void {
    this._measuredLevel = undefined;
    this._plan = undefined;
    if (this._members.size === 0 || !isMainCamera(this._scene, camera)) return;
    const meshes = [...this._members.keys()].filter((mesh) => this._isEligible(mesh, camera));
    const upsampled = this.scale < 1 || this.tracesAhead;
    this._plan = { passId: camera.renderPassId, meshes: new Set(meshes), upsampled };
    const level = this.forcedScale === undefined ? this._controller.level : undefined;
    if (upsampled || (this._wasUpsampled && meshes.some((mesh) => !this._isReady(mesh, mesh.subMeshes[0], camera.renderPassId)))) {
      this._wasUpsampled = true;
      if (this._drawVisibility(camera, meshes)) this._measuredLevel = level;
    } else {
      this._wasUpsampled = false;
      this._measuredLevel = level;
      this._forget();
    }
  }

  /** @returns whether every shape is traced for it */
  private _drawVisibility(camera: Camera, meshes: readonly Mesh[]): boolean {
    const full = { width: this._engine.getRenderWidth(), height: this._engine.getRenderHeight() };
    const scale = Math.min(1, this.scale);
    const size = { width: Math.max(1, Math.round(full.width * scale)), height: Math.max(1, Math.round(full.height * scale)) };
    const signature = this._signatureOf(camera, meshes, size);
    // What is being compiled traces nothing.
    const complete = meshes.every((mesh) => this._canTrace(mesh));
    if (!complete || signature.length !== this._signature.length || signature.some((value, i) => value !== this._signature[i])) {
      this._signature = signature;
      this._calmFrames = 0;
      this._stripsDone = 0;
      this._refinement.stop();
      this._shown = this._coarse;
      this._coarse.trace(viewOf(this._scene), meshes.map(this._seen), size, scale);
      // One more look once all is there.
      if (!complete) this._forget();
      return true;
    }
    if (++this._calmFrames <= CALM_FRAMES) return false;
    const isSharp = this._shown === this._sharp || scale >= 1;
    if (!isSharp && this.sharpensAtRest) this._sharpen(meshes, full, Math.ceil(2 / scale ** 2));
    if (isSharp && this.refinesAtRest) {
      this._refinement.advance({ view: viewOf(this._scene), size: full, target: this._shown }, meshes.map(this._seen));
    }
    return false;
  }

  /** Traces the next of so many strips in full: shapes do not fill their boxes, so that the fullest is about as much work as the whole, coarse. */
  private _sharpen(meshes: readonly Mesh[], size: TargetSize, strips: number): void {
    const [bottom, top] = rowsOf(this._scene, meshes, size);
    const edge = (strip: number) => bottom + Math.round(((top - bottom) * strip) / strips);
    const first = edge(this._stripsDone);
    const count = edge(this._stripsDone + 1) - first;
    if (count > 0) this._sharp.trace(viewOf(this._scene), meshes.map(this._seen), size, 1, { first, count, adds: this._stripsDone > 0 });
    if (++this._stripsDone === strips) this._shown = this._sharp;
  }

  private readonly _seen = (mesh: Mesh): SeenShape => ({ mesh, ...this._members.get(mesh)! });

  /** All that the visibility texture depends on. */
  private _signatureOf(camera: Camera, meshes: readonly Mesh[], size: TargetSize): number[] {
    const signature = [size.width, size.height, camera.uniqueId, ...this._scene.getTransformMatrix().m];
    for (const plane of clipPlanesOf(this._scene))
      signature.push(...(plane ? [plane.normal.x, plane.normal.y, plane.normal.z, plane.d] : [0]));
    for (const mesh of meshes) {
      const { identity, buffers } = this._members.get(mesh)!;
      signature.push(identity, buffers.version, ...mesh.getWorldMatrix().m);
    }
    return signature;
  }

  private _isEligible(mesh: Mesh, camera: Camera): boolean {
    mesh.computeWorldMatrix();
    const { buffers } = this._members.get(mesh)!;
    return (
      mesh.isEnabled() &&
      mesh.isVisible &&
      mesh.material !== null &&
      // Instances are traced as ever, and with them what they are instances of.
      !mesh.hasInstances &&
      !mesh.hasThinInstances &&
      !clipPlanesOf(mesh.material).some(Boolean) &&
      (mesh.layerMask & camera.layerMask) !== 0 &&
      buffers.isReady &&
      !buffers.decoder.hasNoViewTracer(buffers.edits !== undefined) &&
      mesh.isInFrustum(this._scene.frustumPlanes)
    );
  }

  /** Whether a mesh can be drawn under a pass at once. */
  private _isReady(mesh: Mesh, subMesh: SubMesh, passId: number): boolean {
    const effect = subMesh._getDrawWrapper(passId)?.effect;
    if (!effect || this._pipelines.statusOf(effect) !== 'ready') return false;
    return passId !== this._passId || this._canTrace(mesh);
  }

  /** Whether what traces a mesh into a visibility texture has been compiled. */
  private _canTrace(mesh: Mesh): boolean {
    const buffers = this._members.get(mesh)?.buffers;
    return buffers?.decoder.viewTracer(buffers.edits !== undefined) !== undefined;
  }

  private _measure(): void {
    const level = this._measuredLevel;
    this._measuredLevel = undefined;
    // A frame during which a compiler runs says nothing.
    if (level === undefined || this._pipelines.pendingCount > 0) return;
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

import type { Camera } from '@babylonjs/core/Cameras/camera.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { AsyncPipelines } from '../material/async-pipelines.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';
import { clipPlanesOf } from './main-view.js';
import { setUpsampling } from './upsampling.js';
import type { SeenShape } from './visibility-target.js';

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

/** The meshes under a scene's frame budget, and how each is drawn: traced in the picture, or taken from the visibility texture. */
export class BudgetedMeshes {
  private readonly _engine: WebGPUEngine;
  private readonly _pipelines: AsyncPipelines;
  private readonly _members = new Map<Mesh, Member>();
  private readonly _passId: number;
  private _nextIdentity = 1;
  private _plan: Plan | undefined;

  /** @param texture the visibility texture as it stands */
  constructor(
    private readonly _scene: Scene,
    private readonly _texture: () => BaseTexture | null,
  ) {
    this._engine = _scene.getEngine() as WebGPUEngine;
    this._pipelines = AsyncPipelines.of(this._engine);
    this._passId = this._engine.createRenderPassId('neural-sdf upsampled');
  }

  /** @param targetFrameTime milliseconds */
  add(mesh: Mesh, buffers: ShapeBuffers, targetFrameTime: number): void {
    const identity = this._members.get(mesh)?.identity ?? this._nextIdentity++;
    this._members.set(mesh, { identity, buffers, targetFrameTime });
    const texture = this._texture;
    setUpsampling(mesh, {
      identity,
      passId: this._passId,
      get texture() {
        return texture();
      },
    });
  }

  /** @returns whether it was there */
  remove(mesh: Mesh): boolean {
    if (!this._members.delete(mesh)) return false;
    setUpsampling(mesh, undefined);
    return true;
  }

  get size(): number {
    return this._members.size;
  }

  /** The least that any mesh asks for, milliseconds; infinite where there is none. */
  get leastTarget(): number {
    return Math.min(...[...this._members.values()].map(({ targetFrameTime }) => targetFrameTime));
  }

  get decoders(): ReadonlySet<SharedDecoder> {
    return new Set([...this._members.values()].map(({ buffers }) => buffers.decoder));
  }

  /** Decides for a camera's picture. @param upsampled whether shapes are to be taken from the visibility texture */
  plan(camera: Camera, upsampled: boolean): void {
    const meshes = [...this._members.keys()].filter((mesh) => this._isEligible(mesh, camera));
    this._plan = { passId: camera.renderPassId, meshes: new Set(meshes), upsampled };
  }

  /** Leaves all meshes alone until the next plan. */
  forget(): void {
    this._plan = undefined;
  }

  /** Whether the last picture took its shapes from the visibility texture, or was to. */
  get isUpsampled(): boolean {
    return this._plan?.upsampled === true;
  }

  /** The shapes of the plan. */
  get seen(): SeenShape[] {
    return [...(this._plan?.meshes ?? [])].flatMap((mesh) => {
      const member = this._members.get(mesh);
      return member ? { mesh, ...member } : [];
    });
  }

  /** Whether what traces the plan's shapes into the visibility texture has been compiled. */
  get canTraceAll(): boolean {
    return this.seen.every(({ mesh }) => this._canTrace(mesh));
  }

  /** Whether every shape of the plan can be traced in the picture at once. */
  get areReadyInPicture(): boolean {
    const { _plan: plan } = this;
    return !plan || [...plan.meshes].every((mesh) => this._isReady(mesh, mesh.subMeshes[0], plan.passId));
  }

  /**
   * Draws a mesh by the plan: as is wanted, and while that is being compiled, also as it was.
   * @param draw draws it under the current render pass
   * @returns undefined, with nothing drawn, where the plan has no say
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
      !buffers.decoder.viewTracers.hasFailed(buffers.edits !== undefined) &&
      mesh.isInFrustum(this._scene.frustumPlanes)
    );
  }

  /** Whether a mesh can be drawn under a pass at once. */
  private _isReady(mesh: Mesh, subMesh: SubMesh, passId: number): boolean {
    const effect = subMesh._getDrawWrapper(passId)?.effect;
    if (!effect || this._pipelines.statusOf(effect) !== 'ready') return false;
    return passId !== this._passId || this._canTrace(mesh);
  }

  private _canTrace(mesh: Mesh): boolean {
    const buffers = this._members.get(mesh)?.buffers;
    return buffers?.decoder.viewTracers.get(buffers.edits !== undefined) !== undefined;
  }

  dispose(): void {
    this._plan = undefined;
    for (const mesh of this._members.keys()) setUpsampling(mesh, undefined);
    this._members.clear();
    this._engine.releaseRenderPassId(this._passId);
  }
}

import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Observable } from '@babylonjs/core/Misc/observable.js';
import type { PipelineStatus } from '../material/async-pipelines.js';
import type { ShowBaked } from '../mesh/mesh-options.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import type { BakedStandIn } from './baked-stand-in.js';
import type { LevelOfDetail } from './level-of-detail.js';

/** Which of its two forms a neural shape shows: traced, as soon as there is a pipeline, or baked. */
export class ShownForm {
  showBaked: ShowBaked = 'never';
  /** Whether the pipeline that draws the mesh on the canvas did not compile. */
  hasFailed = false;
  private _isTraced = false;

  constructor(
    private readonly _mesh: Mesh,
    private readonly _standIn: BakedStandIn,
    private readonly _lod: LevelOfDetail,
    private readonly _onTracedChanged: Observable<boolean>,
  ) {}

  get isTraced(): boolean {
    return this._isTraced;
  }

  /**
   * @param buffers what is traced; undefined where the mesh wears nothing that traces it
   * @param alike whether the baked mesh shows just what is traced
   * @param upsampled whether a frame budget draws it, at another resolution
   */
  update(buffers: ShapeBuffers | undefined, alike: boolean, upsampled = false): void {
    const mesh = this._mesh;
    if (mesh.isDisposed()) return;
    const wanted = buffers !== undefined && this.showBaked !== 'always';
    const status = wanted ? this._pipelineStatus(buffers) : 'none';
    this.hasFailed = status === 'failed';
    const traced = wanted && (upsampled || status === 'ready');
    mesh.isVisible = wanted;
    const overlaid = traced && this.showBaked === 'overlay';
    this._lod.isActive = traced && !overlaid && alike && this._lod.pixels > 0;
    this._standIn.show(!traced || overlaid || this._lod.isActive, overlaid, mesh.material);
    if (traced === this._isTraced) return;
    this._isTraced = traced;
    // Outside Babylon's compatibility mode, draws are recorded, stand-in and all.
    if (traced && !(mesh.getEngine() as WebGPUEngine).compatibilityMode) mesh.resetDrawCache();
    this._onTracedChanged.notifyObservers(traced);
  }

  /** Of the pipeline that draws the mesh on the canvas. */
  private _pipelineStatus(buffers: ShapeBuffers): PipelineStatus {
    const effect = buffers.isReady && this._mesh.subMeshes[0]?.effect;
    return effect ? buffers.decoder.pipelines.statusOf(effect) : 'none';
  }
}

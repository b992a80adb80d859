import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import type { MaterialDefines } from '@babylonjs/core/Materials/materialDefines.js';
import { MaterialPluginBase } from '@babylonjs/core/Materials/materialPluginBase.js';
import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { ShaderLanguage } from '@babylonjs/core/Materials/shaderLanguage.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { UniformBuffer } from '@babylonjs/core/Materials/uniformBuffer.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { NeuralSdfError } from '../../src/errors.js';
import { composeTraceShaders, type TraceShaders } from '../../src/gpu/compose-wgsl.js';
import type { LevelOfDetail } from '../baked/level-of-detail.js';
import { bindUpsampling, isUpsampled } from '../budget/upsampling.js';
import { SLOT_ATTRIBUTE, slotOf } from '../instances/instance-slot.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';
import { composeCustomCode } from './custom-code.js';
import { type EvaluationCount, EvaluationCounter } from './evaluation-counter.js';
import { HIDDEN_DEPTH, HiddenPixels } from './hidden-pixels.js';
import { registerReceivedShadows } from './received-shadows.js';
import { SharedShadowDepthWrapper } from './shadow-depth-wrapper.js';
import { NO_DEFINES, type TraceDefines } from './trace-defines.js';
import type { TraceOutput } from './trace-output.js';

const NAME = 'NeuralSdf';

/**
 * Makes a PBRMaterial sphere-trace the meshes that are added to it, each by its own latent code, one decoder for all. Other
 * meshes that wear the material are drawn as ever.
 */
export class NeuralSdfMaterialPlugin extends MaterialPluginBase {
  private readonly _traced = new Map<AbstractMesh, ShapeBuffers>();
  private readonly _editable = new Map<AbstractMesh, Observer<void>>();
  /** Of traced meshes, and of the baked ones that stand in for them. */
  private readonly _lods = new Map<AbstractMesh, LevelOfDetail>();
  private readonly _shaders: TraceShaders;
  private _counter: EvaluationCounter | undefined;
  private _disposed = false;

  private constructor(
    material: PBRMaterial | StandardMaterial,
    readonly decoder: SharedDecoder,
    private readonly _output: TraceOutput | undefined,
  ) {
    super(material, NAME, 200, { ...NO_DEFINES }, false, false, true);
    decoder.retain();
    this.registerForExtraEvents = true;
    // The weights are the asset's, not the material's, to serialise.
    this.doNotSerialize = true;
    this._shaders = composeTraceShaders(decoder.baked, decoder.constants, decoder.slotStrides, registerReceivedShadows());
    // Only now: the base constructor would ask for code that is not composed yet.
    this._pluginManager._addPlugin(this);
    this._enable(true);
    if ('forceIrradianceInFragment' in material) material.forceIrradianceInFragment = true;
    material.shadowDepthWrapper ??= new SharedShadowDepthWrapper(material, material.getScene());
  }

  /**
   * The material's plugin, attached when there is none yet.
   * @param output what a material that only serves a pass of its own (depth, identity) writes instead of a lit colour
   * @throws NeuralSdfError INVALID_ARGUMENT when the material traces another decoder already
   */
  static attach(material: PBRMaterial | StandardMaterial, decoder: SharedDecoder, output?: TraceOutput): NeuralSdfMaterialPlugin {
    const present = material.pluginManager?.getPlugin(NAME) as NeuralSdfMaterialPlugin | null | undefined;
    if (!present) return new NeuralSdfMaterialPlugin(material, decoder, output);
    if (present.decoder !== decoder) {
      throw new NeuralSdfError(
        'INVALID_ARGUMENT',
        `material "${material.name}" traces another decoder already: give this mesh a material of its own`,
      );
    }
    return present;
  }

  /** Whether the number of evaluations is counted; a debugging aid that compiles the shaders anew. */
  get countsEvaluations(): boolean {
    return this._counter !== undefined;
  }

  set countsEvaluations(value: boolean) {
    if (value === this.countsEvaluations) return;
    this._counter?.dispose();
    this._counter = value ? new EvaluationCounter(this.decoder.engine) : undefined;
    this.markAllDefinesAsDirty();
  }

  /** Reads the counts of all frames since the last read, and starts again from zero. @returns zeros while nothing is counted */
  async readEvaluationsAsync(): Promise<EvaluationCount> {
    return this._counter?.readAsync() ?? { evaluations: 0, pixels: 0 };
  }

  /** @param lod says when the mesh leaves its pixels to its baked one; default never */
  addMesh(mesh: AbstractMesh, buffers: ShapeBuffers, lod?: LevelOfDetail): void {
    this.removeMesh(mesh);
    this._traced.set(mesh, buffers);
    this._editable.set(
      mesh,
      buffers.onEditableObservable.add(() => this.markAllDefinesAsDirty()),
    );
    if (lod) this._lods.set(mesh, lod);
    this.markAllDefinesAsDirty();
  }

  removeMesh(mesh: AbstractMesh): void {
    this._traced.delete(mesh);
    this._editable.get(mesh)?.remove();
    this._editable.delete(mesh);
    this._lods.delete(mesh);
  }

  /** A baked mesh in this material, which takes over from a traced one by its level of detail. */
  addStandIn(mesh: AbstractMesh, lod: LevelOfDetail): void {
    if (this._lods.get(mesh) === lod) return;
    this._lods.set(mesh, lod);
    mesh.onDisposeObservable.addOnce(() => this._lods.delete(mesh));
    this.markAllDefinesAsDirty();
  }

  traces(mesh: AbstractMesh): boolean {
    return this._traced.has(mesh);
  }

  /** Meshes that are traced by this material. */
  get meshCount(): number {
    return this._traced.size;
  }

  override getClassName(): string {
    return 'NeuralSdfMaterialPlugin';
  }

  override isCompatible(language: ShaderLanguage): boolean {
    return language === ShaderLanguage.WGSL;
  }

  override isReadyForSubMesh(_defines: MaterialDefines, _scene: Scene, _engine: AbstractEngine, subMesh: SubMesh): boolean {
    return this._traced.get(subMesh.getRenderingMesh())?.isReady ?? true;
  }

  override prepareDefinesBeforeAttributes(defines: MaterialDefines, scene: Scene, mesh: AbstractMesh): void {
    const own = defines as TraceDefines;
    own.NEURAL_SDF = this._traced.has(mesh);
    own.NEURAL_SDF_DECODER = own.NEURAL_SDF ? this.decoder.id : 0;
    own.NEURAL_SDF_COUNT = own.NEURAL_SDF && this.countsEvaluations;
    own.NEURAL_SDF_EDITS = this._traced.get(mesh)?.edits !== undefined;
    own.NEURAL_SDF_OUTPUT = own.NEURAL_SDF ? (this._output?.id ?? 0) : 0;
    own.NEURAL_SDF_SLOTS = this._traced.get(mesh)?.isSlotted ?? false;
    // Babylon looks at the mesh's own scale alone, and an unevenly scaled instance of an evenly scaled mesh is lit wrongly.
    if (this._lods.has(mesh) && (mesh.hasInstances || mesh.hasThinInstances)) own.NONUNIFORMSCALING = true;
    own.NEURAL_SDF_LOD = this._lods.has(mesh) ? (own.NEURAL_SDF ? 1 : 2) : 0;
    own.NEURAL_SDF_HIDDEN = own.NEURAL_SDF && HiddenPixels.ofPass(scene, mesh) !== undefined;
    own.NEURAL_SDF_UPSAMPLED = own.NEURAL_SDF && isUpsampled(mesh);
  }

  override getSamplers(samplers: string[]): void {
    samplers.push(HIDDEN_DEPTH, 'sdfVisibility');
  }

  override getAttributes(attributes: string[], _scene: Scene, mesh: AbstractMesh): void {
    if (this._traced.get(mesh)?.isSlotted) attributes.push(SLOT_ATTRIBUTE);
  }

  override getUniforms() {
    return { ubo: [{ name: 'sdfDraw', size: 4, type: 'vec4' }], externalUniforms: ['sdfIdentity'] };
  }

  override hardBindForSubMesh(uniforms: UniformBuffer, scene: Scene, engine: AbstractEngine, subMesh: SubMesh): void {
    // Not getMesh(): a mirrored instance is drawn by itself, with its source's data.
    const mesh = subMesh.getRenderingMesh();
    const buffers = this._traced.get(mesh);
    const lod = this._lods.get(mesh);
    const [baked, traced] = lod?.bandOf(scene, !buffers) ?? [0, 0];
    if (lod || buffers) uniforms.updateFloat4('sdfDraw', slotOf(subMesh.getMesh()), baked, traced, lod?.halfExtent ?? 0);
    if (!buffers) return;
    const webgpu = engine as WebGPUEngine;
    webgpu.setStorageBuffer('sdfBias', buffers.table);
    webgpu.setStorageBuffer('sdfGrid', buffers.edits?.grid ?? buffers.grid);
    if (buffers.edits) webgpu.setStorageBuffer('sdfEdits', buffers.edits.edits);
    HiddenPixels.ofPass(scene, mesh)?.bind(uniforms);
    this._counter?.bind();
    bindUpsampling(subMesh);
  }

  override getCustomCode(shaderType: string): Record<string, string> | null {
    return composeCustomCode(this._shaders, this._output, shaderType);
  }

  override dispose(): void {
    // A material that a scene disposes of takes itself off its meshes, and the mesh that owns it disposes of it again.
    if (this._disposed) return;
    this._disposed = true;
    this._counter?.dispose();
    this._counter = undefined;
    this.decoder.release();
    const material = this._material as Material & { shadowDepthWrapper: SharedShadowDepthWrapper | null };
    material.shadowDepthWrapper?.dispose();
    material.shadowDepthWrapper = null;
  }
}

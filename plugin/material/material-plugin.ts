import { StorageBuffer } from '@babylonjs/core/Buffers/storageBuffer.js';
import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import { ShaderStore } from '@babylonjs/core/Engines/shaderStore.js';
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
import '@babylonjs/core/ShadersWGSL/ShadersInclude/bayerDitherFunctions.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/packingFunctions.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapFragment.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapFragmentExtraDeclaration.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapFragmentSoftTransparentShadow.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapVertexExtraDeclaration.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapVertexMetric.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowMapVertexNormalBias.js';
import '@babylonjs/core/ShadersWGSL/ShadersInclude/shadowsVertex.js';
import { NeuralSdfError } from '../../src/errors.js';
import { composeTraceShaders, type TraceShaders } from '../../src/gpu/compose-wgsl.js';
import type { LevelOfDetail } from '../baked/level-of-detail.js';
import { bindUpsampling, isUpsampled } from '../budget/upsampling.js';
import { SLOT_ATTRIBUTE, slotOf } from '../instances/instance-slot.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import type { SharedDecoder } from '../shape/shared-decoder.js';
import { HIDDEN_DEPTH, HiddenPixels } from './hidden-pixels.js';
import { SharedShadowDepthWrapper } from './shadow-depth-wrapper.js';

const NAME = 'NeuralSdf';
const RECEIVED_SHADOWS = 'neuralSdfReceivedShadows';

/** As they stand while a mesh is not traced. */
const NO_DEFINES = {
  NEURAL_SDF: false,
  NEURAL_SDF_DECODER: 0,
  NEURAL_SDF_COUNT: false,
  NEURAL_SDF_OUTPUT: 0,
  NEURAL_SDF_EDITS: false,
  NEURAL_SDF_SLOTS: false,
  NEURAL_SDF_LOD: 0,
  NEURAL_SDF_HIDDEN: false,
  NEURAL_SDF_UPSAMPLED: false,
};

type Defines = MaterialDefines & typeof NO_DEFINES & { NONUNIFORMSCALING?: boolean };

/** What a variant material writes instead of a lit colour. */
export interface TraceOutput {
  /** Tells outputs apart among Babylon's defines; 1 or more. */
  readonly id: number;
  /** WGSL statements that come before the march. */
  readonly before?: string;
  /** Added to the fragment's declarations. */
  readonly declarations?: string;
  /** WGSL statements that set `fragmentOutputs.color` from `sdfHit`, `sdfWorld` (world position, vec4f), `sdfClip` (clip position), `fragmentInputs.vNormalW`. */
  readonly main: string;
}

/** Sphere-tracing statistics since the last read. */
export interface EvaluationCount {
  readonly evaluations: number;
  readonly pixels: number;
}

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
  private _counters: StorageBuffer | undefined;
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
    this._shaders = composeTraceShaders(
      decoder.baked,
      decoder.constants,
      decoder.slotStrides,
      `#include<${RECEIVED_SHADOWS}>[0..maxSimultaneousLights]`,
    );
    registerReceivedShadows();
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
    return this._counters !== undefined;
  }

  set countsEvaluations(value: boolean) {
    if (value === this.countsEvaluations) return;
    this._counters?.dispose();
    this._counters = value ? new StorageBuffer(this.decoder.engine, 8, 3, 'neural-sdf counters') : undefined;
    this.markAllDefinesAsDirty();
  }

  /** Reads the counts of all frames since the last read, and starts again from zero. @returns zeros while nothing is counted */
  async readEvaluationsAsync(): Promise<EvaluationCount> {
    if (!this._counters) return { evaluations: 0, pixels: 0 };
    const bytes = await this._counters.read(0, 8, undefined, true);
    this._counters?.clear();
    const [evaluations, pixels] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2);
    return { evaluations, pixels };
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
    const own = defines as Defines;
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
    if (this._counters) webgpu.setStorageBuffer('sdfCounters', this._counters);
    bindUpsampling(subMesh);
  }

  override getCustomCode(shaderType: string): Record<string, string> | null {
    if (shaderType === 'vertex') {
      return {
        CUSTOM_VERTEX_DEFINITIONS: this._shaders.vertexDeclarations,
        CUSTOM_VERTEX_UPDATE_WORLDPOS: this._shaders.vertexMain,
        CUSTOM_VERTEX_MAIN_END: this._shaders.vertexEnd,
      };
    }
    const { before = '', declarations = '', main } = this._output ?? { main: '' };
    const start = before && `#ifdef NEURAL_SDF\n${before}\n#endif\n`;
    const output = main && `#ifdef NEURAL_SDF\n${main}\nreturn fragmentOutputs;\n#endif\n`;
    return {
      // The wrapper adds this in GLSL only.
      CUSTOM_FRAGMENT_DEFINITIONS: `#ifdef SM_FLOAT\n#include<shadowMapFragmentExtraDeclaration>\n#endif\n${this._shaders.fragmentDeclarations}${declarations}`,
      CUSTOM_FRAGMENT_MAIN_BEGIN: start + this._shaders.fragmentMain + output,
      // Babylon reads these two from the immutable input in places, where the hit must be seen instead.
      '!input\\.vPositionW': 'fragmentInputs.vPositionW',
      '!input\\.vNormalW': 'fragmentInputs.vNormalW',
      // Without tangents of the mesh's own, Babylon makes them of texture coordinates.
      '!var TBN: mat3x3f=cotangent_frame\\(normalW,': 'var TBN: mat3x3f=sdfTangentFrame(normalW,',
    };
  }

  override dispose(): void {
    // A material that a scene disposes of takes itself off its meshes, and the mesh that owns it disposes of it again.
    if (this._disposed) return;
    this._disposed = true;
    this._counters?.dispose();
    this._counters = undefined;
    this.decoder.release();
    const material = this._material as Material & { shadowDepthWrapper: SharedShadowDepthWrapper | null };
    material.shadowDepthWrapper?.dispose();
    material.shadowDepthWrapper = null;
  }
}

/** Babylon projects a vertex into each light's shadow map; here the same code projects the hit. */
function registerReceivedShadows(): void {
  const store = ShaderStore.IncludesShadersStoreWGSL;
  store[RECEIVED_SHADOWS] ??=
    `#ifndef SM_FLOAT\n${store.shadowsVertex.replaceAll('vertexOutputs.', 'fragmentInputs.').replaceAll('worldPos', 'sdfWorld')}\n#endif\n`;
}

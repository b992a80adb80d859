import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { MaterialDefines } from '@babylonjs/core/Materials/materialDefines.js';
import { MaterialPluginBase } from '@babylonjs/core/Materials/materialPluginBase.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { ShaderLanguage } from '@babylonjs/core/Materials/shaderLanguage.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture.js';
import type { UniformBuffer } from '@babylonjs/core/Materials/uniformBuffer.js';
import type { Scene } from '@babylonjs/core/scene.js';
import inverseRows from '../../shaders/inverse-rows.wgsl';
import triplanar from '../../shaders/triplanar.wgsl';
import triplanarMain from '../../shaders/triplanar-main.wgsl';
import triplanarVertex from '../../shaders/triplanar-vertex.wgsl';

const NAME = 'NeuralSdfTriplanar';
const VARYINGS = [0, 1, 2].map((row) => `flat varying vTriplanarInverse${row}: vec4f;\n`).join('');

const DEFINES = {
  TRIPLANAR: false,
  TRIPLANAR_ALBEDO: false,
  TRIPLANAR_ALBEDO_GAMMA: false,
  TRIPLANAR_NORMAL: false,
  TRIPLANAR_METALLIC_ROUGHNESS: false,
};

export interface TriplanarOptions {
  /** Multiplies the albedo of a PBRMaterial, the diffuse colour of a StandardMaterial. */
  readonly albedoTexture?: BaseTexture;
  /** Tangent-space normals, red along u, green along v. */
  readonly normalTexture?: BaseTexture;
  /** As in glTF, green roughness, blue metallic, factors of the material's own; a PBRMaterial's only. */
  readonly metallicRoughnessTexture?: BaseTexture;
  /** Repeats of the textures a model unit; default 1. */
  readonly scale?: number;
  /** How fast one projection gives way to the next: 1 softly, 16 along a line; default 4. */
  readonly sharpness?: number;
  /** What the normal texture's slopes are multiplied by; default 1. */
  readonly normalStrength?: number;
}

/**
 * Textures on surfaces that have no texture coordinates, which traced shapes have not: projected along the three axes of model space and
 * blended by the normal. Works alike on the traced shape and on its baked mesh, or on any other that wears the material.
 */
export class TriplanarPlugin extends MaterialPluginBase {
  private _albedo: BaseTexture | undefined;
  private _normal: BaseTexture | undefined;
  private _metallicRoughness: BaseTexture | undefined;
  /** Repeats of the textures a model unit. */
  scale: number;
  /** How fast one projection gives way to the next. */
  sharpness: number;
  /** What the normal texture's slopes are multiplied by. */
  normalStrength: number;

  /** @param material must not have a triplanar plugin yet */
  constructor(material: PBRMaterial | StandardMaterial, options: TriplanarOptions = {}) {
    // Behind the tracing plugin, whose hit it stands on.
    super(material, NAME, 210, { ...DEFINES }, true, false, true);
    this.scale = options.scale ?? 1;
    this.sharpness = options.sharpness ?? 4;
    this.normalStrength = options.normalStrength ?? 1;
    this._albedo = options.albedoTexture;
    this._normal = options.normalTexture;
    this._metallicRoughness = material instanceof PBRMaterial ? options.metallicRoughnessTexture : undefined;
    this.doNotSerialize = true;
    this._enable(true);
  }

  get albedoTexture(): BaseTexture | undefined {
    return this._albedo;
  }

  set albedoTexture(texture: BaseTexture | undefined) {
    this._albedo = texture;
    this.markAllDefinesAsDirty();
  }

  get normalTexture(): BaseTexture | undefined {
    return this._normal;
  }

  set normalTexture(texture: BaseTexture | undefined) {
    this._normal = texture;
    this.markAllDefinesAsDirty();
  }

  get metallicRoughnessTexture(): BaseTexture | undefined {
    return this._metallicRoughness;
  }

  /** Without effect on a StandardMaterial. */
  set metallicRoughnessTexture(texture: BaseTexture | undefined) {
    this._metallicRoughness = this._material instanceof PBRMaterial ? texture : undefined;
    this.markAllDefinesAsDirty();
  }

  override getClassName(): string {
    return 'TriplanarPlugin';
  }

  override isCompatible(language: ShaderLanguage): boolean {
    return language === ShaderLanguage.WGSL;
  }

  override isReadyForSubMesh(): boolean {
    return this._textures().every(([, texture]) => texture.isReadyOrNotBlocking());
  }

  override prepareDefines(defines: MaterialDefines & typeof DEFINES): void {
    defines.TRIPLANAR_ALBEDO = this._albedo !== undefined;
    defines.TRIPLANAR_ALBEDO_GAMMA = this._albedo?.gammaSpace ?? false;
    defines.TRIPLANAR_NORMAL = this._normal !== undefined;
    defines.TRIPLANAR_METALLIC_ROUGHNESS = this._metallicRoughness !== undefined;
    defines.TRIPLANAR = this._textures().length > 0;
  }

  override getSamplers(samplers: string[]): void {
    samplers.push('triplanarAlbedoSampler', 'triplanarNormalSampler', 'triplanarMetallicRoughnessSampler');
  }

  override getUniforms() {
    return { ubo: [{ name: 'triplanarOptions', size: 4, type: 'vec4' }] };
  }

  override bindForSubMesh(uniforms: UniformBuffer, _scene: Scene, _engine: AbstractEngine): void {
    uniforms.updateFloat4('triplanarOptions', this.scale, this.sharpness, this.normalStrength, 0);
    for (const [sampler, texture] of this._textures()) uniforms.setTexture(sampler, texture);
  }

  override hasTexture(texture: BaseTexture): boolean {
    return this._textures().some(([, own]) => own === texture);
  }

  override getActiveTextures(activeTextures: BaseTexture[]): void {
    activeTextures.push(...this._textures().map(([, texture]) => texture));
  }

  override getCustomCode(shaderType: string): Record<string, string> {
    if (shaderType === 'vertex') {
      return {
        CUSTOM_VERTEX_DEFINITIONS: `#if defined(TRIPLANAR) && !defined(NEURAL_SDF)\n${VARYINGS}${inverseRows}#endif\n`,
        CUSTOM_VERTEX_UPDATE_WORLDPOS: triplanarVertex,
      };
    }
    const pbr = this._material instanceof PBRMaterial;
    return {
      CUSTOM_FRAGMENT_DEFINITIONS: triplanar,
      [pbr ? 'CUSTOM_FRAGMENT_UPDATE_ALPHA' : 'CUSTOM_FRAGMENT_UPDATE_DIFFUSE']: triplanarMain,
      CUSTOM_FRAGMENT_UPDATE_METALLICROUGHNESS:
        '#if defined(TRIPLANAR) && defined(TRIPLANAR_METALLIC_ROUGHNESS)\nmetallicRoughness *= triplanarRoughMetal.yx;\n#endif\n',
    };
  }

  private _textures(): [string, BaseTexture][] {
    const all: [string, BaseTexture | undefined][] = [
      ['triplanarAlbedoSampler', this._albedo],
      ['triplanarNormalSampler', this._normal],
      ['triplanarMetallicRoughnessSampler', this._metallicRoughness],
    ];
    return all.filter((entry): entry is [string, BaseTexture] => entry[1] !== undefined);
  }
}

import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { TriplanarPlugin } from '../plugin/index.js';
import type { Studio } from './studio.js';
import { createTextures, type SurfaceTextures } from './textures.js';

/** What a surface is made of: the colour alone, or a texture over it. */
export const SURFACES = ['plain', 'wood', 'weave'] as const;
export type Surface = (typeof SURFACES)[number];

/** Lacquer, oiled oak, sage stain, ink: one for each place. */
const PAINTS = [
  { color: '#b5482f', roughness: 0.34 },
  { color: '#c08a52', roughness: 0.52 },
  { color: '#7e9a86', roughness: 0.45 },
  { color: '#2f3e52', roughness: 0.4 },
] as const;

/** Of the textures, repeats a model unit: a chair is about two units high. */
const REPEATS: Readonly<Record<Surface, number>> = { plain: 1, wood: 0.8, weave: 5 };

/** A material that a traced shape wears, its texture exchangeable. */
export class Finish {
  readonly material: PBRMaterial;
  private readonly _triplanar: TriplanarPlugin | undefined;

  /** @param place chooses the paint */
  constructor(
    private readonly _studio: Studio,
    name: string,
    place: number,
  ) {
    const { color, roughness } = PAINTS[place % PAINTS.length];
    this.material = _studio.material(name, color, roughness);
    // There from the start, without textures: a material that was drawn once takes no more plugins. WGSL only.
    if (_studio.scene.getEngine().isWebGPU) this._triplanar = new TriplanarPlugin(this.material);
  }

  set surface(surface: Surface) {
    if (!this._triplanar) return;
    const textures: Partial<SurfaceTextures> = surface === 'plain' ? {} : createTextures(this._studio.scene, surface);
    this._triplanar.scale = REPEATS[surface];
    this._triplanar.albedoTexture = textures.albedo;
    this._triplanar.normalTexture = textures.normal;
  }

  dispose(): void {
    // The textures are shared.
    this.material.dispose(false, false);
  }
}

/** Colours are chosen as the eye sees them, Babylon's PBR works on linear ones. */
export function setColor(material: PBRMaterial, hex: string): void {
  material.albedoColor = Color3.FromHexString(hex).toLinearSpace();
}

export function colorOf(material: PBRMaterial): string {
  return material.albedoColor.toGammaSpace().toHexString().toLowerCase();
}

/** Few colours for many balls, so that they share their materials. */
export function createBallMaterials(studio: Studio): PBRMaterial[] {
  return ['#d9573f', '#e8b04a', '#f0ebe2', '#4f7f8f', '#8a5a7a'].map((color, i) => studio.material(`ball ${i}`, color, 0.3));
}

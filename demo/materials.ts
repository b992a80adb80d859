import type { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import type { Studio } from './studio.js';

/** Lacquer, oiled oak, sage stain, ink: one for each chair. */
export const CHAIR_FINISHES = [
  { color: '#b5482f', roughness: 0.34, metallic: 0 },
  { color: '#c08a52', roughness: 0.52, metallic: 0 },
  { color: '#7e9a86', roughness: 0.45, metallic: 0 },
  { color: '#2f3e52', roughness: 0.4, metallic: 0 },
] as const;

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

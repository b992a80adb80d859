import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import { ClusteredLightContainer } from '@babylonjs/core/Lights/Clustered/clusteredLightContainer.js';
import { HemisphericLight } from '@babylonjs/core/Lights/hemisphericLight.js';
import { Light } from '@babylonjs/core/Lights/light.js';
import { PointLight } from '@babylonjs/core/Lights/pointLight.js';
import { SpotLight } from '@babylonjs/core/Lights/spotLight.js';
import { FresnelParameters } from '@babylonjs/core/Materials/fresnelParameters.js';
import { ImageProcessingConfiguration } from '@babylonjs/core/Materials/imageProcessingConfiguration.js';
import { Material } from '@babylonjs/core/Materials/material.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { RawTexture } from '@babylonjs/core/Materials/Textures/rawTexture.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { createEnvironment } from '../../../demo/environment.js';
import type { Configuration, Configurations, Stage } from '../../support/matrix.js';

/** In a photographer's room, by day without the sun. */
const inRoom =
  (change: (stage: Stage) => void): Configuration['arrange'] =>
  async (stage) => {
    stage.scene.environmentTexture = await createEnvironment(stage.scene);
    stage.scene.environmentIntensity = 0.8;
    stage.sun.intensity = 1;
    change(stage);
  };

const onStandard =
  (change: (material: StandardMaterial, stage: Stage) => void): Configuration['arrange'] =>
  async (stage) => {
    const material = new StandardMaterial('standard', stage.scene);
    material.diffuseColor = new Color3(0.7, 0.35, 0.2);
    stage.shape.material = material;
    stage.sun.intensity = 1;
    await change(material, stage);
  };

/** Lamps of several colours around the shape, in place of the sun. */
function lamps({ scene, sun }: Stage, count: number): PointLight[] {
  sun.setEnabled(false);
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    const lamp = new PointLight(`lamp ${i}`, new Vector3(1.3 * Math.cos(angle), 0.6, 1.3 * Math.sin(angle)), scene);
    lamp.diffuse = Color3.FromHSV((360 * i) / count, 0.8, 1);
    lamp.intensity = 3;
    lamp.range = 4;
    return lamp;
  });
}

/** A traced shape is its nearest surface; a mesh blends with what it hides of itself, but for a depth pre-pass. */
function blendNearest({ beforeBaked }: Stage, material: Material): void {
  beforeBaked(() => {
    material.needDepthPrePass = true;
  });
}

export const MATERIALS: Configurations = {
  'PBR environment': inRoom(() => {}),
  'PBR metal': inRoom(({ material }) => {
    material.metallic = 1;
    material.roughness = 0.35;
  }),
  // Along the reflected lamps' edges: a traced normal is a gradient taken as far as SDF_NORMAL_NEAR from the hit. At an eighth of that, no pixel
  // differs from a mesh of 512^3.
  'PBR polished metal': {
    differing: 0.012,
    arrange: inRoom(({ material }) => {
      material.metallic = 1;
      material.roughness = 0.15;
    }),
  },
  'PBR clear coat': inRoom(({ material }) => {
    material.clearCoat.isEnabled = true;
    material.clearCoat.roughness = 0.1;
    material.clearCoat.isTintEnabled = true;
    material.clearCoat.tintColor = new Color3(0.6, 0.8, 1);
  }),
  'PBR sheen': inRoom(({ material }) => {
    material.sheen.isEnabled = true;
    material.sheen.color = new Color3(0.3, 0.5, 1);
    material.sheen.roughness = 0.4;
  }),
  'PBR iridescence': inRoom(({ material }) => {
    material.iridescence.isEnabled = true;
    material.metallic = 0.8;
    material.roughness = 0.3;
  }),
  // Where the surface looks along the y axis, tangents around it turn within a pixel.
  'PBR anisotropy': {
    differing: 0.008,
    arrange: inRoom(({ material, baked }) => {
      // Around the y axis, as a traced surface has them.
      const normals = baked.getVerticesData(VertexBuffer.NormalKind)!;
      const tangents = new Float32Array((normals.length / 3) * 4);
      for (let i = 0; i < normals.length / 3; i++) {
        const [x, z] = [normals[3 * i + 2], -normals[3 * i]];
        const length = Math.hypot(x, z) || 1;
        tangents.set([x / length, 0, z / length, 1], 4 * i);
      }
      baked.setVerticesData(VertexBuffer.TangentKind, tangents);
      material.anisotropy.isEnabled = true;
      material.anisotropy.intensity = 0.9;
      material.metallic = 1;
      material.roughness = 0.4;
    }),
  },
  'PBR refraction': inRoom(({ material }) => {
    material.subSurface.isRefractionEnabled = true;
    material.subSurface.indexOfRefraction = 1.4;
    material.roughness = 0.15;
    material.albedoColor = new Color3(0.9, 0.95, 1);
  }),
  'PBR translucency': inRoom(({ material }) => {
    material.subSurface.isTranslucencyEnabled = true;
    material.subSurface.translucencyIntensity = 0.8;
    material.subSurface.tintColor = new Color3(1, 0.3, 0.2);
  }),
  'PBR specular-glossiness': inRoom(({ material }) => {
    material.metallic = null;
    material.roughness = null;
    material.reflectivityColor = new Color3(0.3, 0.4, 0.2);
    material.microSurface = 0.7;
  }),
  'PBR emissive and unlit': ({ material }) => {
    material.emissiveColor = new Color3(0.2, 0.4, 0.1);
    material.unlit = true;
  },
  'PBR alpha blend': (stage) => {
    stage.material.alpha = 0.5;
    blendNearest(stage, stage.material);
  },
  'PBR alpha test and blend': (stage) => {
    stage.material.alpha = 0.7;
    stage.material.transparencyMode = PBRMaterial.PBRMATERIAL_ALPHATESTANDBLEND;
    blendNearest(stage, stage.material);
  },
  'PBR alpha with a depth pre-pass': ({ material }) => {
    material.alpha = 0.6;
    material.needDepthPrePass = true;
  },
  'PBR alpha premultiplied, added': (stage) => {
    const { material, ground, sun } = stage;
    // Dark, lest the sum be white all over.
    (ground.material as PBRMaterial).albedoColor = new Color3(0.05, 0.06, 0.07);
    sun.intensity = 1.5;
    material.alpha = 0.6;
    material.alphaMode = 1;
    blendNearest(stage, material);
  },
  'PBR two-sided': ({ material }) => {
    material.albedoColor = new Color3(0.3, 0.8, 0.4);
    material.backFaceCulling = false;
    material.twoSidedLighting = true;
  },
  // By derivatives of the hits, which Babylon would take, 0.2 % of the pixels looked away from the viewer and were dark.
  'PBR normals forced forward': ({ material }) => {
    material.albedoColor = new Color3(0.3, 0.4, 0.8);
    material.forceNormalForward = true;
  },
  // By derivatives of the normals, which a mesh interpolates: beside one of 512^3, 0.16 % differ, and with normals nearer to the hits, as
  // polished metal wants them, 0.08 %.
  'PBR specular antialiasing': {
    differing: 0.005,
    arrange: ({ material }) => {
      material.enableSpecularAntiAliasing = true;
      material.roughness = 0.15;
    },
  },
  'PBR horizon and radiance occlusion off': inRoom(({ material }) => {
    material.useHorizonOcclusion = false;
    material.useRadianceOcclusion = false;
    material.roughness = 0.2;
  }),
  'PBR mesh visibility': (stage) => {
    for (const mesh of stage.pair) mesh.visibility = 0.6;
    blendNearest(stage, stage.material);
  },
  'PBR image processing': ({ scene }) => {
    const processing = scene.imageProcessingConfiguration;
    processing.toneMappingEnabled = true;
    processing.toneMappingType = ImageProcessingConfiguration.TONEMAPPING_ACES;
    processing.contrast = 1.6;
    processing.exposure = 1.4;
  },
  'standard specular': onStandard((material) => {
    material.specularColor = new Color3(0.8, 0.8, 0.8);
    material.specularPower = 40;
  }),
  'standard emissive and ambient': onStandard((material, { scene }) => {
    material.emissiveColor = new Color3(0.1, 0.2, 0.3);
    material.ambientColor = new Color3(0.4, 0.2, 0.2);
    scene.ambientColor = new Color3(0.6, 0.6, 0.6);
  }),
  'standard fresnel': onStandard((material) => {
    material.emissiveColor = new Color3(0.5, 0.8, 1);
    material.emissiveFresnelParameters = new FresnelParameters();
    material.emissiveFresnelParameters.bias = 0.3;
    material.emissiveFresnelParameters.power = 2;
    material.emissiveFresnelParameters.leftColor = Color3.White();
    material.emissiveFresnelParameters.rightColor = Color3.Black();
    material.diffuseFresnelParameters = new FresnelParameters();
    material.diffuseFresnelParameters.leftColor = Color3.Black();
    material.diffuseFresnelParameters.rightColor = Color3.White();
  }),
  // Babylon leaves the environment's level to derivatives of the reflected ray. Neither a finer mesh nor nearer normals change its share.
  'standard reflection': {
    differing: 0.008,
    arrange: onStandard(async (material, { scene }) => {
      material.reflectionTexture = await createEnvironment(scene);
      material.reflectionTexture.level = 0.4;
      material.reflectionFresnelParameters = new FresnelParameters();
      material.reflectionFresnelParameters.bias = 0.2;
    }),
  },
  'standard alpha blend': onStandard((material, stage) => {
    material.alpha = 0.5;
    blendNearest(stage, material);
  }),
  'standard alpha test': onStandard((material) => {
    material.diffuseColor = new Color3(0.2, 0.6, 0.5);
    material.transparencyMode = Material.MATERIAL_ALPHATEST;
  }),
  'standard logarithmic depth and fog': onStandard((material, { scene }) => {
    material.useLogarithmicDepth = true;
    for (const other of scene.materials) other.useLogarithmicDepth = true;
    [scene.fogMode, scene.fogStart, scene.fogEnd, scene.fogColor] = [3, 1.5, 4, new Color3(0.6, 0.5, 0.7)];
  }),
  'lights four': (stage) => {
    lamps(stage, 3);
  },
  'lights eight': (stage) => {
    lamps(stage, 7);
    for (const material of stage.scene.materials) (material as PBRMaterial).maxSimultaneousLights = 8;
  },
  'lights with falloff and range': (stage) => {
    stage.sun.setEnabled(false);
    const light = new SpotLight('spot', new Vector3(0.4, 1.6, -0.6), new Vector3(-0.25, -1, 0.4), 0.9, 8, stage.scene);
    light.intensity = 12;
    light.falloffType = Light.FALLOFF_GLTF;
    light.innerAngle = 0.4;
    light.range = 3;
  },
  'lights excluding the shape': ({ sun, pair, scene }) => {
    sun.excludedMeshes.push(...pair);
    new HemisphericLight('ground light', new Vector3(1, -0.3, 0), scene).diffuse = new Color3(1, 0.5, 0.3);
  },
  'lights projecting a texture': (stage) => {
    stage.sun.setEnabled(false);
    const light = new SpotLight('projector', new Vector3(0.3, 2.2, -0.6), new Vector3(-0.1, -1, 0.25), 1, 1, stage.scene);
    light.intensity = 20;
    const texels = Uint8Array.from({ length: 4 * 64 }, (_, i) => (i % 4 === 3 || ((i >> 2) + (i >> 5)) % 2 ? 255 : [30, 60, 160][i % 4]));
    light.projectionTexture = RawTexture.CreateRGBATexture(texels, 8, 8, stage.scene, false, false, 1);
  },
  'lights clustered': (stage) => {
    const all = lamps(stage, 6);
    const cluster = new ClusteredLightContainer('cluster', all, stage.scene);
    // Babylon (9.34) frees one of its buffers twice, and throws, when the scene disposes it.
    return () => stage.scene.removeLight(cluster);
  },
};

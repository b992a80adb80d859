import '@babylonjs/core/Engines/WebGPU/Extensions/engine.multiRender.js';
import { GlowLayer } from '@babylonjs/core/Layers/glowLayer.js';
import { HighlightLayer } from '@babylonjs/core/Layers/highlightLayer.js';
import '@babylonjs/core/Layers/effectLayerSceneComponent.js';
import { Constants } from '@babylonjs/core/Engines/constants.js';
import { DefaultRenderingPipeline } from '@babylonjs/core/PostProcesses/RenderPipeline/Pipelines/defaultRenderingPipeline.js';
import { SSAO2RenderingPipeline } from '@babylonjs/core/PostProcesses/RenderPipeline/Pipelines/ssao2RenderingPipeline.js';
import { SSRRenderingPipeline } from '@babylonjs/core/PostProcesses/RenderPipeline/Pipelines/ssrRenderingPipeline.js';
import '@babylonjs/core/PostProcesses/RenderPipeline/postProcessRenderPipelineManagerSceneComponent.js';
import '@babylonjs/core/Rendering/depthRendererSceneComponent.js';
import '@babylonjs/core/Rendering/geometryBufferRendererSceneComponent.js';
import '@babylonjs/core/Rendering/outlineRenderer.js';
import '@babylonjs/core/Rendering/prePassRendererSceneComponent.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { createEnvironment } from '../../../demo/environment.js';
import type { Configurations, Stage } from '../../support/matrix.js';
import { viewTexture } from './view-texture.js';

export const PASSES: Configurations = {
  'pass SSAO2 on the prepass': ({ scene, camera }) => {
    const pipeline = new SSAO2RenderingPipeline('ssao', scene, 1, [camera], false);
    pipeline.radius = 0.6;
    pipeline.totalStrength = 1.5;
    pipeline.samples = 12;
    return () => pipeline.dispose();
  },
  'pass SSR on the prepass': async ({ scene, camera, ground }) => {
    scene.environmentTexture = await createEnvironment(scene);
    const floor = ground.material as Stage['material'];
    floor.metallic = 0.9;
    floor.roughness = 0.1;
    camera.position.set(0.7, 0.8, -2);
    camera.setTarget(ground.position.add(ground.up.scale(0.35)));
    const pipeline = new SSRRenderingPipeline('ssr', scene, [camera], false, Constants.TEXTURETYPE_HALF_FLOAT);
    pipeline.strength = 1;
    pipeline.step = 1;
    pipeline.thickness = 0.2;
    return () => pipeline.dispose();
  },
  'pass default pipeline': ({ scene, camera, material }) => {
    material.emissiveColor = new Color3(0.5, 0.1, 0);
    const pipeline = new DefaultRenderingPipeline('default', true, scene, [camera]);
    pipeline.bloomEnabled = true;
    pipeline.bloomThreshold = 0.6;
    pipeline.bloomWeight = 0.6;
    pipeline.fxaaEnabled = true;
    pipeline.imageProcessing.vignetteEnabled = true;
    pipeline.imageProcessing.vignetteWeight = 4;
    return () => pipeline.dispose();
  },
  'depth renderer, linear': (stage) => {
    const { scene, camera } = stage;
    [camera.minZ, camera.maxZ] = [0.5, 5];
    viewTexture(stage, () => scene.enableDepthRenderer(camera).getDepthMap(), [1.4, -0.2]);
  },
  'depth renderer, of the camera': (stage) => {
    const { scene, camera } = stage;
    viewTexture(stage, () => scene.enableDepthRenderer(camera, false, true, undefined, true).getDepthMap(), [0.4, -0.4]);
  },
  'glow layer': ({ scene, material, boxes }) => {
    material.emissiveColor = new Color3(0.35, 0.1, 0.03);
    (boxes[1].material as Stage['material']).emissiveColor = new Color3(0, 0.3, 0.9);
    const glow = new GlowLayer('glow', scene);
    glow.intensity = 0.8;
  },
  'highlight layer': ({ scene, pair }) => {
    const layer = new HighlightLayer('highlight', scene);
    for (const mesh of pair) layer.addMesh(mesh, new Color3(0.2, 1, 0.3));
  },
  // The field's own level set, where a mesh is moved along its normals.
  outline: {
    silhouette: 0.02,
    holes: 20,
    arrange: ({ pair }) => {
      for (const mesh of pair) {
        mesh.renderOutline = true;
        mesh.outlineWidth = 0.05;
        mesh.outlineColor = new Color3(0.1, 0.9, 0.9);
      }
    },
  },
  'outline and overlay, turned and scaled': {
    silhouette: 0.02,
    differing: 0.0025,
    arrange: ({ shape, pair }) => {
      shape.rotation.set(0.5, 0.3, 0.4);
      shape.scaling.set(1.2, 0.9, 1.1);
      for (const mesh of pair) {
        mesh.renderOutline = true;
        mesh.outlineWidth = 0.03;
        mesh.outlineColor = new Color3(1, 1, 0.2);
        mesh.renderOverlay = true;
        mesh.overlayColor = new Color3(0.1, 0.2, 1);
        mesh.overlayAlpha = 0.4;
      }
    },
  },
};

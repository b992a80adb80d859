import { Camera } from '@babylonjs/core/Cameras/camera.js';
import { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture.js';
import { MirrorTexture } from '@babylonjs/core/Materials/Textures/mirrorTexture.js';
import { RefractionTexture } from '@babylonjs/core/Materials/Textures/refractionTexture.js';
import { RenderTargetTexture } from '@babylonjs/core/Materials/Textures/renderTargetTexture.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Plane } from '@babylonjs/core/Maths/math.plane.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Viewport } from '@babylonjs/core/Maths/math.viewport.js';
import { CreatePlane } from '@babylonjs/core/Meshes/Builders/planeBuilder.js';
import { CreateSphere } from '@babylonjs/core/Meshes/Builders/sphereBuilder.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { ReflectionProbe } from '@babylonjs/core/Probes/reflectionProbe.js';
import type { Configurations, Stage } from '../../support/matrix.js';
import { paint } from '../../support/studio.js';

function orthographic({ camera }: Stage): void {
  camera.mode = Camera.ORTHOGRAPHIC_CAMERA;
  [camera.orthoLeft, camera.orthoRight, camera.orthoBottom, camera.orthoTop] = [-1.4, 1.4, -1.05, 1.05];
}

function seeForEver({ camera }: Stage): void {
  camera.maxZ = 0;
}

/** A screen beside the shape that shows a texture, unlit. */
function showOnScreen({ scene }: Stage, texture: BaseTexture): Mesh {
  const screen = CreatePlane('screen', { width: 1.6, height: 1.2 }, scene);
  screen.position.set(-1.1, 0.7, 0.9);
  screen.rotation.y = -0.4;
  const material = new StandardMaterial('screen', scene);
  material.disableLighting = true;
  material.emissiveTexture = texture;
  material.backFaceCulling = false;
  screen.material = material;
  return screen;
}

function secondCamera({ scene }: Stage): FreeCamera {
  const camera = new FreeCamera('second', new Vector3(-0.9, 1.1, -1.6), scene);
  camera.minZ = 0.1;
  camera.maxZ = 30;
  camera.setTarget(new Vector3(0, 0, 0));
  return camera;
}

/** A floor that mirrors, which is what a clip plane is set for. */
function mirrorFloor({ scene, ground, pair, boxes }: Stage): void {
  const mirror = new MirrorTexture('mirror', 256, scene);
  mirror.mirrorPlane = new Plane(0, -1, 0, -0.5);
  mirror.renderList = [...pair, ...boxes];
  const material = new StandardMaterial('floor', scene);
  material.diffuseColor = new Color3(0.25, 0.3, 0.35);
  material.reflectionTexture = mirror;
  mirror.level = 0.35;
  ground.material = material;
}

function lookAcross({ camera }: Stage): void {
  camera.position.set(0.7, 0.55, -2);
  camera.setTarget(new Vector3(0, -0.2, 0));
}

const evenly = (angle: number): Vector3 => new Vector3(Math.cos(angle), Math.sin(angle), 0);

export const CAMERAS: Configurations = {
  'camera perspective': { effect: 0, arrange: () => {} },
  'camera orthographic': orthographic,
  'camera orthographic with reverse depth': { reverseDepth: true, arrange: orthographic },
  'camera inside the box': ({ camera }) => {
    camera.position.set(0.3, 0.75, -0.6);
    camera.setTarget(new Vector3(0, 0, 0.1));
  },
  'camera near plane through the shape': ({ camera }) => {
    camera.minZ = 2.25;
  },
  'camera far plane through the shape': ({ camera }) => {
    camera.maxZ = 2.6;
  },
  'camera far plane through the box alone': ({ camera }) => {
    camera.maxZ = 3.3;
  },
  'camera infinite far plane': { effect: 0, arrange: seeForEver },
  'camera infinite far plane with reverse depth': { effect: 0, reverseDepth: true, arrange: seeForEver },
  'camera reverse depth': { effect: 0, reverseDepth: true, arrange: () => {} },
  'camera logarithmic depth': {
    effect: 0,
    arrange: ({ scene }) => {
      for (const material of scene.materials) material.useLogarithmicDepth = true;
    },
  },
  // Alone: Babylon's logarithmic depth grows with the distance whichever way the buffer runs, and would draw what is behind in front.
  'camera reverse and logarithmic depth': {
    reverseDepth: true,
    arrange: ({ scene, ground, boxes, beforeBaked }) => {
      for (const mesh of [ground, ...boxes]) mesh.setEnabled(false);
      const setLogarithmic = (logarithmic: boolean) => {
        for (const material of scene.materials) material.useLogarithmicDepth = logarithmic;
      };
      setLogarithmic(true);
      beforeBaked(() => setLogarithmic(false));
    },
  },
  'camera right-handed': { rightHanded: true, arrange: ({ shape }) => void shape.rotation.set(0.3, 0.4, 0.2) },
  'camera right-handed orthographic': { rightHanded: true, arrange: orthographic },
  'camera right-handed with reverse depth': {
    rightHanded: true,
    reverseDepth: true,
    arrange: ({ shape }) => void shape.rotation.set(0.3, 0.4, 0.2),
  },
  'camera right-handed with logarithmic depth': {
    rightHanded: true,
    arrange: ({ shape, scene }) => {
      shape.rotation.set(-0.3, 0.4, 0.5);
      for (const material of scene.materials) material.useLogarithmicDepth = true;
    },
  },
  'camera scale uneven': ({ shape }) => {
    shape.scaling.set(1.4, 0.7, 1);
    shape.rotation.set(0.4, 0.9, -0.3);
  },
  'camera scale negative': ({ shape }) => {
    shape.scaling.set(-1, 1.3, 0.8);
    shape.rotation.set(0.2, 0.5, 0.6);
  },
  'camera scale under a parent, sheared': ({ shape, boxes }) => {
    shape.parent = boxes[0];
    boxes[0].position.set(0, 0.1, 0);
    boxes[0].scaling.set(0.6, 1.2, 0.9);
    shape.rotation.set(0.4, 0.9, -0.5);
  },
  'camera render target': (stage) => {
    const target = new RenderTargetTexture('target', { width: 160, height: 120 }, stage.scene);
    target.activeCamera = secondCamera(stage);
    target.renderList = [...stage.pair, ...stage.boxes, stage.ground];
    stage.scene.customRenderTargets.push(target);
    showOnScreen(stage, target);
  },
  'camera with a render target of its own': (stage) => {
    const second = secondCamera(stage);
    const screen = new RenderTargetTexture('target', { width: 160, height: 120 }, stage.scene);
    second.outputRenderTarget = screen;
    showOnScreen(stage, screen).layerMask = 0x10000000;
    stage.camera.layerMask = 0x1fffffff;
    stage.scene.activeCameras = [second, stage.camera];
  },
  'camera pair with viewports': (stage) => {
    const second = secondCamera(stage);
    stage.camera.viewport = new Viewport(0, 0, 0.5, 1);
    second.viewport = new Viewport(0.5, 0, 0.5, 1);
    stage.scene.activeCameras = [stage.camera, second];
  },
  'camera layer mask': ({ camera, pair, ground, boxes }) => {
    camera.layerMask = 2;
    for (const mesh of [...pair, boxes[0]]) mesh.layerMask = 2;
    ground.layerMask = 1;
  },
  'mirror floor': (stage) => {
    lookAcross(stage);
    mirrorFloor(stage);
  },
  'mirror floor through the shape': (stage) => {
    lookAcross(stage);
    mirrorFloor(stage);
    stage.shape.position.y = -0.35;
    stage.shape.rotation.set(1.2, 0.3, 0);
  },
  'mirror floor with reverse depth': {
    reverseDepth: true,
    arrange: (stage) => {
      lookAcross(stage);
      mirrorFloor(stage);
    },
  },
  'mirror floor right-handed': {
    rightHanded: true,
    arrange: (stage) => {
      stage.camera.position.set(0.7, 0.55, 2);
      stage.camera.setTarget(new Vector3(0, -0.2, 0));
      mirrorFloor(stage);
    },
  },
  'reflection probe': ({ scene, pair, boxes, ground, camera }) => {
    const probe = new ReflectionProbe('probe', 128, scene);
    for (const mesh of [...pair, ...boxes, ground]) probe.renderList!.push(mesh);
    const ball = CreateSphere('ball', { diameter: 1, segments: 24 }, scene);
    ball.position.set(-0.9, 0.45, 1.1);
    const chrome = paint(scene, new Color3(1, 1, 1));
    chrome.metallic = 1;
    chrome.roughness = 0;
    chrome.reflectionTexture = probe.cubeTexture;
    ball.material = chrome;
    probe.attachToMesh(ball);
    camera.position.set(0.9, 1, -2);
    camera.setTarget(new Vector3(-0.3, 0.15, 0));
  },
  'refraction texture': ({ scene, pair, boxes, ground }) => {
    const refraction = new RefractionTexture('refraction', 256, scene);
    refraction.renderList = [...pair, ...boxes, ground];
    refraction.refractionPlane = new Plane(0, 0, -1, -0.8);
    refraction.depth = 1.5;
    const pane = CreatePlane('pane', { size: 1.6 }, scene);
    pane.position.set(0.4, 0.5, -1);
    const glass = new StandardMaterial('glass', scene);
    glass.diffuseColor = new Color3(0.1, 0.1, 0.1);
    glass.refractionTexture = refraction;
    glass.indexOfRefraction = 0.9;
    glass.backFaceCulling = false;
    pane.material = glass;
  },
  'fog linear': ({ scene }) => {
    [scene.fogMode, scene.fogStart, scene.fogEnd, scene.fogColor] = [3, 2, 4, new Color3(0.7, 0.8, 0.9)];
  },
  'fog exponential': ({ scene }) => {
    [scene.fogMode, scene.fogDensity, scene.fogColor] = [1, 0.25, new Color3(0.7, 0.8, 0.9)];
  },
  'fog exponential squared': ({ scene }) => {
    [scene.fogMode, scene.fogDensity, scene.fogColor] = [2, 0.3, new Color3(0.9, 0.7, 0.5)];
  },
  'clip plane of the scene': ({ scene }) => {
    scene.clipPlane = new Plane(0.5, 0.6, 0.2, -0.15);
  },
  'clip planes two, of the scene': ({ scene }) => {
    scene.clipPlane = new Plane(0.4, 0.6, 0, -0.2);
    scene.clipPlane2 = new Plane(-1, 0, 0.2, -0.55);
  },
  'clip planes six, of the scene': ({ scene }) => {
    const planes = [0, 1, 2, 3, 4, 5].map((i) => {
      const towards = evenly((i * Math.PI) / 3 + 0.2);
      return new Plane(towards.x, 0, towards.y, -0.72);
    });
    [scene.clipPlane, scene.clipPlane2, scene.clipPlane3, scene.clipPlane4, scene.clipPlane5, scene.clipPlane6] = planes;
  },
  'clip plane of the material': ({ material }) => {
    material.clipPlane = new Plane(0, 0.7, -0.7, -0.25);
  },
  'clip plane with the camera inside the box': ({ scene, camera }) => {
    camera.position.set(0.1, 0.9, -0.5);
    camera.setTarget(new Vector3(0, 0, 0.1));
    scene.clipPlane = new Plane(0, 1, 0, -0.15);
  },
};

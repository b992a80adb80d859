import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine.js';
import type { EffectLayer } from '@babylonjs/core/Layers/effectLayer.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import type { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import type { Color4 } from '@babylonjs/core/Maths/math.color.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import { Logger } from '@babylonjs/core/Misc/logger.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { OutlineRenderer } from '@babylonjs/core/Rendering/outlineRenderer.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import type { TraceOutput } from './trace-output.js';
import { createTraceVariant } from './trace-variant.js';

/** One colour wherever the shape is hit; the surface may be moved out by a width, in the red of the diffuse colour. */
const SILHOUETTE: TraceOutput = {
  id: 40,
  before: 'sdfInset = -uniforms.vDiffuseColor.r;',
  // A little nearer than the surface that it lies on: two shaders do not round alike.
  main: `fragmentOutputs.color = vec4f(uniforms.vEmissiveColor, uniforms.vDiffuseColor.a);
let sdfNearer = scene.viewProjection * (sdfWorld - vec4f(0.25 * SDF_GAP * sdfRay.worldDirection, 0.));
fragmentOutputs.fragDepth = sdfNearer.z / sdfNearer.w;`,
};

/** The private members of Babylon's layers (9.34) that are needed here. */
interface LayerInternals {
  readonly _thinEffectLayer: {
    readonly _emissiveTextureAndColor: { readonly color: Color4 };
    _setEmissiveTextureAndColor(mesh: Mesh, subMesh: SubMesh, material: Material): void;
  };
}

const perScene = new WeakMap<Scene, TracedEffects>();
let warned = false;

/**
 * Babylon's glow and highlight layers and its outlines draw meshes in shaders of their own, which would show a traced mesh as its box. Here
 * each gets a material that traces: whatever layers the scene has, and whenever they come.
 */
export class TracedEffects {
  private readonly _meshes = new Map<Mesh, ShapeBuffers>();
  private readonly _layers = new Map<EffectLayer, Map<Mesh, StandardMaterial>>();
  private readonly _outlines = new Map<Mesh, { readonly outline: StandardMaterial; readonly overlay: StandardMaterial }>();
  private _passes: { readonly outline: number; readonly overlay: number } | undefined;
  private _outlineRenderer: OutlineRenderer | undefined;
  private readonly _beforeRender: Observer<Scene>;

  private constructor(private readonly _scene: Scene) {
    this._beforeRender = _scene.onBeforeRenderObservable.add(() => this._update());
    _scene.onDisposeObservable.addOnce(() => this._dispose());
  }

  static of(scene: Scene): TracedEffects {
    let effects = perScene.get(scene);
    if (!effects) {
      effects = new TracedEffects(scene);
      perScene.set(scene, effects);
    }
    return effects;
  }

  add(mesh: Mesh, buffers: ShapeBuffers): void {
    this._meshes.set(mesh, buffers);
  }

  remove(mesh: Mesh): void {
    this._meshes.delete(mesh);
    for (const [layer, variants] of this._layers) {
      layer.setMaterialForRendering(mesh);
      variants.get(mesh)?.dispose();
      variants.delete(mesh);
    }
    const outlines = this._outlines.get(mesh);
    outlines?.outline.dispose();
    outlines?.overlay.dispose();
    this._outlines.delete(mesh);
  }

  private _update(): void {
    if (this._meshes.size === 0) return;
    const { _scene: scene } = this;
    for (const layer of scene.effectLayers ?? []) {
      for (const [mesh, buffers] of this._meshes) if (!this._layers.get(layer)?.has(mesh)) this._dress(layer, mesh, buffers);
    }
    const renderer = (scene as { _outlineRenderer?: OutlineRenderer })._outlineRenderer;
    if (renderer && renderer !== this._outlineRenderer) this._hook(renderer);
    const { geometryBufferRenderer, prePassRenderer } = scene;
    if (geometryBufferRenderer && !prePassRenderer?.enabled && !warned) {
      warned = true;
      Logger.Warn(
        'babylon-neural-sdf: GeometryBufferRenderer draws meshes in a shader of its own and shows the box of a traced one: use the prepass renderer (forceGeometryBuffer = false)',
      );
    }
  }

  private _dress(layer: EffectLayer, mesh: Mesh, buffers: ShapeBuffers): void {
    let variants = this._layers.get(layer);
    if (!variants) {
      const own = new Map<Mesh, StandardMaterial>();
      variants = own;
      this._layers.set(layer, own);
      // Just before each mesh is drawn, with the layer's colour for it.
      layer.onBeforeRenderMeshToEffect.add((drawn: AbstractMesh) => {
        const variant = own.get(drawn as Mesh);
        if (!variant || !drawn.material) return;
        const thin = (layer as unknown as LayerInternals)._thinEffectLayer;
        // Babylon has asked the variant for its colour, which is the mesh's own to give.
        thin._setEmissiveTextureAndColor(drawn as Mesh, drawn.subMeshes[0], drawn.material);
        const { r, g, b } = thin._emissiveTextureAndColor.color;
        variant.emissiveColor.set(r, g, b);
      });
      layer.onDisposeObservable.addOnce(() => {
        for (const variant of own.values()) variant.dispose();
        this._layers.delete(layer);
      });
    }
    const variant = this._silhouette(`${mesh.name} in ${layer.name}`, mesh, buffers);
    variants.set(mesh, variant);
    layer.setMaterialForRendering(mesh, variant);
  }

  private _silhouette(name: string, mesh: Mesh, buffers: ShapeBuffers): StandardMaterial {
    const { material, plugin } = createTraceVariant(name, this._scene, buffers.decoder, SILHOUETTE);
    material.diffuseColor.set(0, 0, 0);
    plugin.addMesh(mesh, buffers);
    return material;
  }

  /** A traced mesh's outline is the surface at the outline's width around it, drawn in the same two steps as Babylon's own. */
  private _hook(renderer: OutlineRenderer): void {
    this._outlineRenderer = renderer;
    const render = renderer.render;
    renderer.render = (subMesh, batch, useOverlay = false, passId) => {
      const mesh = subMesh.getRenderingMesh();
      const buffers = this._meshes.get(mesh);
      if (buffers) this._renderOutline(renderer, mesh, buffers, subMesh, useOverlay);
      else render.call(renderer, subMesh, batch, useOverlay, passId);
    };
  }

  private _renderOutline(renderer: OutlineRenderer, mesh: Mesh, buffers: ShapeBuffers, subMesh: SubMesh, useOverlay: boolean): void {
    const engine = this._scene.getEngine();
    this._passes ??= { outline: engine.createRenderPassId('traced outline'), overlay: engine.createRenderPassId('traced overlay') };
    const pass = useOverlay ? this._passes.overlay : this._passes.outline;
    let variants = this._outlines.get(mesh);
    if (!variants) {
      const make = (kind: string) => this._silhouette(`${mesh.name} ${kind}`, mesh, buffers);
      variants = { outline: make('outline'), overlay: make('overlay') };
      this._outlines.set(mesh, variants);
      mesh.setMaterialForRenderPass(this._passes.outline, variants.outline);
      mesh.setMaterialForRenderPass(this._passes.overlay, variants.overlay);
    }
    const variant = useOverlay ? variants.overlay : variants.outline;
    variant.emissiveColor.copyFrom(useOverlay ? mesh.overlayColor : mesh.outlineColor);
    variant.diffuseColor.r = useOverlay ? 0 : mesh.outlineWidth;
    variant.alpha = useOverlay ? mesh.overlayAlpha : 1;
    variant.useLogarithmicDepth = mesh.material?.useLogarithmicDepth ?? false;
    renderWithin(engine, pass, renderer, mesh, subMesh, useOverlay);
  }

  private _dispose(): void {
    this._scene.onBeforeRenderObservable.remove(this._beforeRender);
    for (const mesh of [...this._meshes.keys()]) this.remove(mesh);
    if (this._passes) for (const pass of Object.values(this._passes)) this._scene.getEngine().releaseRenderPassId(pass);
  }
}

/** Draws a mesh in another pass' material while Babylon is about to draw it: what it holds of the outer drawing is put back. */
function renderWithin(engine: AbstractEngine, pass: number, renderer: OutlineRenderer, mesh: Mesh, subMesh: SubMesh, blend: boolean): void {
  const data = (mesh as unknown as { _internalMeshDataInfo: { _effectiveMaterial: Material | null } })._internalMeshDataInfo;
  const [outerPass, outerMaterial] = [engine.currentRenderPassId, data._effectiveMaterial];
  engine.currentRenderPassId = pass;
  renderer.enabled = false;
  mesh.render(subMesh, blend);
  renderer.enabled = true;
  engine.currentRenderPassId = outerPass;
  data._effectiveMaterial = outerMaterial;
}

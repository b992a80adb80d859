import { Constants } from '@babylonjs/core/Engines/constants.js';
import type { WebGPUEngine } from '@babylonjs/core/Engines/webgpuEngine.pure.js';
import { RawTexture } from '@babylonjs/core/Materials/Textures/rawTexture.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { Placement, TexelPart, View } from '../../src/gpu/pack-view.js';
import { TEXEL_FLOATS } from '../../src/gpu/view-tracer.js';
import { deviceOf } from '../device.js';
import type { ShapeBuffers } from '../shape/shape-buffers.js';
import { columnsAndRowsOf, type TargetSize } from './main-view.js';

const TEXEL_BYTES = 4 * TEXEL_FLOATS;
/** WebGPU copies rows of multiples of 256 bytes. */
const STRIDE = 256 / TEXEL_BYTES;

/** Some rows of a texture. */
export interface Strip {
  readonly first: number;
  readonly count: number;
  /** Whether the other rows stay as they are, or are cleared. */
  readonly adds: boolean;
}

/** A mesh to be traced. */
export interface SeenShape {
  readonly mesh: Mesh;
  readonly identity: number;
  readonly buffers: ShapeBuffers;
}

/** A mesh's part of what was traced. */
export interface TracedPart {
  readonly placement: Placement;
  readonly part: TexelPart;
  readonly texels: GPUBuffer;
}

/**
 * A texture that a camera's traced meshes are traced into, in compute, ahead of its picture: what shaders/wavefront/view-source.wgsl says of
 * each texel.
 */
export class VisibilityTarget {
  private _texture: RawTexture | undefined;
  private _texels: GPUBuffer | undefined;
  private _size: TargetSize = { width: 0, height: 0 };

  constructor(
    private readonly _name: string,
    private readonly _scene: Scene,
  ) {}

  get texture(): RawTexture | null {
    return this._texture ?? null;
  }

  /**
   * Queues the tracing of the shapes, the whole texture or some rows of it.
   * @param scale of the full resolution along a side
   */
  trace(view: View, shapes: readonly SeenShape[], size: TargetSize, scale: number, strip?: Strip): void {
    const device = deviceOf(this._scene.getEngine() as WebGPUEngine);
    const texels = this._reserve(device, size);
    if (!strip?.adds) this._clear(device, texels);
    for (const shape of shapes) {
      const { buffers } = shape;
      const tracer = buffers.decoder.viewTracers.get(buffers.edits !== undefined);
      const part = this._partOf(shape, size, scale, strip);
      if (tracer && part) tracer.trace({ ...placementOf(shape), ...buffers.resources }, view, part, texels);
    }
    // The first strip has cleared what was there.
    this.show(strip?.adds ? strip : undefined);
  }

  /** What was traced of a shape in full, for those who change its texels. Undefined where nothing was. */
  tracedOf(shape: SeenShape, size: TargetSize): TracedPart | undefined {
    const part = this._partOf(shape, size, 1);
    return part && this._texels ? { placement: placementOf(shape), part, texels: this._texels } : undefined;
  }

  /** Queues the copying of the texels to the texture. @param rows those that changed; default all */
  show(rows: Pick<Strip, 'first' | 'count'> = { first: 0, count: this._size.height }): void {
    if (!this._texels) return;
    const bytesPerRow = TEXEL_BYTES * strideOf(this._size);
    const device = deviceOf(this._scene.getEngine() as WebGPUEngine);
    const texture = this._texture!.getInternalTexture()!._hardwareTexture!.underlyingResource as GPUTexture;
    const encoder = device.createCommandEncoder({ label: this._name });
    encoder.copyBufferToTexture(
      { buffer: this._texels, bytesPerRow, offset: bytesPerRow * rows.first },
      { texture, origin: [0, rows.first] },
      [this._size.width, rows.count],
    );
    device.queue.submit([encoder.finish()]);
  }

  private _partOf({ mesh, identity }: SeenShape, size: TargetSize, scale: number, strip?: Strip): TexelPart | undefined {
    const [left, right, bottom, top] = columnsAndRowsOf(this._scene, mesh, size);
    const first = Math.max(bottom, strip?.first ?? 0);
    const rows = Math.min(top, strip ? strip.first + strip.count : size.height) - first;
    if (right <= left || rows <= 0) return undefined;
    return { ...size, stride: strideOf(size), left, bottom: first, columns: right - left, rows, scale, identity };
  }

  dispose(): void {
    this._texture?.dispose();
    this._texture = undefined;
    this._texels?.destroy();
    this._texels = undefined;
  }

  private _reserve(device: GPUDevice, size: TargetSize): GPUBuffer {
    if (this._texels && this._size.width === size.width && this._size.height === size.height) return this._texels;
    this.dispose();
    this._size = size;
    this._texture = new RawTexture(
      null,
      size.width,
      size.height,
      Constants.TEXTUREFORMAT_RGBA,
      this._scene,
      false,
      false,
      Constants.TEXTURE_NEAREST_SAMPLINGMODE,
      Constants.TEXTURETYPE_FLOAT,
    );
    this._texture.name = this._name;
    this._texels = device.createBuffer({
      label: this._name,
      size: TEXEL_BYTES * strideOf(size) * size.height,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    return this._texels;
  }

  private _clear(device: GPUDevice, texels: GPUBuffer): void {
    const encoder = device.createCommandEncoder({ label: this._name });
    encoder.clearBuffer(texels);
    device.queue.submit([encoder.finish()]);
  }
}

/** Of each mesh, as long as it stays where it is: Babylon numbers what a matrix has held. */
const placements = new WeakMap<Mesh, { readonly flag: number; readonly placement: Placement }>();

function placementOf({ mesh }: SeenShape): Placement {
  const world = mesh.getWorldMatrix();
  const known = placements.get(mesh);
  if (known?.flag === world.updateFlag) return known.placement;
  const placement = { world: world.m.slice(), inverseWorld: world.clone().invert().m };
  placements.set(mesh, { flag: world.updateFlag, placement });
  return placement;
}

const strideOf = ({ width }: TargetSize): number => STRIDE * Math.ceil(width / STRIDE);

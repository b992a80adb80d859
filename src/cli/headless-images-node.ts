import { ToHalfFloat } from '@babylonjs/core/Misc/textureTools.js';
import { PNG } from 'pngjs';

/** What `createImageBitmap` answers here: the pixels themselves. */
class DecodedImage {
  constructor(
    readonly width: number,
    readonly height: number,
    /** [height, width, 4] */
    readonly data: Uint8Array,
  ) {}

  close(): void {}
}

/**
 * Lets Babylon load PNG textures (its own BRDF table among them) in Node: `createImageBitmap` by pngjs, and the upload,
 * which Dawn's Node binding does not offer for images, by `writeTexture`.
 */
export function installImageShims(): void {
  const scope = globalThis as unknown as { createImageBitmap?: unknown; GPUQueue: { prototype: GPUQueue } };
  scope.createImageBitmap ??= decode;
  scope.GPUQueue.prototype.copyExternalImageToTexture = function (
    this: GPUQueue,
    source: GPUCopyExternalImageSourceInfo,
    destination: GPUCopyExternalImageDestInfo,
  ) {
    const image = source.source as unknown as DecodedImage;
    const bytes = source.flipY ? flipped(image) : image.data;
    // Half floats are what Babylon asks for where a table (its BRDF, RGBD) is expanded on the GPU afterwards.
    const half = destination.texture.format === 'rgba16float';
    const data = half ? Uint16Array.from(bytes, (byte) => ToHalfFloat(byte / 255)) : (bytes as Uint8Array<ArrayBuffer>);
    this.writeTexture(destination, data, { bytesPerRow: (half ? 8 : 4) * image.width }, [image.width, image.height]);
  };
}

async function decode(source: Blob, options?: ImageBitmapOptions): Promise<DecodedImage> {
  const png = PNG.sync.read(Buffer.from(await source.arrayBuffer()));
  const image = new DecodedImage(png.width, png.height, png.data);
  return options?.imageOrientation === 'flipY' ? new DecodedImage(png.width, png.height, flipped(image)) : image;
}

function flipped({ width, height, data }: DecodedImage): Uint8Array {
  const result = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) result.set(data.subarray(4 * width * row, 4 * width * (row + 1)), 4 * width * (height - 1 - row));
  return result;
}

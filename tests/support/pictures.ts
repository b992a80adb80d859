import { mkdirSync } from 'node:fs';
import type { Scene } from '@babylonjs/core/scene.js';
import { renderToPixels, writePng } from '../../src/cli/headless-engine-node.js';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4], top row first */
  readonly data: Uint8Array;
}

/** Renders, and leaves the picture in tests/out/ to be looked at. */
export async function shoot(scene: Scene, name: string): Promise<Picture> {
  const picture = await renderToPixels(scene);
  const folder = new URL('../out/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writePng(new URL(`${name}.png`, folder).pathname, picture);
  return picture;
}

export interface Comparison {
  /** Pixels that show something in either picture and lie off every silhouette. */
  readonly hits: number;
  /** Share of the hits whose colours differ by no more than the threshold. */
  readonly agreement: number;
  /** Pixels that show something in one picture only, of those that do in either. */
  readonly silhouette: number;
  /** Pixels amid what one picture shows, all eight about them included, where the other shows nothing and differs by more than the threshold. */
  readonly holes: number;
}

/**
 * @param background what a picture of the empty scene shows: where a picture equals it, there is no hit
 * @param threshold largest difference of a channel, 0 to 255
 */
export function compare(a: Picture, b: Picture, background: Picture, threshold = 16): Comparison {
  const hit = (picture: Picture, pixel: number) => difference(picture, background, pixel) > 2;
  const inside = (picture: Picture, pixel: number) =>
    [0, 1, -1, picture.width, -picture.width].every((step) =>
      hit(picture, Math.max(0, Math.min(pixel + step, picture.width * picture.height - 1))),
    );
  const amid = (picture: Picture, pixel: number) =>
    inside(picture, pixel) && inside(picture, pixel - picture.width) && inside(picture, pixel + picture.width);
  let hits = 0;
  let holes = 0;
  let agreeing = 0;
  let either = 0;
  let one = 0;
  for (let pixel = 0; pixel < a.width * a.height; pixel++) {
    const [inA, inB] = [hit(a, pixel), hit(b, pixel)];
    if (inA || inB) either++;
    if (inA !== inB) one++;
    if (difference(a, b, pixel) > threshold && ((!inA && amid(b, pixel)) || (!inB && amid(a, pixel)))) holes++;
    if (!inside(a, pixel) || !inside(b, pixel)) continue;
    hits++;
    if (difference(a, b, pixel) <= threshold) agreeing++;
  }
  return { hits, agreement: hits ? agreeing / hits : 0, silhouette: either ? one / either : 0, holes };
}

/** Share of all pixels that differ by more than the threshold. */
export function changed(a: Picture, b: Picture, threshold = 16): number {
  let count = 0;
  for (let pixel = 0; pixel < a.width * a.height; pixel++) if (difference(a, b, pixel) > threshold) count++;
  return count / (a.width * a.height);
}

function difference(a: Picture, b: Picture, pixel: number): number {
  let most = 0;
  for (let channel = 0; channel < 3; channel++) most = Math.max(most, Math.abs(a.data[4 * pixel + channel] - b.data[4 * pixel + channel]));
  return most;
}

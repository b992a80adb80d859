import type { MugParameters } from './parameters.js';

/** An ear's end over its width; a saucer's plinth and a stem's plate are as thick as the wall. */
const FINEST_SHARE = 0.9;

/** The thinnest dimension in metres that any part of a mug has by design: what is too thin for a small decoder is lost in training. */
export function thinnestPart({ body, handle }: MugParameters): number {
  return handle.style === 'none' ? body.wall : Math.min(body.wall, FINEST_SHARE * Math.min(handle.thickness, handle.width));
}

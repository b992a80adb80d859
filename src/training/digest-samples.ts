import type { ShapeSamples } from '../dataset/samples.js';
import { crc32 } from './crc32.js';

/** Names and contents of the samples in 40 characters or so: other data give another text. */
export function digestSamples(samples: readonly ShapeSamples[]): string {
  let crc = 0;
  let rows = 0;
  for (const { name, positive, negative } of samples) {
    crc = crc32(new TextEncoder().encode(`${name}\n${positive.length}\n${negative.length}\n`), crc);
    for (const part of [positive, negative]) crc = crc32(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), crc);
    rows += (positive.length + negative.length) / 4;
  }
  return `${samples.length} shapes, ${rows} samples, crc32 ${crc.toString(16).padStart(8, '0')}`;
}

import { NeuralSdfError } from '../../errors.js';

/** @throws NeuralSdfError CHECKPOINT_INVALID, always: the bytes are damaged, or are no checkpoint. */
export function refuseCheckpoint(why: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown): never {
  throw new NeuralSdfError('CHECKPOINT_INVALID', `checkpoint: ${why}`, details, { cause });
}

/** Reads little-endian values one after the other and refuses to leave the bytes it was given. */
export class ByteCursor {
  at = 0;
  private readonly _view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this._view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A view of the next `count` bytes, not a copy. @throws NeuralSdfError CHECKPOINT_INVALID */
  take(count: number): Uint8Array {
    const start = this._advance(count);
    return this.bytes.subarray(start, start + count);
  }

  uint8(): number {
    return this._view.getUint8(this._advance(1));
  }

  uint16(): number {
    return this._view.getUint16(this._advance(2), true);
  }

  int32(): number {
    return this._view.getInt32(this._advance(4), true);
  }

  uint32(): number {
    return this._view.getUint32(this._advance(4), true);
  }

  /** @throws NeuralSdfError CHECKPOINT_INVALID for 2^53 and above as well */
  uint64(): number {
    const value = Number(this._view.getBigUint64(this._advance(8), true));
    return Number.isSafeInteger(value) ? value : refuseCheckpoint(`byte ${this.at - 8} announces ${value}, more than any file holds`);
  }

  /** Big-endian, as pickle alone writes it. */
  float64BigEndian(): number {
    return this._view.getFloat64(this._advance(8), false);
  }

  /** ASCII up to a line feed, which is skipped. */
  line(maxLength: number): string {
    const end = this.bytes.subarray(this.at, this.at + maxLength + 1).indexOf(0x0a);
    if (end < 0) refuseCheckpoint(`byte ${this.at}: no line end within ${maxLength} bytes`);
    const text = latin1(this.take(end));
    this.at++;
    return text;
  }

  private _advance(count: number): number {
    const start = this.at;
    if (count > this.bytes.length - start) refuseCheckpoint(`truncated: ${count} bytes wanted at byte ${start} of ${this.bytes.length}`);
    this.at = start + count;
    return start;
  }
}

/** One character a byte: unlike TextDecoder's 'latin1', which is windows-1252. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

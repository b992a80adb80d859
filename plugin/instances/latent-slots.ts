import type { ShapeBuffers } from '../shape/shape-buffers.js';

interface Slot {
  readonly index: number;
  key: string;
  users: number;
}

/** Which slot of a mesh's buffers holds which latent code of its instances; equal codes share one. Slot 0 is the mesh's own. */
export class LatentSlots {
  private readonly _byKey = new Map<string, Slot>();
  private readonly _byIndex: (Slot | undefined)[] = [];

  constructor(private readonly _buffers: ShapeBuffers) {}

  /**
   * Gives a user the slot of a latent code. A code that nobody else uses is rewritten in place: its slot is refilled, no other.
   * @param latent [codeLength], checked; undefined for the mesh's own
   * @param previous the user's slot so far, 0 for none
   * @throws NeuralSdfError INVALID_ARGUMENT when the GPU has no room for more
   */
  assign(latent: Float32Array | undefined, previous: number): number {
    if (!latent) {
      this._release(previous);
      return 0;
    }
    const key = keyOf(latent);
    const known = this._byKey.get(key);
    if (known) {
      known.users++;
      this._release(previous);
      return known.index;
    }
    const own = this._byIndex[previous];
    const slot = own?.users === 1 ? own : this._take();
    if (slot === own) this._byKey.delete(slot.key);
    else this._release(previous);
    slot.key = key;
    this._byKey.set(key, slot);
    this._buffers.update(latent.slice(), slot.index);
    return slot.index;
  }

  private _take(): Slot {
    let index = 1;
    while (this._byIndex[index]) index++;
    this._buffers.reserve(index + 1);
    const slot = { index, key: '', users: 1 };
    this._byIndex[index] = slot;
    return slot;
  }

  private _release(index: number): void {
    const slot = this._byIndex[index];
    if (!slot || --slot.users > 0) return;
    this._byKey.delete(slot.key);
    this._byIndex[index] = undefined;
    this._buffers.free(index);
  }
}

/** By bits, so that -0 and 0 differ and nothing is rounded. */
function keyOf(latent: Float32Array): string {
  return Array.from(new Uint32Array(latent.buffer, latent.byteOffset, latent.length), (bits) => bits.toString(36)).join();
}

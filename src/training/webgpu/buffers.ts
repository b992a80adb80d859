import type { OperandType } from './compose-kernels.js';

/** Makes storage buffers, and takes them all down together. */
export class Buffers {
  private readonly _made: GPUBuffer[] = [];

  constructor(
    private readonly _device: GPUDevice,
    private readonly _operand: OperandType,
  ) {}

  /** float32 or unsigned 32-bit numbers. */
  numbers(label: string, count: number): GPUBuffer {
    return this._make(label, 4 * count, GPUBufferUsage.STORAGE);
  }

  /** Operands of the products. */
  operands(label: string, count: number): GPUBuffer {
    return this._make(label, (this._operand === 'f16' ? 2 : 4) * count, GPUBufferUsage.STORAGE);
  }

  uniform(label: string, bytes: number): GPUBuffer {
    return this._make(label, bytes, GPUBufferUsage.UNIFORM);
  }

  /** To be read on the processor. */
  readable(label: string, bytes: number): GPUBuffer {
    const buffer = this._device.createBuffer({ label, size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    this._made.push(buffer);
    return buffer;
  }

  destroy(): void {
    for (const buffer of this._made) buffer.destroy();
    this._made.length = 0;
  }

  private _make(label: string, bytes: number, usage: number): GPUBuffer {
    const buffer = this._device.createBuffer({
      label: `neural-sdf training ${label}`,
      // What a decoder does not need is still bound.
      size: Math.max(16, Math.ceil(bytes / 16) * 16),
      usage: usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    this._made.push(buffer);
    return buffer;
  }
}

/** Binary glTF 2.0 (Khronos, section 4): a header of three words, then chunks, each after its length and type; little-endian. */
export const GLB = {
  magic: 0x46546c67,
  version: 2,
  headerLength: 12,
  chunkHeaderLength: 8,
  jsonChunk: 0x4e4f534a,
  binaryChunk: 0x004e4942,
} as const;

/** glTF's component types, of those that an asset uses. */
export const COMPONENT = { uint16: 5123, uint32: 5125, float32: 5126 } as const;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/**
 * CRC-32 as in zip and PNG (polynomial 0xedb88320).
 * @param previous the checksum of what came before, to go on with
 * @returns [0, 2^32)
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let value = ~previous;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ TABLE[(value ^ bytes[i]) & 0xff];
  return ~value >>> 0;
}

/** Tar is made of blocks of so many bytes; an entry begins with one. */
export const TAR_BLOCK = 512;

/** Whether a block is the header of an entry: its own checksum says so. */
export function isTarHeader(block: Uint8Array): boolean {
  // The checksum's own place counts as spaces.
  let sum = 8 * 32;
  for (let at = 0; at < TAR_BLOCK; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return readTarNumber(block, 148, 8) === sum;
}

/** A field that is a number: octal digits, or base 256 where the first bit is set. */
export function readTarNumber(block: Uint8Array, start: number, length: number): number {
  const field = block.subarray(start, start + length);
  if ((field[0]! & 0x80) !== 0) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0]! & 0x7f);
  }
  const text = Buffer.from(field).toString('latin1');
  const digits = /^[ \0]*([0-7]*)/.exec(text)![1]!;
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

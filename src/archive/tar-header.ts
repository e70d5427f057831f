/** Tar is made of blocks of so many bytes; an entry begins with one. */
export const TAR_BLOCK = 512;
const MAX_NAME_BYTES = 100;
/** More does not fit into the digits of the field. */
const MAX_OCTAL_SIZE = 8 ** 11 - 1;

/** Two empty blocks end a tar. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

/**
 * The header of a regular file. Plain ustar, owned by root, dated 1970: the same file gives the
 * same bytes, whenever and wherever it is made. The name has 1 to 100 bytes.
 */
export function tarHeader(name: string, size: number): Buffer {
  const nameBytes = Buffer.from(name);
  if (nameBytes.length === 0 || nameBytes.length > MAX_NAME_BYTES) {
    throw new RangeError(`a name of ${nameBytes.length} bytes; expected 1 to ${MAX_NAME_BYTES}`);
  }
  const header = Buffer.alloc(TAR_BLOCK);
  nameBytes.copy(header, 0);
  writeOctal(header, 100, 8, 0o644);
  writeOctal(header, 108, 8, 0);
  writeOctal(header, 116, 8, 0);
  if (size <= MAX_OCTAL_SIZE) writeOctal(header, 124, 12, size);
  else writeBase256(header, size);
  writeOctal(header, 136, 12, 0);
  header.write('0', 156);
  header.write('ustar', 257);
  header.write('00', 263);
  // The checksum is over the header with spaces in its own place.
  header.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** What fills the last block of a file up. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);
}

/** A small file: header, content, padding. */
export function tarFile(name: string, content: Uint8Array): Buffer {
  return Buffer.concat([tarHeader(name, content.length), content, tarPadding(content.length)]);
}

/** A field of octal digits that ends in a NUL. */
function writeOctal(header: Buffer, offset: number, length: number, value: number): void {
  header.write(value.toString(8).padStart(length - 1, '0'), offset);
}

/** A size of 8 GiB and more, as every tar reader of today knows it. */
function writeBase256(header: Buffer, size: number): void {
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
}

/** Whether a block is the header of an entry: its own checksum says so. */
export function isTarHeader(block: Uint8Array): boolean {
  // The checksum's own place counts as spaces.
  let sum = 8 * 32;
  for (let at = 0; at < TAR_BLOCK; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return readTarNumber(block, 148, 8) === sum;
}

/** A field that is a number: octal digits, or base 256 where the first bit is set; else NaN. */
export function readTarNumber(block: Uint8Array, start: number, length: number): number {
  const field = block.subarray(start, start + length);
  if ((field[0]! & 0x80) !== 0) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0]! & 0x7f);
  }
  const text = Buffer.from(field).toString('latin1');
  const digits = /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(text)?.[1];
  return digits === '' ? 0 : Number.parseInt(digits ?? '', 8);
}

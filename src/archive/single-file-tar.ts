const BLOCK = 512;
const MAX_NAME_BYTES = 100;

/**
 * A tar of one regular file, as a build context that is only a Dockerfile: one header, the content
 * filled up to whole blocks, two empty blocks. Plain ustar, owned by root, dated 1970: the same
 * content gives the same bytes, whenever and wherever it is made.
 */
export function singleFileTar(name: string, content: Uint8Array): Buffer {
  const nameBytes = Buffer.from(name);
  if (nameBytes.length === 0 || nameBytes.length > MAX_NAME_BYTES) {
    throw new RangeError(`a name of ${nameBytes.length} bytes; expected 1 to ${MAX_NAME_BYTES}`);
  }
  const tar = Buffer.alloc(BLOCK * (1 + Math.ceil(content.length / BLOCK) + 2));
  nameBytes.copy(tar, 0);
  writeOctal(tar, 100, 8, 0o644);
  writeOctal(tar, 108, 8, 0);
  writeOctal(tar, 116, 8, 0);
  writeOctal(tar, 124, 12, content.length);
  writeOctal(tar, 136, 12, 0);
  tar.write('0', 156);
  tar.write('ustar', 257);
  tar.write('00', 263);
  // The checksum is over the header with spaces in its own place.
  tar.fill(' ', 148, 156);
  const sum = tar.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  tar.set(content, BLOCK);
  return tar;
}

/** A field of octal digits that ends in a NUL. */
function writeOctal(tar: Buffer, offset: number, length: number, value: number): void {
  tar.write(value.toString(8).padStart(length - 1, '0'), offset);
}

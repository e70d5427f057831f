/*
 * A tar writer whose output depends on nothing but its input: no clock, no user, no file system.
 * Plain ustar, which every engine reads; paths are short, so no extension headers are needed.
 */

/** The bytes of a file: given, or made as they are written. */
export type Content = Uint8Array | GeneratedContent;

/** Content too big to be kept in memory. */
export interface GeneratedContent {
  readonly size: number;
  readonly chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** One entry of a tar file. */
export type TarEntry =
  | { readonly path: string; readonly content: Content; readonly mode?: number | undefined }
  | { readonly path: string; readonly linkTo: string }
  | { readonly path: string; readonly folder: true };

const BLOCK = 512;
/** 2024-01-01: not 0, which some tools take for "unknown". */
const MTIME = 1_704_067_200;

/** The whole tar file, entries in the order given, ended by two empty blocks. */
export async function* writeTar(entries: Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield header(entry);
    const content = contentOf(entry);
    if (content instanceof Uint8Array) yield content;
    else yield* content.chunks();
    const rest = sizeOf(content) % BLOCK;
    if (rest > 0) yield new Uint8Array(BLOCK - rest);
  }
  yield new Uint8Array(2 * BLOCK);
}

/** How many bytes {@link writeTar} writes for these entries. */
export function tarSize(entries: Iterable<TarEntry>): number {
  let size = 2 * BLOCK;
  for (const entry of entries) {
    size += BLOCK + Math.ceil(sizeOf(contentOf(entry)) / BLOCK) * BLOCK;
  }
  return size;
}

function contentOf(entry: TarEntry): Content {
  return 'content' in entry ? entry.content : new Uint8Array(0);
}

function sizeOf(content: Content): number {
  return content instanceof Uint8Array ? content.byteLength : content.size;
}

function header(entry: TarEntry): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`tar path too long: ${entry.path}`);
  const octal = (value: number, offset: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1');
  const isFolder = 'folder' in entry;
  const isLink = 'linkTo' in entry;
  const mode = isFolder ? 0o755 : isLink ? 0o777 : (entry.mode ?? 0o644);
  block.write(entry.path, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(sizeOf(contentOf(entry)), 124, 12);
  octal(MTIME, 136, 12);
  block.fill(' ', 148, 156);
  block.write(isFolder ? '5' : isLink ? '2' : '0', 156);
  if (isLink) block.write(entry.linkTo, 157);
  block.write('ustar', 257, 'latin1');
  block.write('00', 263, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

import { isTarHeader, readTarNumber, TAR_BLOCK as BLOCK } from './tar-header.ts';

/** Extended headers (long names, big sizes) are kept until their entry; those of a real one are tiny. */
const MAX_EXTENSIONS_BYTES = 1024 * 1024;

/** An entry of a tar, by its header. */
export interface TarHead {
  /** Without a leading `./`. */
  path: string;
  /** Bytes of content that follow. */
  size: number;
  /** A regular file; not a folder, link or device. */
  isFile: boolean;
  /** What a symbolic or hard link points at, as it is written there; null of all others. */
  linkTarget: string | null;
}

/**
 * Who follows a walk. `raw` gets every byte of an entry, `content` those of its content again; both
 * are parts of the chunks that were pushed, not copies, and nothing of a chunk is kept here.
 */
export interface TarVisitor {
  begin(head: TarHead): void;
  content(bytes: Buffer): void;
  raw?(bytes: Buffer): void;
  /** The entry that began is whole. */
  end(): void;
}

/** The bytes are no tar, or one that is damaged or cut; the message names entry and offset. */
export class TarError extends Error {}

/** What extended headers say of the entry after them. */
interface Overrides {
  path?: string;
  linkTarget?: string;
  size?: number;
}

/**
 * Walks over a tar as it passes, whatever the sizes of its chunks. It holds the headers of one entry.
 *
 * States: HEADER collects one block. A block of zeros is the END, after which only zeros may come;
 * an extended header (PAX or GNU long name) is collected whole in EXTENSION and belongs to the next
 * entry; any other is an entry, whose CONTENT and PADDING follow. The two blocks of zeros are not
 * given to the visitor: whoever passes a tar on decides when its reader sees the end.
 */
export class TarWalk {
  readonly #visitor: TarVisitor;
  readonly #block = Buffer.alloc(BLOCK);
  #filled = 0;
  #state: 'HEADER' | 'EXTENSION' | 'CONTENT' | 'PADDING' | 'END' = 'HEADER';
  /** Bytes that are still to come in this state. */
  #left = 0;
  #padding = 0;
  #extension: { type: string; chunks: Buffer[] } | null = null;
  /** Those before the next entry, as they came. */
  #extensions: Buffer[] = [];
  #extensionsBytes = 0;
  #overrides: Overrides = {};
  /** Of a global PAX header: for all entries from there on. */
  #globals: Overrides = {};
  #entry: TarHead | null = null;
  #zeros = 0;
  #passed = 0;
  /** Where the last header began. */
  #headerAt = 0;

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  /** Throws a TarError as soon as it is certain that the tar is not whole. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const taken = this.#take(chunk, at);
      at += taken;
      this.#passed += taken;
    }
  }

  /** Throws a TarError unless the tar has come to its end. */
  finish(): void {
    if (this.#state === 'END' && this.#zeros >= 2 * BLOCK) return;
    if (this.#passed === 0) throw new TarError('there are no bytes');
    const inEntry = this.#state === 'CONTENT' || this.#state === 'PADDING';
    const where = inEntry ? `in the middle of ${this.#entry?.path}` : 'before the end of the tar';
    throw new TarError(`it is cut ${where}, after ${this.#passed} bytes of tar`);
  }

  #take(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'HEADER':
        return this.#takeHeader(chunk, at);
      case 'END':
        return this.#takeEnd(chunk, at);
      default:
        return this.#takeBody(chunk, at);
    }
  }

  #takeHeader(chunk: Buffer, at: number): number {
    if (this.#filled === 0) this.#headerAt = this.#passed;
    if (this.#filled === 0 && chunk.length - at >= BLOCK) {
      this.#readHeader(chunk.subarray(at, at + BLOCK));
      return BLOCK;
    }
    const taken = chunk.copy(this.#block, this.#filled, at, at + BLOCK - this.#filled);
    this.#filled += taken;
    if (this.#filled === BLOCK) {
      this.#filled = 0;
      this.#readHeader(Buffer.from(this.#block));
    }
    return taken;
  }

  #readHeader(block: Buffer): void {
    if (isZero(block, 0)) {
      if (this.#extension !== null || this.#extensions.length > 0) {
        throw this.#error('it ends behind an extended header');
      }
      this.#state = 'END';
      this.#zeros = BLOCK;
    } else this.#startEntry(block);
  }

  #takeEnd(chunk: Buffer, at: number): number {
    if (!isZero(chunk, at))
      throw this.#error('there is something after the end of the tar', this.#passed);
    this.#zeros += chunk.length - at;
    return chunk.length - at;
  }

  #startEntry(block: Buffer): void {
    if (!isTarHeader(block)) {
      const after = this.#entry === null ? 'at its beginning' : `after ${this.#entry.path}`;
      throw this.#error(`it is no tar ${after}`);
    }
    const type = String.fromCharCode(block[156]!);
    const isExtension = /[xgLK]/.test(type);
    const overrides = isExtension ? {} : { ...this.#globals, ...this.#overrides };
    const path = (overrides.path ?? readPath(block)).replace(/^(?:\.\/)+/, '');
    const size = overrides.size ?? readTarNumber(block, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0) throw this.#error(`${path} has no size`);
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
    this.#left = size;
    if (isExtension) {
      this.#extensionsBytes += BLOCK + size;
      if (this.#extensionsBytes > MAX_EXTENSIONS_BYTES) {
        throw this.#error(`its extended headers are larger than ${MAX_EXTENSIONS_BYTES} bytes`);
      }
      this.#extension = { type, chunks: [] };
      this.#extensions.push(Buffer.from(block));
      this.#state = 'EXTENSION';
    } else {
      // What these say of their size is not meant: no content follows.
      const hasContent = !/[1-6]/.test(type);
      if (!hasContent) this.#left = this.#padding = 0;
      this.#entry = {
        path,
        size: this.#left,
        isFile: /[\0 07S]/.test(type),
        linkTarget: /[12]/.test(type) ? (overrides.linkTarget ?? readText(block, 157, 100)) : null,
      };
      this.#overrides = {};
      this.#extensionsBytes = 0;
      this.#state = 'CONTENT';
      this.#visitor.begin(this.#entry);
      for (const bytes of this.#extensions.splice(0)) this.#visitor.raw?.(bytes);
      this.#visitor.raw?.(block);
    }
    if (this.#left === 0) this.#endBody();
  }

  #takeBody(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + this.#left);
    this.#left -= part.length;
    if (this.#extension !== null) {
      const kept = Buffer.from(part);
      if (this.#state === 'EXTENSION') this.#extension.chunks.push(kept);
      this.#extensions.push(kept);
    } else {
      if (this.#state === 'CONTENT') this.#visitor.content(part);
      this.#visitor.raw?.(part);
    }
    if (this.#left === 0) this.#endBody();
    return part.length;
  }

  #endBody(): void {
    if (this.#state !== 'PADDING' && this.#padding > 0) {
      this.#state = 'PADDING';
      this.#left = this.#padding;
      return;
    }
    this.#state = 'HEADER';
    if (this.#extension === null) this.#visitor.end();
    else this.#endExtension(this.#extension);
  }

  #endExtension({ type, chunks }: { type: string; chunks: Buffer[] }): void {
    this.#extension = null;
    const bytes = Buffer.concat(chunks);
    if (type === 'L') this.#overrides.path = readText(bytes, 0, bytes.length);
    else if (type === 'K') this.#overrides.linkTarget = readText(bytes, 0, bytes.length);
    else {
      const found = paxOverrides(bytes);
      if (found === null) throw this.#error('an extended header is damaged');
      Object.assign(type === 'g' ? this.#globals : this.#overrides, found);
    }
  }

  #error(message: string, at = this.#headerAt): TarError {
    return new TarError(`${message} (at byte ${at})`);
  }
}

function isZero(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** Up to a NUL. */
function readText(bytes: Buffer, start: number, length: number): string {
  const end = bytes.subarray(start, start + length).indexOf(0);
  return bytes.toString('utf8', start, start + (end === -1 ? length : end));
}

function readPath(block: Buffer): string {
  const name = readText(block, 0, 100);
  const prefix = readText(block, 257, 6) === 'ustar' ? readText(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records of `LENGTH key=value\n`, their lengths in bytes; null where they are not that. */
function paxOverrides(bytes: Buffer): Overrides | null {
  const found: Overrides = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, Math.max(at, space)));
    const end = at + length - 1;
    if (!Number.isInteger(length) || end <= space || bytes[end] !== 0x0a) return null;
    const record = bytes.toString('utf8', space + 1, end);
    const equals = record.indexOf('=');
    const value = record.slice(equals + 1);
    const key = record.slice(0, equals);
    if (key === 'path') found.path = value;
    else if (key === 'linkpath') found.linkTarget = value;
    else if (key === 'size') found.size = /^\d+$/.test(value) ? Number(value) : NaN;
    at = end + 1;
  }
  return found;
}

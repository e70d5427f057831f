import { isTarHeader, readTarNumber, TAR_BLOCK as BLOCK } from '../../archive/tar-header.ts';

/** Extended headers (long names, big sizes) are kept until their entry; real ones are tiny. */
const MAX_EXTENSION_BYTES = 1024 * 1024;

/** An entry of a tar, by its header. */
export interface TarHead {
  /** Without a leading `./`. */
  path: string;
  /** Bytes of content that follow. */
  size: number;
  /** A regular file; not a folder, link or device. */
  isFile: boolean;
}

/** Who follows a walk. `raw` gets every byte of an entry, `content` those of its content again. */
export interface TarVisitor {
  begin(head: TarHead): void;
  content(bytes: Buffer): void;
  raw(bytes: Buffer): void;
  /** The entry that began is whole. */
  end(): void;
}

/** The bytes are no tar, or one that is damaged or cut. */
export class TarError extends Error {}

/**
 * Walks over a tar as it passes, whatever the sizes of its chunks.
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
  #extension: { type: string; size: number; chunks: Buffer[] } | null = null;
  #extensionBytes: Buffer[] = [];
  #override: { path?: string; size?: number } = {};
  #entry: TarHead | null = null;
  #zeros = 0;
  #passed = 0;

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const taken = this.#take(chunk.subarray(at));
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

  #take(bytes: Buffer): number {
    switch (this.#state) {
      case 'HEADER':
        return this.#takeHeader(bytes);
      case 'END': {
        if (bytes.some((byte) => byte !== 0)) {
          throw new TarError(`there is something after the end of the tar (${this.#passed} bytes)`);
        }
        this.#zeros += bytes.length;
        return bytes.length;
      }
      default:
        return this.#takeBody(bytes);
    }
  }

  #takeHeader(bytes: Buffer): number {
    const taken = bytes.copy(this.#block, this.#filled, 0, BLOCK - this.#filled);
    this.#filled += taken;
    if (this.#filled < BLOCK) return taken;
    this.#filled = 0;
    const block = Buffer.from(this.#block);
    if (block.every((byte) => byte === 0)) {
      this.#state = 'END';
      this.#zeros = BLOCK;
    } else this.#startEntry(block);
    return taken;
  }

  #startEntry(block: Buffer): void {
    if (!isTarHeader(block)) {
      const after = this.#entry === null ? 'at its beginning' : `after ${this.#entry.path}`;
      throw new TarError(`it is no tar ${after}`);
    }
    const type = String.fromCharCode(block[156]!);
    const size = this.#override.size ?? readTarNumber(block, 124, 12);
    this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (/[xgLK]/.test(type)) {
      if (size > MAX_EXTENSION_BYTES) throw new TarError('an extended header is too large');
      this.#extension = { type, size, chunks: [] };
      this.#extensionBytes.push(block);
      this.#left = size;
      this.#state = 'EXTENSION';
    } else {
      const isFile = /[\0 07S]/.test(type);
      // What these say of their size is not meant: no content follows.
      const hasContent = !/[1-6]/.test(type);
      const path = (this.#override.path ?? readPath(block)).replace(/^(?:\.\/)+/, '');
      this.#entry = { path, size: hasContent ? size : 0, isFile };
      if (!hasContent) this.#padding = 0;
      this.#override = {};
      this.#left = this.#entry.size;
      this.#state = 'CONTENT';
      this.#visitor.begin(this.#entry);
      for (const bytes of this.#extensionBytes.splice(0)) this.#visitor.raw(bytes);
      this.#visitor.raw(block);
    }
    if (this.#left === 0) this.#endBody();
  }

  #takeBody(bytes: Buffer): number {
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    if (this.#extension !== null) {
      if (this.#state === 'EXTENSION') this.#extension.chunks.push(Buffer.from(part));
      this.#extensionBytes.push(Buffer.from(part));
    } else {
      if (this.#state === 'CONTENT') this.#visitor.content(part);
      this.#visitor.raw(part);
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
    if (this.#extension === null) {
      this.#visitor.end();
      return;
    }
    const { type, chunks } = this.#extension;
    const text = Buffer.concat(chunks).toString('utf8');
    if (type === 'L') this.#override.path = text.replace(/\0.*$/s, '');
    if (type === 'x') Object.assign(this.#override, paxRecords(text));
    this.#extension = null;
  }
}

function readPath(block: Buffer): string {
  const text = (start: number, length: number) =>
    block
      .subarray(start, start + length)
      .toString('utf8')
      .replace(/\0.*$/s, '');
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : '';
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
}

/** Lines of `LENGTH key=value`. */
function paxRecords(text: string): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  for (const [, key, value] of text.matchAll(/^\d+ (path|size)=(.*)$/gm)) {
    if (key === 'path') found.path = value!;
    else found.size = Number(value);
  }
  return found;
}

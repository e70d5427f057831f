import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import type { OperationRecord } from '../operations/operation.ts';
import type { UploadStore } from '../uploads/upload-store.ts';

/** A tar that was sent ahead, as an operation names it. */
export type UploadedTar = {
  upload: string;
  /** Of its bytes, in hex: what it was, when it has gone long since. */
  sha256: string;
};

/**
 * Opens a tar for one host; `onBytes` is told how many of how many were read so far. Engines take it
 * compressed as it came, but for zstd: those of 20.10 do not know it. Nothing is held until it is
 * read.
 * @throws NotFoundError where it was removed or has expired
 */
export async function openUploadedTar(
  uploads: Pick<UploadStore, 'open'>,
  { upload: id }: UploadedTar,
  onBytes: (sent: number, total: number) => void = () => {},
): Promise<Readable> {
  const { upload, bytes } = await uploads.open(id);
  const told = counted(bytes, (sent) => onBytes(sent, upload.bytes));
  const chunks = upload.compression === 'zstd' ? unpacked(told) : told;
  return Readable.from(chunks, { objectMode: false });
}

async function* counted(chunks: Readable, onBytes: (sent: number) => void): Chunks {
  let sent = 0;
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    sent += chunk.length;
    onBytes(sent);
    yield chunk;
  }
}

// Begun by the first read; left early, it destroys what it is made of.
async function* unpacked(chunks: Chunks): Chunks {
  const plain = pipeline(chunks, createZstdDecompress(), () => {});
  for await (const chunk of plain as AsyncIterable<Buffer>) yield chunk;
}

type Chunks = AsyncGenerator<Buffer, void, void>;

/** The upload that an operation names, if it names one. */
export function uploadNamedBy({ kind, input }: Pick<OperationRecord, 'kind' | 'input'>) {
  if (kind === 'IMPORT_IMAGE') return uploadIn(input);
  if (kind === 'BUILD_IMAGE') return uploadIn((input as { context?: unknown } | null)?.context);
  return null;
}

function uploadIn(source: unknown): string | null {
  const { upload } = (source ?? {}) as { upload?: unknown };
  return typeof upload === 'string' ? upload : null;
}

/*
 * How gRPC sends messages: one byte of flags (1: compressed, which nobody sends unasked), four bytes
 * of length, and as many bytes; the status of a call is in the trailers.
 */
import type { Readable } from 'node:stream';

/** A call that is answered with a status other than OK. */
export class GrpcError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Statuses, by gRPC's names and numbers. */
export const GRPC = { OK: 0, NOT_FOUND: 5, UNIMPLEMENTED: 12, INTERNAL: 13 } as const;

/** The content type of both directions. */
export const GRPC_TYPE = 'application/grpc';

const PREFIX_BYTES = 5;

/** A message as it goes over the connection. */
export function frame(message: Uint8Array): Buffer {
  const bytes = Buffer.alloc(PREFIX_BYTES + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}

/** The one message that the other end sends. */
export async function onlyMessage(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new GrpcError(GRPC.INTERNAL, 'the message is too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks, size);
  if (size < PREFIX_BYTES || body.readUInt32BE(1) !== size - PREFIX_BYTES) {
    throw new GrpcError(GRPC.INTERNAL, 'what came is not one message');
  }
  if (body[0] !== 0) throw new GrpcError(GRPC.UNIMPLEMENTED, 'the message is compressed');
  return body.subarray(PREFIX_BYTES);
}

import type { IncomingMessage } from 'node:http';
import { digestOf } from '../../common/digest.ts';
import { EngineError, HostUnreachableError } from '../../common/errors.ts';
import type { ImageDocuments } from '../image-verbs.ts';
import { PushEndpoint, refuse } from './push-endpoint.ts';
import type { PushRequest } from './push-endpoint.ts';

/** Manifests and indexes together: an index of dozens of platforms has a few hundred KiB. */
const MAX_DOCUMENTS_BYTES = 8 * 1024 * 1024;

/**
 * Takes parts of an image that a containerd store pushes, which asks for every blob by its digest
 * whether it is there: it is told so of those that are not wanted. What names the whole image comes
 * last and is never accepted: the push fails, and the store does not note where it pushed to.
 */
export class ContentEndpoint extends PushEndpoint {
  readonly #host: string;
  readonly #maxBytes: number;
  readonly #documents = new Map<string, Buffer>();
  readonly #told = Promise.withResolvers<ImageDocuments>();
  #wanted: ReadonlySet<string> = new Set();
  readonly #blobs = new Map<string, readonly Buffer[]>();
  readonly #taken = Promise.withResolvers<ReadonlyMap<string, readonly Buffer[]>>();
  #documentBytes = 0;
  #blobBytes = 0;

  /** `host`: the engine's, as configured. `maxBytes`: of blobs, in memory. */
  constructor(host: string, repository: string, maxBytes: number) {
    super(repository);
    this.#host = host;
    this.#maxBytes = maxBytes;
    this.#told.promise.catch(() => {});
    this.#taken.promise.catch(() => {});
  }

  /** Manifests and indexes, once a push has come to its end. */
  get documents(): Promise<ImageDocuments> {
    return this.#told.promise;
  }

  /** From the next push on these blobs are wanted; resolves when all of them have come. */
  want(digests: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly Buffer[]>> {
    this.#wanted = digests;
    this.#look();
    return this.#taken.promise;
  }

  override close(): void {
    super.close();
    const host = this.#host;
    this.#fail(new HostUnreachableError(`nothing of ${host} is taken any more`, { host }));
  }

  protected override handle(push: PushRequest): boolean {
    const { method, kind, name, digest, request, response } = push;
    if (kind === 'blobs' && method === 'HEAD' && !this.#lacks(name)) response.end();
    else if (kind === 'blobs/uploads' && method === 'POST') {
      const uuid = this.newUpload(response);
      if (uuid !== null) this.goOn(response, uuid, 0);
    } else if (kind === 'blobs/uploads' && method === 'PUT') {
      this.#orFail(async () => {
        await this.#receiveBlob(request, digest);
        this.created(response, 'blobs', digest);
        this.#look();
      });
    } else if (kind === 'manifests' && method === 'PUT') {
      this.#orFail(async () => {
        const bytes = Buffer.concat(
          await this.#receive(request, (size) => this.#keepDocument(size)),
        );
        const received = digestOf(bytes);
        this.#documents.set(received, bytes);
        // The others are put by their digests.
        if (name === received) this.created(response, 'manifests', received);
        else {
          refuse(response, 400, 'MANIFEST_INVALID', 'only parts of the image are taken here');
          const { 'content-type': mediaType = '' } = request.headers;
          const root = { digest: received, size: bytes.length, mediaType };
          this.#told.resolve({ root, documents: this.#documents });
        }
      });
    } else return false;
    return true;
  }

  #lacks(digest: string): boolean {
    return this.#wanted.has(digest) && !this.#blobs.has(digest);
  }

  async #receiveBlob(request: IncomingMessage, digest: string): Promise<void> {
    const chunks = await this.#receive(request, (size) => {
      this.#blobBytes += size;
      return this.#blobBytes <= this.#maxBytes;
    });
    const actual = digestOf(chunks);
    if (actual !== digest) throw new Error(`${digest} has the digest ${actual}`);
    this.#blobs.set(digest, chunks);
  }

  #keepDocument(size: number): boolean {
    this.#documentBytes += size;
    return this.#documentBytes <= MAX_DOCUMENTS_BYTES;
  }

  async #receive(
    request: IncomingMessage,
    mayKeep: (size: number) => boolean,
  ): Promise<readonly Buffer[]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (!mayKeep(chunk.length)) throw new Error('it is larger than it seemed');
      chunks.push(chunk);
    }
    return chunks;
  }

  #look(): void {
    if ([...this.#wanted].every((digest) => this.#blobs.has(digest))) {
      this.#taken.resolve(this.#blobs);
    }
  }

  /** Where something is not as it should be, nothing of it is taken. */
  #orFail(work: () => Promise<void>): void {
    work().catch((cause: unknown) => {
      const message = `what ${this.#host} pushed cannot be taken: ${(cause as Error).message}`;
      this.#fail(new EngineError(message, { host: this.#host, cause }));
    });
  }

  #fail(error: Error): void {
    this.#told.reject(error);
    this.#taken.reject(error);
  }
}

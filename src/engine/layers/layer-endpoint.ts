import type { IncomingMessage, ServerResponse } from 'node:http';
import { shortDigest } from '../../common/digest.ts';
import { EngineError, HostUnreachableError } from '../../common/errors.ts';
import type { LayerWish, TakenLayer } from '../image-verbs.ts';
import { LayerUpload } from './layer-upload.ts';
import { PushEndpoint, refuse } from './push-endpoint.ts';
import type { PushRequest } from './push-endpoint.ts';

/**
 * Takes some layers of an image that a classic store pushes. An upload does not say which layer it
 * is, but the engine's progress says which layer moves: so one upload after the other is let begin,
 * until progress names it. Those that are not wanted are then left standing where they are: the
 * engine packs a few hundred KiB of each of them, at most.
 */
export class LayerEndpoint extends PushEndpoint {
  readonly #host: string;
  readonly #wish: LayerWish;
  readonly #taken = Promise.withResolvers<TakenLayer[]>();
  /** By the UUID that the engine was given. */
  readonly #uploads = new Map<string, LayerUpload>();
  /** Uploads that may not begin yet. */
  readonly #waiting: (() => void)[] = [];
  /** The one that progress has not named yet. */
  #unnamed: LayerUpload | null = null;
  readonly #named = new Set<string>();
  readonly #wanted: ReadonlySet<string>;
  readonly #layers = new Map<string, TakenLayer>();
  /** Sizes of what came, by the digest under which it did. */
  readonly #blobs = new Map<string, number>();

  /** `host`: the engine's, as configured. */
  constructor(host: string, repository: string, wish: LayerWish) {
    super(repository);
    this.#host = host;
    this.#wish = wish;
    this.#wanted = new Set([...wish.diffIds].map(shortDigest));
    this.#taken.promise.catch(() => {});
  }

  /** The wanted layers, each proven by its digest; rejects where one came that is not right. */
  get taken(): Promise<TakenLayer[]> {
    return this.#taken.promise;
  }

  /** The engine's progress names the layer that it pushes. */
  pushing(shortId: string): void {
    if (this.#named.has(shortId)) return;
    this.#named.add(shortId);
    const upload = this.#unnamed;
    if (upload === null) return;
    if (!this.#wanted.has(shortId)) upload.park();
    this.#beginNext();
  }

  override close(): void {
    super.close();
    const host = this.#host;
    this.#taken.reject(
      new HostUnreachableError(`no layers of ${host} are taken any more`, { host }),
    );
  }

  protected override handle({ method, kind, name, digest, ...push }: PushRequest): boolean {
    const { request, response } = push;
    if (kind === 'blobs/uploads' && method === 'POST') this.#begin(response);
    else if (kind === 'blobs/uploads' && method === 'PATCH') this.#receive(request, response, name);
    else if (kind === 'blobs/uploads' && method === 'PUT') {
      this.#blobs.set(digest, this.#uploads.get(name)?.packedBytes ?? 0);
      this.created(response, 'blobs', digest);
    } else if (kind === 'blobs' && method === 'HEAD' && this.#blobs.has(name)) {
      response.setHeader('Docker-Content-Digest', name);
      response.setHeader('Content-Length', this.#blobs.get(name)!);
      response.end();
    } else return false;
    return true;
  }

  #begin(response: ServerResponse): void {
    const uuid = this.newUpload(response);
    if (uuid === null) return;
    const upload = new LayerUpload();
    this.#uploads.set(uuid, upload);
    this.#waiting.push(() => {
      this.#unnamed = upload;
      this.goOn(response, uuid, 0);
    });
    if (this.#unnamed === null) this.#beginNext();
  }

  #beginNext(): void {
    this.#unnamed = null;
    // What is not wanted need not even begin.
    if (this.#wanted.difference(this.#named).size > 0) this.#waiting.shift()?.();
  }

  #receive(request: IncomingMessage, response: ServerResponse, uuid: string): void {
    const upload = this.#uploads.get(uuid);
    if (upload === undefined) {
      refuse(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
      return;
    }
    const uploads = [...this.#uploads.values()];
    const mayKeep = () =>
      uploads.reduce((sum, { keptBytes }) => sum + keptBytes, 0) <= this.#wish.maxBytes;
    upload.receive(request, mayKeep, this.over).then(
      (layer) => {
        this.goOn(response, uuid, upload.packedBytes);
        this.#came(upload, layer);
      },
      // Also where the engine broke off and would begin anew: then a save is quicker.
      (cause: Error) => {
        const message = `the layers that ${this.#host} pushed cannot be taken: ${cause.message}`;
        this.#taken.reject(new EngineError(message, { host: this.#host, cause }));
      },
    );
  }

  #came(upload: LayerUpload, layer: TakenLayer): void {
    // Progress comes by another connection, and may be behind.
    this.#named.add(shortDigest(layer.diffId));
    if (this.#unnamed === upload) this.#beginNext();
    const { diffIds } = this.#wish;
    if (diffIds.has(layer.diffId)) this.#layers.set(layer.diffId, layer);
    else upload.park();
    if (this.#layers.size === diffIds.size) this.#taken.resolve([...this.#layers.values()]);
  }
}

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What an engine that pushes asks. */
export interface PushRequest {
  method: string;
  kind: 'manifests' | 'blobs' | 'blobs/uploads';
  /** A tag or digest, the digest of a blob, the UUID of an upload; empty for a new upload. */
  name: string;
  /** The digest that an upload is to have, at its end. */
  digest: string;
  request: IncomingMessage;
  response: ServerResponse;
}

/** Twice as many as an image can have layers. */
const MAX_UPLOADS = 256;

/**
 * As much of a registry as an engine needs to push one image to it, for those who want only a part of
 * the image. It has one repository, serves connections that it is given, and ends with them.
 */
export abstract class PushEndpoint {
  readonly #repository: string;
  readonly #server: Server;
  readonly #connections = new Set<Duplex>();
  readonly #over = new AbortController();
  #wasAsked = false;
  #uploads = 0;

  constructor(repository: string) {
    this.#repository = repository;
    this.#server = createServer((request, response) => {
      response.on('error', () => {});
      request.on('error', () => {});
      this.#answer(request, response);
    });
  }

  /** Serves a connection of the engine's. */
  readonly take = (connection: Duplex): void => {
    connection.on('error', () => {});
    if (this.#over.signal.aborted) {
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    this.#server.emit('connection', connection);
  };

  /** Whether somebody asked for the repository, whose name only the engine was told. */
  get wasAsked(): boolean {
    return this.#wasAsked;
  }

  /** Closes all connections: an engine's upload that waits for us would hold its others up. */
  close(): void {
    this.#over.abort();
    for (const connection of this.#connections) connection.destroy();
  }

  /** Aborts when it is closed. */
  protected get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Answers what is asked of the repository; false where it has no answer. */
  protected abstract handle(push: PushRequest): boolean;

  /** The UUID of another upload; null where there are too many. */
  protected newUpload(response: ServerResponse): string | null {
    if (this.#uploads < MAX_UPLOADS) return `${this.#uploads++}`;
    refuse(response, 429, 'TOOMANYREQUESTS', 'there are too many uploads');
    return null;
  }

  /** Says that an upload goes on: so many bytes of it are here. */
  protected goOn(response: ServerResponse, uuid: string, bytes: number): void {
    response.setHeader('Location', `/v2/${this.#repository}/blobs/uploads/${uuid}`);
    response.setHeader('Docker-Upload-UUID', uuid);
    response.setHeader('Range', `0-${Math.max(0, bytes - 1)}`);
    response.writeHead(202).end();
  }

  /** Says that a blob or manifest is here whole. */
  protected created(response: ServerResponse, kind: 'blobs' | 'manifests', digest: string): void {
    response.setHeader('Location', `/v2/${this.#repository}/${kind}/${digest}`);
    response.setHeader('Docker-Content-Digest', digest);
    response.writeHead(201).end();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '' } = request;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Docker-Distribution-API-Version', 'registry/2.0');
    if (pathname === '/v2/') {
      send(response, 200, {});
      return;
    }
    const own = `/v2/${this.#repository}/`;
    if (!pathname.startsWith(own)) {
      refuse(response, 404, 'NAME_UNKNOWN', 'there is no such repository');
      return;
    }
    this.#wasAsked = true;
    const match = /^(manifests|blobs\/uploads|blobs)\/(.*)$/.exec(pathname.slice(own.length));
    const { 1: kind, 2: name = '' } = match ?? [];
    const digest = searchParams.get('digest') ?? '';
    const push = { method, kind: kind as PushRequest['kind'], name, digest, request, response };
    if (kind !== undefined && this.handle(push)) return;
    if (method !== 'HEAD' && method !== 'GET') {
      refuse(response, 405, 'UNSUPPORTED', 'nothing else is taken here');
    } else {
      refuse(response, 404, kind === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN', 'unknown');
    }
  }
}

/** Answers as registries do where something is wrong. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  send(response, status, { errors: [{ code, message }] });
}

function send(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
}

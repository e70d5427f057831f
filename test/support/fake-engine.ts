import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import { playFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { historyJson, inspectJson, listRow } from './fake-image.ts';
import type { FakeImage } from './fake-image.ts';
import { fakeRemoval } from './fake-removal.ts';
import { playLoad } from './fake-load.ts';
import type { LoadFault } from './fake-load.ts';
import { playSave } from './fake-save.ts';
import type { SaveFault } from './fake-save.ts';

/** What a fake engine is asked for, by the call that asks. */
export type FakeCall =
  | 'ping'
  | 'version'
  | 'info'
  | 'images'
  | 'inspect'
  | 'history'
  | 'remove'
  | 'tag'
  | 'containers'
  | 'events'
  | 'df'
  | 'distribution'
  | 'save'
  | 'load';

/** A container of a fake engine. */
export interface FakeContainer {
  id: string;
  name: string;
  imageId: string;
  image: string;
  state: string;
}

/** What a fake engine is started with. */
export interface FakeEngineOptions {
  images?: Iterable<FakeImage>;
  containers?: FakeContainer[];
  /** A unix socket; a free TCP port of 127.0.0.1 if absent. */
  socketPath?: string;
  /** TCP port instead of any free one. */
  port?: number;
  /** Serves HTTPS. */
  tls?: TlsOptions;
  /** Milliseconds before every answer. */
  latencyMs?: number;
  apiVersion?: string;
  minApiVersion?: string;
  version?: string;
  store?: 'CLASSIC' | 'CONTAINERD' | 'PODMAN';
  /** Answers what it likes in place of the engine; the path is without version, with its query. */
  handle?: (path: string, request: IncomingMessage, response: ServerResponse) => boolean;
  /** Takes requests for another protocol; without it they are as all others. */
  onUpgrade?: (request: IncomingMessage, socket: Duplex) => void;
}

/** A JSON answer, or one with a status of its own. */
type Answer = { status: number; body: string };

/**
 * A real HTTP server that speaks as much of the Engine API as dockgraph reads, with images that a
 * test chooses, and that misbehaves on demand. Light: a thousand of them fit into one process.
 */
export class FakeEngine implements AsyncDisposable {
  /** Where it listens; valid after `start`. */
  endpoint!: Exclude<EngineEndpoint, { transport: 'SSH' }>;
  latencyMs: number;
  readonly images = new Map<string, FakeImage>();
  readonly containers = new Map<string, FakeContainer>();
  /** How often each call was asked, faults counted. */
  readonly calls = new Map<FakeCall, number>();
  /** Digests that `/distribution` knows, by reference. */
  readonly remoteDigests = new Map<string, string>();
  /** Requests of each call that have no whole answer yet, and are not closed. */
  readonly underway = new Map<FakeCall, number>();
  /** Bytes of archives that came for loading. */
  loadedBytes = 0;
  /** How the next saves and loads go wrong; null for as they should. */
  saveFault: SaveFault | null = null;
  loadFault: LoadFault | null = null;
  readonly #options: FakeEngineOptions;
  readonly #faults = new Map<FakeCall, Fault>();
  readonly #sockets = new Set<Socket>();
  readonly #subscribers = new Set<ServerResponse>();
  #server: Server | null = null;
  #frozen = false;

  private constructor(options: FakeEngineOptions) {
    this.#options = options;
    this.latencyMs = options.latencyMs ?? 0;
    for (const image of options.images ?? []) this.images.set(image.id, image);
    for (const container of options.containers ?? []) this.containers.set(container.id, container);
  }

  /** Starts one and resolves when it listens. */
  static async start(options: FakeEngineOptions = {}): Promise<FakeEngine> {
    const engine = new FakeEngine(options);
    await engine.listen();
    return engine;
  }

  /** Listens, again after `stop` on the same address: the engine came back. */
  async listen(): Promise<void> {
    const { socketPath, tls, onUpgrade } = this.#options;
    const listener: RequestListener = (request, response) => void this.#serve(request, response);
    const server = tls ? createTlsServer(tls, listener) : createServer(listener);
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    });
    if (onUpgrade) server.on('upgrade', onUpgrade);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    if (socketPath !== undefined) server.listen(socketPath, resolve);
    else server.listen(this.#port(), '127.0.0.1', resolve);
    await promise;
    this.#server = server;
    if (socketPath !== undefined) this.endpoint = { transport: 'UNIX', socketPath };
    else {
      const { port } = server.address() as AddressInfo;
      this.endpoint = { transport: tls ? 'TLS' : 'TCP', host: '127.0.0.1', port };
    }
  }

  #port(): number {
    if (this.endpoint !== undefined && 'port' in this.endpoint) return this.endpoint.port;
    return this.#options.port ?? 0;
  }

  /** Goes away at once with every connection; `listen` brings it back. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    this.#cut();
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#subscribers.clear();
  }

  /** Makes a call misbehave until it is given null. */
  fault(call: FakeCall, fault: Fault | null): void {
    if (fault === null) this.#faults.delete(call);
    else this.#faults.set(call, fault);
  }

  /** Accepts connections and requests and answers none, event streams neither. */
  freeze(frozen = true): void {
    this.#frozen = frozen;
  }

  /** Ends every event stream in the middle, as a restart does. */
  cutEvents(): void {
    for (const response of this.#subscribers) response.socket?.destroy();
    this.#subscribers.clear();
  }

  /** Ends every event stream in good order, as a shutdown does. */
  endEvents(): void {
    for (const response of this.#subscribers) response.end();
    this.#subscribers.clear();
  }

  /** Bytes of events that wait for their readers. */
  get unsentEventBytes(): number {
    return this.#subscribers.values().reduce((sum, response) => sum + response.writableLength, 0);
  }

  /** Closes every kept connection at the moment when it is used again, as a restart may. */
  dropNextOnKept(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('data');
      socket.once('data', () => socket.destroy()).resume();
    }
  }

  /** How many event streams are open. */
  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Adds or replaces an image; with an event unless `silent`. */
  addImage(image: FakeImage, { silent = false } = {}): void {
    this.images.set(image.id, image);
    if (!silent) this.emit('image', 'pull', image.tags[0] ?? image.id);
  }

  /** Gives an image other tags: its object is replaced, others may share it. */
  retag(id: string, tags: string[]): void {
    const image = this.images.get(id);
    if (image === undefined) throw new Error(`no image ${id}`);
    this.images.set(id, { ...image, tags });
    this.emit('image', 'tag', id);
  }

  removeImage(id: string, { silent = false } = {}): void {
    this.images.delete(id);
    if (!silent) this.emit('image', 'delete', id);
  }

  addContainer(container: FakeContainer): void {
    this.containers.set(container.id, container);
    this.emit('container', 'create', container.id);
  }

  removeContainer(id: string): void {
    this.containers.delete(id);
    this.emit('container', 'destroy', id);
  }

  /** Sends an event to all who listen. */
  emit(type: string, action: string, id: string, attributes: Record<string, string> = {}): void {
    const now = Date.now();
    this.emitRaw(
      `${JSON.stringify({
        status: action,
        id,
        Type: type,
        Action: action,
        Actor: { ID: id, Attributes: attributes },
        scope: 'local',
        time: Math.floor(now / 1000),
        timeNano: now * 1e6,
      })}\n`,
    );
  }

  /** Sends these very bytes on every event stream. */
  emitRaw(text: string | Uint8Array): void {
    if (this.#frozen) return;
    for (const response of this.#subscribers) response.write(text);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(`http://x${request.url ?? '/'}`);
    const versioned = /^\/v(\d+\.\d+)(\/.*)$/.exec(pathname);
    const path = decodeURIComponent(versioned?.[2] ?? pathname);
    const call = request.method === 'DELETE' ? 'remove' : callOf(path);
    if (call !== null) this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
    response.on('error', () => {});
    if (call !== null) {
      this.#count(call, 1);
      response.once('close', () => this.#count(call, -1));
    }
    const asked = (request.url ?? '').replace(/^\/v1\.\d+(?=\/)/, '');
    if (this.#options.handle?.(asked, request, response) === true) return;
    if (this.latencyMs > 0) await delay(this.latencyMs);
    if (this.#frozen) return;
    const fault = call === null ? undefined : this.#faults.get(call);
    if (fault !== undefined) playFault(fault, request, response);
    else if (call === 'events') this.#subscribe(response);
    else if (call === 'save' && this.#named(searchParams)) await this.#save(searchParams, response);
    else if (call === 'load') await this.#load(request, response);
    else {
      const { status, body } = this.#answer(call, path, versioned?.[1], searchParams);
      const contentType = call === 'ping' ? 'text/plain' : 'application/json';
      const headers = {
        'Content-Type': contentType,
        'Content-Length': Buffer.byteLength(body),
        'Api-Version': this.#apiVersion,
        Ostype: 'linux',
        Server: `Docker/${this.#options.version ?? '26.1.5'} (linux)`,
      };
      response.writeHead(status, headers).end(body);
    }
  }

  #count(call: FakeCall, more: number): void {
    this.underway.set(call, (this.underway.get(call) ?? 0) + more);
  }

  #named(query: URLSearchParams): FakeImage | undefined {
    const name = query.get('names') ?? '';
    return this.images.get(name) ?? this.#tagged(name);
  }

  async #save(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { store, version = '26.1.5' } = this.#options;
    const isOld = Number.parseInt(version, 10) < 25;
    const layout = store === 'CONTAINERD' ? 'CONTAINERD' : isOld ? 'V1' : 'OCI';
    await playSave(this.#named(query)!, layout, response, this.saveFault ?? undefined);
  }

  async #load(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const engine = {
      images: this.images,
      store: this.#options.store === 'CONTAINERD' ? ('CONTAINERD' as const) : ('CLASSIC' as const),
      add: (image: FakeImage) => {
        this.images.set(image.id, this.images.get(image.id) ?? image);
        this.emit('image', 'load', image.id);
      },
    };
    const fault = this.loadFault ?? undefined;
    if (fault?.kind === 'COMPLAIN_AFTER' && fault.once === true) this.loadFault = null;
    await playLoad(engine, request, response, fault, (bytes) => {
      this.loadedBytes += bytes;
    });
  }

  get #apiVersion(): string {
    return this.#options.apiVersion ?? '1.45';
  }

  #subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
    this.#subscribers.add(response);
    response.on('close', () => this.#subscribers.delete(response));
  }

  #answer(
    call: FakeCall | null,
    path: string,
    version: string | undefined,
    query: URLSearchParams,
  ): Answer {
    const min = this.#options.minApiVersion ?? '1.24';
    if (version !== undefined && Number(version.slice(2)) < Number(min.slice(2))) {
      return refusal(400, `client version ${version} is too old. Minimum supported is ${min}`);
    }
    switch (call) {
      case 'ping':
        return { status: 200, body: 'OK' };
      case 'version':
        return ok(this.#version(min));
      case 'info':
        return ok(this.#info());
      case 'images':
        return { status: 200, body: `[${Array.from(this.images.values(), listRow).join(',')}]` };
      case 'inspect':
      case 'history': {
        const id = path.slice('/images/'.length, path.lastIndexOf('/'));
        const image = this.images.get(id) ?? this.#tagged(id);
        if (image === undefined) return refusal(404, `No such image: ${id}`);
        return ok(call === 'inspect' ? inspectJson(image) : historyJson(image));
      }
      case 'tag': {
        const id = path.slice('/images/'.length, path.lastIndexOf('/'));
        const image = this.images.get(id);
        if (image === undefined) return refusal(404, `No such image: ${id}`);
        const tag = familiarTag(query);
        const loser = this.#tagged(tag);
        if (loser)
          this.retag(
            loser.id,
            loser.tags.filter((other) => other !== tag),
          );
        this.retag(id, [...this.images.get(id)!.tags, tag]);
        return { status: 201, body: '' };
      }
      case 'remove':
        return this.#remove(path.slice('/images/'.length));
      case 'containers':
        return ok(Array.from(this.containers.values(), containerRow));
      case 'df':
        return ok(this.#diskUsage());
      case 'distribution': {
        const name = path.slice('/distribution/'.length, -'/json'.length);
        const digest = this.remoteDigests.get(name);
        if (digest === undefined) return refusal(404, `manifest unknown: ${name}`);
        return ok({
          Descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 1 },
          Platforms: [{ architecture: 'amd64', os: 'linux' }],
        });
      }
      case 'save':
        return refusal(404, `No such image: ${query.get('names')}`);
      default:
        return refusal(404, 'page not found');
    }
  }

  #remove(name: string): Answer {
    const { image, ...answer } = fakeRemoval(name, this.images, this.containers.values());
    if (image?.left === null) this.removeImage(image.id);
    else if (image) this.retag(image.id, image.left.tags);
    return answer;
  }

  #tagged(name: string): FakeImage | undefined {
    const tag = name.replace(/^docker\.io\/(?:library\/)?/, '');
    return this.images.values().find(({ tags }) => tags.includes(tag));
  }

  #version(min: string): object {
    const name = this.#options.store === 'PODMAN' ? 'Podman Engine' : 'Engine';
    return {
      Version: this.#options.version ?? '26.1.5',
      ApiVersion: this.#apiVersion,
      MinAPIVersion: min,
      Os: 'linux',
      Arch: 'amd64',
      Components: [{ Name: name }],
    };
  }

  #info(): object {
    const containerd = [['driver-type', 'io.containerd.snapshotter.v1']];
    return {
      OperatingSystem: 'Fake Linux',
      OSType: 'linux',
      Architecture: 'x86_64',
      Driver: this.#options.store === 'CONTAINERD' ? 'overlayfs' : 'overlay2',
      DriverStatus: this.#options.store === 'CONTAINERD' ? containerd : [],
      NCPU: 4,
      MemTotal: 8 * 1024 ** 3,
      RegistryConfig: {
        Mirrors: ['https://mirror.example/'],
        InsecureRegistryCIDRs: ['127.0.0.0/8'],
        IndexConfigs: { 'registry:5000': { Secure: false }, 'docker.io': { Secure: true } },
      },
    };
  }

  #diskUsage(): object {
    const used = new Set(Array.from(this.containers.values(), ({ imageId }) => imageId));
    const layers = new Map(
      this.images.values().flatMap(({ layers }) => layers.map((l) => [l.diffId, l.sizeBytes])),
    );
    return {
      LayersSize: layers.values().reduce((sum, bytes) => sum + bytes, 0),
      Images: Array.from(this.images.values(), (image) => ({
        Id: image.id,
        Size: image.sizeBytes,
        SharedSize: 0,
        Containers: used.has(image.id) ? 1 : 0,
      })),
      Containers: Array.from(this.containers.values(), containerRow),
      Volumes: null,
      BuildCache: null,
    };
  }
}

function familiarTag(query: URLSearchParams): string {
  const repo = (query.get('repo') ?? '').replace(/^docker\.io\/(?:library\/)?/, '');
  return `${repo}:${query.get('tag')}`;
}

function ok(body: unknown): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

function refusal(status: number, message: string): Answer {
  return { status, body: JSON.stringify({ message }) };
}

function containerRow({ id, name, imageId, image, state }: FakeContainer): object {
  return {
    Id: id,
    Names: [`/${name}`],
    Image: image,
    ImageID: imageId,
    State: state,
    Status: state === 'running' ? 'Up 3 hours' : 'Exited (0) 3 hours ago',
    Created: 1_700_000_000,
    SizeRw: 0,
  };
}

const PATHS: [RegExp, FakeCall][] = [
  [/^\/_ping$/, 'ping'],
  [/^\/version$/, 'version'],
  [/^\/info$/, 'info'],
  [/^\/images\/json$/, 'images'],
  [/^\/images\/.+\/json$/, 'inspect'],
  [/^\/images\/.+\/history$/, 'history'],
  [/^\/images\/.+\/tag$/, 'tag'],
  [/^\/containers\/json$/, 'containers'],
  [/^\/images\/get$/, 'save'],
  [/^\/images\/load$/, 'load'],
  [/^\/events$/, 'events'],
  [/^\/system\/df$/, 'df'],
  [/^\/distribution\/.+\/json$/, 'distribution'],
];

function callOf(path: string): FakeCall | null {
  return PATHS.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

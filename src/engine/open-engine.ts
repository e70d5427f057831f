import type Docker from 'dockerode';
import { withDeadline } from '../common/abort.ts';
import {
  DockgraphError,
  EngineError,
  HostUnreachableError,
  NotFoundError,
} from '../common/errors.ts';
import { containerListings } from './container-listing.ts';
import type { EngineContainerJson } from './container-listing.ts';
import { diskUsage } from './disk-usage.ts';
import { dockerClient } from './docker-client.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { EngineTransport } from './engine-transport.ts';
import type { ErrorOf } from './engine-transport.ts';
import type {
  CallOptions,
  ContainerListing,
  DiskUsage,
  Engine,
  EngineEvent,
  EngineInfo,
  EngineOptions,
  ImageFacts,
  ImageListing,
  RemoteImage,
} from './engine.ts';
import { eventsPath, readEvents } from './event-stream.ts';
import { imageFacts } from './image-facts.ts';
import type { EngineHistoryJson, EngineImageInspectJson } from './image-facts.ts';
import { fullImageId } from './image-id.ts';
import { hasWholeImage, imageListings } from './image-listing.ts';
import type { EngineImageJson } from './image-listing.ts';
import { openImageVerbs } from './image-verbs-client.ts';
import type { ImageVerbs, RegistryAuth } from './image-verbs.ts';
import { Takes } from './layers/takes.ts';
import { transferTagState } from './layers/transfer-tag.ts';
import { negotiate } from './negotiation.ts';
import { addressed } from './registry-auth.ts';
import { pathName, remoteImage } from './remote-image.ts';
import type { EngineDistributionJson } from './remote-image.ts';
import { splitReference } from './split-reference.ts';
import type { DeadlineCall } from './verb-calls.ts';
import { refusalOf } from './verb-errors.ts';

const DEFAULT_CALL_TIMEOUT_MS = 30_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DISK_USAGE_TIMEOUT_MS = 5 * 60_000;
const DEFAULT_CONCURRENT_CALLS = 6;
const DEFAULT_STREAM_IDLE_MS = 5 * 60_000;
const DEFAULT_SAVE_START_MS = 60 * 60_000;
const CONCURRENT_VERBS = 24;
/** As much as a socket of the kernel holds. */
const VERB_READ_BYTES = 256 * 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** An engine at an endpoint. Nothing is dialled before the first call. */
export function openEngine(endpoint: EngineEndpoint, options: EngineOptions): Engine {
  return new RemoteEngine(endpoint, options);
}

class RemoteEngine implements Engine {
  readonly endpoint: EngineEndpoint;
  readonly verbs: ImageVerbs;
  readonly #options: EngineOptions;
  readonly #transport: EngineTransport;
  readonly #verbTransport: EngineTransport;
  readonly #takes: Takes;
  readonly #callTimeoutMs: number;
  readonly #connectTimeoutMs: number;
  readonly #closing = new AbortController();
  #apiVersion: string | null = null;
  #diskUsage: Promise<DiskUsage> | null = null;

  constructor(endpoint: EngineEndpoint, options: EngineOptions) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#callTimeoutMs = options.callTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
    this.#transport = new EngineTransport(options.host, endpoint, {
      maxConcurrentCalls: options.maxConcurrentCalls ?? DEFAULT_CONCURRENT_CALLS,
      connectTimeoutMs: this.#connectTimeoutMs,
      maxBodyBytes: MAX_BODY_BYTES,
    });
    this.#verbTransport = new EngineTransport(options.host, endpoint, {
      maxConcurrentCalls: CONCURRENT_VERBS,
      readBytes: VERB_READ_BYTES,
      connectTimeoutMs: this.#connectTimeoutMs,
      maxBodyBytes: MAX_BODY_BYTES,
    });
    const verbOptions = {
      host: options.host,
      transport: this.#verbTransport,
      apiVersion: () => this.#version(),
      call: <T>(call: DeadlineCall<T>) => this.#call(call),
      closing: this.#closing.signal,
      onCall: options.onCall,
      streamIdleMs: options.streamIdleMs ?? DEFAULT_STREAM_IDLE_MS,
      openMs: options.saveStartMs ?? DEFAULT_SAVE_START_MS,
    };
    this.#takes = new Takes(options.host);
    this.verbs = openImageVerbs(verbOptions, this.#takes);
  }

  async connect(options: CallOptions = {}): Promise<EngineInfo> {
    return this.#call({
      name: 'connect',
      what: `connecting to ${this.#options.host}`,
      timeoutMs: this.#connectTimeoutMs,
      signal: options.signal,
      work: async (signal) => {
        const info = await negotiate(this.#transport, signal);
        this.#apiVersion = info.apiVersion;
        return info;
      },
    });
  }

  async ping(options: CallOptions = {}): Promise<number> {
    return this.#call({
      name: 'ping',
      what: `a ping of ${this.#options.host}`,
      timeoutMs: this.#connectTimeoutMs,
      signal: options.signal,
      work: async (signal) => {
        const request = { method: 'GET', path: '/_ping' } as const;
        const start = performance.now();
        const answer = await this.#transport.ask(request, signal);
        const elapsed = performance.now() - start;
        if (answer.status !== 200) this.#transport.parse(request, answer);
        return elapsed;
      },
    });
  }

  async listImages(options: CallOptions = {}): Promise<ImageListing[]> {
    return this.#ask('listImages', options, async (docker) => {
      const rows: unknown = await docker.listImages();
      const now = Date.now();
      const listings = imageListings(rows as EngineImageJson[] | null, now);
      this.#removeStaleTags(listings, now);
      return listings;
    });
  }

  async listContainers(options: CallOptions = {}): Promise<ContainerListing[]> {
    return this.#ask('listContainers', options, async (docker) => {
      const rows: unknown = await docker.listContainers({ all: true });
      return containerListings(rows as EngineContainerJson[] | null);
    });
  }

  async imageFacts(id: string, options: CallOptions = {}): Promise<ImageFacts> {
    const { host } = this.#options;
    return this.#ask('imageFacts', options, async (docker) => {
      const image = docker.getImage(pathName(id, host));
      const [inspected, history]: unknown[] = await Promise.all([image.inspect(), image.history()]);
      return imageFacts(
        inspected as EngineImageInspectJson,
        history as EngineHistoryJson[] | null,
        {
          host,
          id,
        },
      );
    });
  }

  async isImageWhole(id: string, options: CallOptions = {}): Promise<boolean> {
    return this.#ask('isImageWhole', options, async (docker) => {
      const rows: unknown = await docker.listImages({ manifests: true });
      return hasWholeImage(rows as EngineImageJson[] | null, id);
    });
  }

  async imageId(reference: string, options: CallOptions = {}): Promise<string | null> {
    const { host } = this.#options;
    return this.#ask('imageId', options, async (docker) => {
      try {
        const { Id } = await docker.getImage(pathName(reference, host)).inspect();
        return fullImageId(Id);
      } catch (error) {
        if (error instanceof NotFoundError) return null;
        throw error;
      }
    });
  }

  async diskUsage(options: CallOptions = {}): Promise<DiskUsage> {
    const { host } = this.#options;
    // Engines before 23 refuse a second one while the first goes on, and each costs the disk much:
    // all askers wait for one, which goes on when one of them leaves.
    this.#diskUsage ??= this.#ask(
      'diskUsage',
      {},
      async (docker) => diskUsage((await docker.df()) as object),
      { timeoutMs: DISK_USAGE_TIMEOUT_MS },
    ).finally(() => {
      this.#diskUsage = null;
    });
    const shared = this.#diskUsage;
    // The asker may be gone before it fails.
    shared.catch(() => {});
    return withDeadline(
      { what: `diskUsage of ${host}`, ms: DISK_USAGE_TIMEOUT_MS, host, signals: [options.signal] },
      () => shared,
    );
  }

  async remoteImage(
    reference: string,
    { auth, ...options }: CallOptions & { auth?: RegistryAuth } = {},
  ): Promise<RemoteImage> {
    const { host } = this.#options;
    const name = pathName(reference, host);
    return this.#ask(
      'remoteImage',
      options,
      async (docker) => {
        const request = auth && { authconfig: addressed(auth) };
        const answer: unknown = await docker.getImage(name).distribution(request as object);
        return remoteImage(answer as EngineDistributionJson);
      },
      {
        errorOf: refusalOf({
          host,
          registry: splitReference(name).registry,
          hasAuth: auth !== undefined,
        }),
      },
    );
  }

  async events({ signal }: { signal: AbortSignal }): Promise<AsyncIterable<EngineEvent>> {
    const { host } = this.#options;
    return this.#call({
      name: 'events',
      what: `subscribing to the events of ${host}`,
      timeoutMs: this.#callTimeoutMs,
      signal,
      work: async (subscribing) => {
        // The subscription outlives the call: the deadline ends only the wait for its start.
        const ended = AbortSignal.any([signal, this.#closing.signal]);
        const giveUp = new AbortController();
        const stop = () => giveUp.abort(subscribing.reason);
        subscribing.addEventListener('abort', stop, { once: true });
        const path = eventsPath(this.#version());
        const response = await this.#transport.stream(
          { method: 'GET', path },
          AbortSignal.any([ended, giveUp.signal]),
        );
        subscribing.removeEventListener('abort', stop);
        return readEvents(response, { host, signal });
      },
    });
  }

  async close(): Promise<void> {
    await this.#takes.close();
    this.#closing.abort();
    this.#transport.close();
    this.#verbTransport.close();
  }

  /** A gateway that was killed while it took layers left its tag; an image's last one stays. */
  #removeStaleTags(listings: readonly ImageListing[], now: number): void {
    for (const { tags } of listings) {
      const stale = tags.find((name) => transferTagState(name, now) === 'STALE');
      if (stale === undefined || tags.length === 1) continue;
      // The next listing tries again.
      this.verbs.removeImage(stale, { noPrune: true }).catch(() => {});
    }
  }

  #version(): string {
    if (this.#apiVersion !== null) return this.#apiVersion;
    const { host } = this.#options;
    throw new HostUnreachableError(`${host} has not been connected to yet`, { host });
  }

  /** A plain call through dockerode. */
  async #ask<T>(
    name: string,
    { signal }: CallOptions,
    ask: (docker: Docker) => Promise<T>,
    { timeoutMs = this.#callTimeoutMs, errorOf }: { timeoutMs?: number; errorOf?: ErrorOf } = {},
  ): Promise<T> {
    return this.#call({
      name,
      what: `${name} of ${this.#options.host}`,
      timeoutMs,
      signal,
      work: (deadline) => {
        const apiVersion = this.#version();
        return ask(dockerClient(this.#transport, { apiVersion, signal: deadline, errorOf }));
      },
    });
  }

  /** Every call goes through here: its deadline, its end when the engine is closed, its report. */
  async #call<T>({ name, what, timeoutMs, signal, work }: DeadlineCall<T>): Promise<T> {
    const { host, onCall } = this.#options;
    if (this.#closing.signal.aborted) {
      throw new HostUnreachableError(`the connection to ${host} was closed`, { host });
    }
    const signals = [signal, this.#closing.signal];
    const start = performance.now();
    let outcome: 'ok' | 'error' = 'error';
    try {
      const result = await withDeadline({ what, ms: timeoutMs, host, signals }, work);
      outcome = 'ok';
      return result;
    } catch (cause) {
      if (cause instanceof DockgraphError) throw cause;
      // JSON of another shape than any engine's, most likely; the cause is logged with it.
      const message = `${host} answered ${name} with what no Docker engine answers`;
      throw new EngineError(message, { host, cause });
    } finally {
      onCall?.({ host, call: name, durationMs: performance.now() - start, outcome });
    }
  }
}

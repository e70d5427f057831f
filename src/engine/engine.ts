import type { EngineEndpoint } from './endpoint.ts';
import type { ImageVerbs, RegistryAuth } from './image-verbs.ts';

/** How an engine stores images: it decides what an image's ID is and what its sizes mean. */
export type ImageStore = 'CLASSIC' | 'CONTAINERD' | 'PODMAN';

/** What an engine says of itself (`/version`, `/info`). */
export interface EngineInfo {
  version: string;
  /** The API version that we speak with it, such as `1.41`. */
  apiVersion: string;
  /** `linux` or `windows`. */
  os: string;
  /** Go's name: `amd64`, `arm64`, … */
  architecture: string;
  /** Such as `Debian GNU/Linux 12 (bookworm)`; null where /info is refused. */
  operatingSystem: string | null;
  storageDriver: string | null;
  /** The folder of its data on its own machine; null where /info is refused. */
  dataRoot: string | null;
  imageStore: ImageStore;
  cpus: number | null;
  memoryBytes: number | null;
  registryMirrors: string[];
  insecureRegistries: string[];
}

/** One row of `/images/json`: what one host says of one image, cheap and mutable. */
export interface ImageListing {
  /** The engine's own ID, `sha256:…`: a config digest (classic, podman) or a manifest or index digest (containerd). */
  id: string;
  /** Tags as the engine gives them (familiar form); `<none>` rows removed. */
  tags: string[];
  /** `name@sha256:…`; `<none>` rows removed. */
  repoDigests: string[];
  /** Milliseconds since the epoch; 0 where the image says none. */
  createdAt: number;
  /** The size that the engine reports; its meaning differs by store. */
  sizeBytes: number;
  labels: Record<string, string>;
}

/** A step of an image's history, oldest first. */
export interface HistoryEntry {
  /** Milliseconds since the epoch; null where unknown. */
  createdAt: number | null;
  createdBy: string;
  comment: string;
  sizeBytes: number;
  /** Whether this step made no layer. Read off sizes and instructions: engines do not say it. */
  emptyLayer: boolean;
}

/** One layer of an image, from the bottom up. */
export interface LayerFacts {
  /** Digest of the uncompressed tar. */
  diffId: string;
  /** Digest of this layer on all below it. */
  chainId: string;
  /** Unpacked size; null where the history cannot be mapped to layers with certainty. */
  sizeBytes: number | null;
  /** The history step that made it; null where not known. */
  createdBy: string | null;
}

/** Configuration that containers of the image start with. */
export interface ImageConfig {
  env: string[];
  cmd: string[];
  entrypoint: string[];
  workingDir: string;
  user: string;
  /** Such as `80/tcp`, sorted. */
  exposedPorts: string[];
  volumes: string[];
  labels: Record<string, string>;
  stopSignal: string | null;
  healthcheck: Healthcheck | null;
}

/** An image's health check; durations in milliseconds, null where the engine's default holds. */
export interface Healthcheck {
  test: string[];
  intervalMs: number | null;
  timeoutMs: number | null;
  startPeriodMs: number | null;
  retries: number | null;
}

/** What never changes under one image ID on one platform (`/images/{id}/json` and `/history`). */
export interface ImageFacts {
  /**
   * Digest over the content (platform, layers, configuration, history): the same for one image
   * whichever image store names it how. `sha256:…`.
   */
  contentDigest: string;
  architecture: string;
  os: string;
  variant: string | null;
  /** Milliseconds since the epoch; null where the image says none. */
  createdAt: number | null;
  author: string;
  comment: string;
  config: ImageConfig;
  /** Oldest first. */
  history: HistoryEntry[];
  /** From the bottom up. */
  layers: LayerFacts[];
}

/** One row of `/containers/json?all=1`. */
export interface ContainerListing {
  id: string;
  name: string;
  /** The engine's ID of the image it was made from. */
  imageId: string;
  /** The image as its creator named it. */
  image: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`. */
  state: string;
  /** Such as `Exited (0) 3 hours ago`. */
  status: string;
  createdAt: number;
}

/** Count and bytes of one kind of thing in `docker system df`. */
export interface DiskUsageEntry {
  totalCount: number;
  activeCount: number;
  sizeBytes: number;
  /** What a prune would free. */
  reclaimableBytes: number;
}

/** `docker system df`. */
export interface DiskUsage {
  /** Bytes of all layers on disk, shared ones once. */
  layersBytes: number;
  images: DiskUsageEntry;
  containers: DiskUsageEntry;
  volumes: DiskUsageEntry;
  buildCache: DiskUsageEntry;
}

/** Something that happened on an engine (`/events`). */
export interface EngineEvent {
  /** `image`, `container`, … */
  type: string;
  /** `pull`, `tag`, `untag`, `delete`, `create`, `destroy`, … */
  action: string;
  /** An image ID or reference, a container ID: what it is depends on the action and the engine. */
  actorId: string;
  attributes: Record<string, string>;
  /** Milliseconds since the epoch, the engine's clock. */
  at: number;
}

/** A registry's answer for a reference, asked through the engine (`/distribution/{name}/json`). */
export interface RemoteImage {
  digest: string;
  mediaType: string;
  /** Such as `linux/arm64/v8`; empty where the registry does not say. */
  platforms: string[];
}

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/**
 * One Docker Engine. Every call has its own deadline, ends early when `signal` aborts, and rejects
 * only with a `DockgraphError` that names the host.
 */
export interface Engine {
  readonly endpoint: EngineEndpoint;
  /** What it can do to images. */
  readonly verbs: ImageVerbs;
  /**
   * Connects, agrees on an API version and reads what the engine is. First call of every session:
   * the others use the version that it settled. Call again after a reconnect.
   */
  connect(options?: CallOptions): Promise<EngineInfo>;
  /** Round-trip time of `/_ping` in milliseconds. */
  ping(options?: CallOptions): Promise<number>;
  listImages(options?: CallOptions): Promise<ImageListing[]>;
  listContainers(options?: CallOptions): Promise<ContainerListing[]>;
  /** Inspects the image and reads its history. */
  imageFacts(id: string, options?: CallOptions): Promise<ImageFacts>;
  /**
   * Whether the engine lists the image and has all that it needs of it. A containerd store answers
   * for images of which it has only a part: it leaves them out of the list, or from API 1.47 on says
   * so there.
   */
  isImageWhole(id: string, options?: CallOptions): Promise<boolean>;
  /** The ID of the image that a reference names at this moment; null where none does. */
  imageId(reference: string, options?: CallOptions): Promise<string | null>;
  /** May take minutes on a large engine. */
  diskUsage(options?: CallOptions): Promise<DiskUsage>;
  /** Asks the reference's registry through the engine, with these credentials if there are any. */
  remoteImage(
    reference: string,
    options?: CallOptions & { auth?: RegistryAuth },
  ): Promise<RemoteImage>;
  /**
   * Subscribes to events of images and containers. Resolves when the engine has accepted the
   * subscription, so that a listing made afterwards misses nothing. The iteration never blocks the
   * reading of the socket; it rejects when the stream ends without `signal` having asked for it.
   */
  events(options: { signal: AbortSignal }): Promise<AsyncIterable<EngineEvent>>;
  /** Closes all connections; calls under way reject. */
  close(): Promise<void>;
}

/** What is reported of every call, for metrics. */
export interface CallReport {
  host: string;
  /** Such as `listImages`. */
  call: string;
  durationMs: number;
  outcome: 'ok' | 'error';
}

/** What an engine is made with. */
export interface EngineOptions {
  /** The host's configured name, for errors and reports. */
  host: string;
  onCall?: (report: CallReport) => void;
  /** Deadline of ordinary calls in milliseconds. */
  callTimeoutMs?: number;
  /** Deadline of `connect` in milliseconds. */
  connectTimeoutMs?: number;
  /** Calls under way at once on this host. */
  maxConcurrentCalls?: number;
  /** Milliseconds without any byte after which a pull, push, build, save or load is given up. */
  streamIdleMs?: number;
  /** Milliseconds in which a save must begin: classic engines write the whole archive first. */
  saveStartMs?: number;
}

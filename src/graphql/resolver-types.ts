import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { HostRecord as HostModel, Fleet as FleetModel } from '../fleet/fleet.ts';
import type { ImageRecord as ImageModel, HostImageRecord as HostImageModel, LayerRecord as LayerModel, TagRecord as TagModel } from '../fleet/records.ts';
import type { EngineInfo as EngineModel, DiskUsage as DiskUsageModel, DiskUsageEntry as DiskUsageEntryModel, ImageConfig as ImageConfigModel, Healthcheck as HealthcheckModel, HistoryEntry as HistoryEntryModel } from '../engine/engine.ts';
import type { HostError as HostErrorModel } from '../fleet/host-monitor.ts';
import type { ContainerModel } from './host/container-model.ts';
import type { TagTargetModel, TagContentModel, RemoteTagModel } from './tag/tag-models.ts';
import type { ImageEventModel } from './image/image-event-model.ts';
import type { GraphqlContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A number of bytes: a JSON integer from 0 to 2^53 - 1. */
  ByteCount: { input: number; output: number; }
  /** An instant as RFC 3339 text in UTC, such as `2026-11-20T19:41:42.000Z`. */
  DateTime: { input: number; output: number; }
};

/** A container, as far as images are concerned. */
export type Container = {
  readonly __typename?: 'Container';
  /** When it was created. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** The container's ID, 64 hexadecimal digits. */
  readonly id: Scalars['ID']['output'];
  /** The image that it was made from; null where the host does not list that image (any more). */
  readonly image: Maybe<HostImage>;
  /** The image as whoever created the container named it. */
  readonly imageName: Scalars['String']['output'];
  /** The container's name, without the leading slash. */
  readonly name: Scalars['String']['output'];
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly state: Scalars['String']['output'];
  /** The state for people, such as `Exited (0) 3 hours ago`. */
  readonly status: Scalars['String']['output'];
};

/** A page of containers. */
export type ContainerConnection = {
  readonly __typename?: 'ContainerConnection';
  /** The containers with their cursors. */
  readonly edges: ReadonlyArray<ContainerEdge>;
  /** The containers. */
  readonly nodes: ReadonlyArray<Container>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many containers there are on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A container in a page. */
export type ContainerEdge = {
  readonly __typename?: 'ContainerEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The container. */
  readonly node: Container;
};

/** What `docker system df` says of a host. */
export type DiskUsage = {
  readonly __typename?: 'DiskUsage';
  /** The build cache. */
  readonly buildCache: DiskUsageEntry;
  /** The containers' writable layers. */
  readonly containers: DiskUsageEntry;
  /** The images. */
  readonly images: DiskUsageEntry;
  /** Bytes of all image layers on disk, shared ones counted once. */
  readonly layersBytes: Scalars['ByteCount']['output'];
  /** The local volumes. */
  readonly volumes: DiskUsageEntry;
};

/** One row of `docker system df`. */
export type DiskUsageEntry = {
  readonly __typename?: 'DiskUsageEntry';
  /** How many of them are in use. */
  readonly activeCount: Scalars['Int']['output'];
  /** What removing all that is not in use would free. */
  readonly reclaimableBytes: Scalars['ByteCount']['output'];
  /** What they take on disk. */
  readonly sizeBytes: Scalars['ByteCount']['output'];
  /** How many there are. */
  readonly totalCount: Scalars['Int']['output'];
};

/** What an engine says of itself. */
export type Engine = {
  readonly __typename?: 'Engine';
  /** The API version that dockgraph speaks with it, such as `1.41`. */
  readonly apiVersion: Scalars['String']['output'];
  /** The processor architecture in Go's words, such as `amd64`. */
  readonly architecture: Scalars['String']['output'];
  /** Number of processors; null where the engine does not tell. */
  readonly cpus: Maybe<Scalars['Int']['output']>;
  /** How images are stored. */
  readonly imageStore: ImageStore;
  /** Registries (host or network) that the engine speaks to without verified TLS. */
  readonly insecureRegistries: ReadonlyArray<Scalars['String']['output']>;
  /** The host's memory; null where the engine does not tell. */
  readonly memoryBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The host's operating system, such as `Debian GNU/Linux 12 (bookworm)`; null where the engine does not tell. */
  readonly operatingSystem: Maybe<Scalars['String']['output']>;
  /** The operating system that its containers run on: `linux` or `windows`. */
  readonly os: Scalars['String']['output'];
  /** Mirrors that the engine asks before Docker Hub. */
  readonly registryMirrors: ReadonlyArray<Scalars['String']['output']>;
  /** The storage driver or snapshotter, such as `overlay2`; null where the engine does not tell. */
  readonly storageDriver: Maybe<Scalars['String']['output']>;
  /** The engine's version, such as `26.1.5`. */
  readonly version: Scalars['String']['output'];
};

/** All hosts together. */
export type Fleet = {
  readonly __typename?: 'Fleet';
  /** How many images have no tag on at least one host. */
  readonly danglingImageCount: Scalars['Int']['output'];
  /** How many tags point at different content on different hosts. */
  readonly driftedTagCount: Scalars['Int']['output'];
  /** How many hosts are configured. */
  readonly hostCount: Scalars['Int']['output'];
  /** How many images the hosts hold, each counted once for every host that holds it. */
  readonly hostImageCount: Scalars['Int']['output'];
  /** How many hosts are in each state, for every state. */
  readonly hostsByState: ReadonlyArray<HostStateCount>;
  /** How many different images there are. */
  readonly imageCount: Scalars['Int']['output'];
  /** How many different layers there are. */
  readonly layerCount: Scalars['Int']['output'];
  /** Unpacked bytes of all images on all hosts, as if nothing were shared. */
  readonly logicalBytes: Scalars['ByteCount']['output'];
  /** When the oldest inventory that is served was read; null while there is none. */
  readonly oldestInventoryAt: Maybe<Scalars['DateTime']['output']>;
  /** Unpacked bytes of all layers on all hosts, each counted once a host: what the images take on disks. */
  readonly storedBytes: Scalars['ByteCount']['output'];
  /** How many different tags there are. */
  readonly tagCount: Scalars['Int']['output'];
  /** Unpacked bytes of all different layers, each counted once in the fleet. */
  readonly uniqueBytes: Scalars['ByteCount']['output'];
  /** How many images no container uses on any host. */
  readonly unusedImageCount: Scalars['Int']['output'];
};

/** How an engine finds out whether a container of the image is healthy. */
export type Healthcheck = {
  readonly __typename?: 'Healthcheck';
  /** Milliseconds between two checks; null for the engine's default. */
  readonly intervalMs: Maybe<Scalars['Float']['output']>;
  /** Failures in a row that make it unhealthy; null for the engine's default. */
  readonly retries: Maybe<Scalars['Int']['output']>;
  /** Milliseconds after the start in which failures do not count; null for the engine's default. */
  readonly startPeriodMs: Maybe<Scalars['Float']['output']>;
  /** The test: `NONE`, or `CMD` or `CMD-SHELL` with what to run. */
  readonly test: ReadonlyArray<Scalars['String']['output']>;
  /** Milliseconds that one check may take; null for the engine's default. */
  readonly timeoutMs: Maybe<Scalars['Float']['output']>;
};

/** One step of an image's making. */
export type HistoryEntry = {
  readonly __typename?: 'HistoryEntry';
  /** A comment; empty where there is none. */
  readonly comment: Scalars['String']['output'];
  /** When; null where the image does not say. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The instruction. */
  readonly createdBy: Scalars['String']['output'];
  /** Whether the step made no layer. Engines do not tell: this is read off sizes and instructions. */
  readonly emptyLayer: Scalars['Boolean']['output'];
  /** Bytes that the step added, as the engine gives them. */
  readonly sizeBytes: Scalars['ByteCount']['output'];
};

/** One Docker host, by its configured name. */
export type Host = Node & {
  readonly __typename?: 'Host';
  /** The containers on this host, running or not, newest first. Asks the engine: null with an error when it does not answer. */
  readonly containers: Maybe<ContainerConnection>;
  /** What `docker system df` says. Asks the engine, which may take long: null with an error when it does not answer. */
  readonly diskUsage: Maybe<DiskUsage>;
  /** Where the engine is reached, as a URL without secrets, such as `ssh://ops@build-1:22`. */
  readonly endpoint: Scalars['String']['output'];
  /** What the engine says of itself, as last seen; null before the host was reached once. */
  readonly engine: Maybe<Engine>;
  /** Why the host is not in order; null while it is. */
  readonly error: Maybe<HostError>;
  /** The global ID. */
  readonly id: Scalars['ID']['output'];
  /** The image that `ref` names on this host, by docker's rules: `name[:tag]`, `name@digest`, a full ID or a unique beginning of one. An error NOT_FOUND or AMBIGUOUS_REFERENCE otherwise. */
  readonly image: Maybe<HostImage>;
  /** The images that this host holds. */
  readonly images: HostImageConnection;
  /** When the inventory that is served for this host was read; null before the first time. For a host that is ONLINE the inventory is live: this is when it last changed or was last compared. */
  readonly inventoryAt: Maybe<Scalars['DateTime']['output']>;
  /** The host's labels from the configuration, sorted by key. */
  readonly labels: ReadonlyArray<Label>;
  /** Round-trip time of the last ping in milliseconds; null before the first. */
  readonly latencyMs: Maybe<Scalars['Float']['output']>;
  /** The configured name: unique, and what selects the host everywhere. */
  readonly name: Scalars['String']['output'];
  /** When the host was taken out of the configuration; set only in the last `hostChanged` of such a host. */
  readonly removedAt: Maybe<Scalars['DateTime']['output']>;
  /** How far dockgraph is with the host. */
  readonly state: HostState;
  /** The tags that this host has. */
  readonly tags: TagConnection;
  /** How the engine is reached. */
  readonly transport: Transport;
};


/** One Docker host, by its configured name. */
export type HostContainersArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
};


/** One Docker host, by its configured name. */
export type HostImageArgs = {
  ref: Scalars['String']['input'];
};


/** One Docker host, by its configured name. */
export type HostImagesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<ImageFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<ImageOrder>;
};


/** One Docker host, by its configured name. */
export type HostTagsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<TagFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<TagOrder>;
};

/** A page of hosts. */
export type HostConnection = {
  readonly __typename?: 'HostConnection';
  /** The hosts with their cursors. */
  readonly edges: ReadonlyArray<HostEdge>;
  /** The hosts. */
  readonly nodes: ReadonlyArray<Host>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many hosts match on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A host in a page. */
export type HostEdge = {
  readonly __typename?: 'HostEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The host. */
  readonly node: Host;
};

/** Why a host is not in order. */
export type HostError = {
  readonly __typename?: 'HostError';
  /** A stable code: HOST_UNREACHABLE, HOST_AUTH_FAILED, TIMEOUT, ENGINE_ERROR, ENGINE_UNSUPPORTED or LIMIT_EXCEEDED. */
  readonly code: Scalars['String']['output'];
  /** What happened and what to do about it. */
  readonly message: Scalars['String']['output'];
  /** Since when this very error lasts. */
  readonly since: Scalars['DateTime']['output'];
};

/** Which hosts; all that is given must match. */
export type HostFilter = {
  /** Only hosts whose labels fit this selector: terms `key=value`, `key!=value`, `key` (has it) and `!key`, joined by commas. */
  readonly labels?: InputMaybe<Scalars['String']['input']>;
  /** Only hosts with these names. */
  readonly names?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only hosts in one of these states. */
  readonly states?: InputMaybe<ReadonlyArray<HostState>>;
  /** Only hosts reached in one of these ways. */
  readonly transports?: InputMaybe<ReadonlyArray<Transport>>;
};

/** One image as one host holds it. */
export type HostImage = Node & {
  readonly __typename?: 'HostImage';
  /** How many containers on this host use it; null where the engine does not let its containers be listed. */
  readonly containerCount: Maybe<Scalars['Int']['output']>;
  /** The containers on this host that use it. Asks the engine (once a host and request): null with an error when it does not answer. */
  readonly containers: Maybe<ReadonlyArray<Container>>;
  /** When the image was made, as this host says; null where it does not. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** Whether no tag points at it on this host. */
  readonly dangling: Scalars['Boolean']['output'];
  /** The ID that this host's engine uses for the image. */
  readonly engineId: Scalars['String']['output'];
  /** The host. */
  readonly host: Host;
  /** The global ID. */
  readonly id: Scalars['ID']['output'];
  /** The image. */
  readonly image: Image;
  /** Whether a container on this host uses it, running or not; null where the engine does not let its containers be listed. */
  readonly inUse: Maybe<Scalars['Boolean']['output']>;
  /** Its `name@digest` references on this host. */
  readonly repoDigests: ReadonlyArray<Scalars['String']['output']>;
  /** Unpacked bytes of its layers that other images on this host share; null where layer sizes are not known. */
  readonly sharedBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The size as this host's engine gives it. A containerd store counts compressed and unpacked content: do not compare or add sizes of different stores. */
  readonly sizeBytes: Scalars['ByteCount']['output'];
  /** The tags that point at it on this host, sorted. */
  readonly tags: ReadonlyArray<Tag>;
  /** Unpacked bytes of its layers that no other image on this host has: what removing it here would free. A containerd store frees the compressed content of those layers as well. Null where layer sizes are not known. */
  readonly uniqueBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** A page of images as hosts hold them. */
export type HostImageConnection = {
  readonly __typename?: 'HostImageConnection';
  /** The images with their cursors. */
  readonly edges: ReadonlyArray<HostImageEdge>;
  /** The images. */
  readonly nodes: ReadonlyArray<HostImage>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many match on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A host's image in a page. */
export type HostImageEdge = {
  readonly __typename?: 'HostImageEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The image as the host holds it. */
  readonly node: HostImage;
};

/** An order of hosts. */
export type HostOrder = {
  /** Which way. */
  readonly direction: OrderDirection;
  /** What to order by. */
  readonly field: HostOrderField;
};

/** What hosts can be ordered by. */
export type HostOrderField =
  /** How many images they hold. */
  | 'IMAGE_COUNT'
  /** Their ping time; hosts without one come last. */
  | 'LATENCY'
  /** The name. */
  | 'NAME';

/** How far dockgraph is with a host. In every state the last known inventory is served. */
export type HostState =
  /** The first try to reach it is under way. */
  | 'CONNECTING'
  /** Its inventory is live: changes show within fractions of a second. */
  | 'ONLINE'
  /** It was reached and is being listed. */
  | 'SYNCING'
  /** A certificate, a key or a permission was refused; `error` says which. It is tried again by itself. */
  | 'UNAUTHORIZED'
  /** The last try to reach it failed; `error` says why. It is tried again by itself. */
  | 'UNREACHABLE';

/** How many hosts are in a state. */
export type HostStateCount = {
  readonly __typename?: 'HostStateCount';
  /** How many hosts are in it. */
  readonly count: Scalars['Int']['output'];
  /** The state. */
  readonly state: HostState;
};

/** An image as content: it exists once in the fleet, however many hosts hold it. Two hosts hold the same image when platform, layers and configuration are equal, even where their stores use different IDs for it. */
export type Image = Node & {
  readonly __typename?: 'Image';
  /** Processor architecture in Go's words, such as `arm64`; null while no engine has told. */
  readonly architecture: Maybe<Scalars['String']['output']>;
  /** Who made it, as the image says; null where it does not. */
  readonly author: Maybe<Scalars['String']['output']>;
  /** The comment that it was committed or imported with; null where there is none. */
  readonly comment: Maybe<Scalars['String']['output']>;
  /** What containers of this image start with; null while no engine has told. */
  readonly config: Maybe<ImageConfig>;
  /** When the image was made; null where it does not say. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The image's ID, `sha256:…`: the digest of its configuration where a host with a classic store (or podman) holds it, else the ID that a containerd store uses. */
  readonly digest: Scalars['String']['output'];
  /** Every ID that engines of the fleet use for this image, sorted. */
  readonly engineIds: ReadonlyArray<Scalars['String']['output']>;
  /** How it was made, oldest step first; null while no engine has told. */
  readonly history: Maybe<ReadonlyArray<HistoryEntry>>;
  /** The hosts that hold it, each with what it holds. */
  readonly hosts: HostImageConnection;
  /** The global ID. */
  readonly id: Scalars['ID']['output'];
  /** Its layers from the bottom up; null while no engine has told. */
  readonly layers: Maybe<ReadonlyArray<Layer>>;
  /** Operating system, such as `linux`; null while no engine has told. */
  readonly os: Maybe<Scalars['String']['output']>;
  /** Its `name@digest` references on all hosts, sorted: where it was pulled from or pushed to. */
  readonly repoDigests: ReadonlyArray<Scalars['String']['output']>;
  /** The first 12 hexadecimal digits of `digest`, as docker prints them. */
  readonly shortId: Scalars['String']['output'];
  /** Unpacked bytes of all its layers; where an engine does not tell them layer by layer, the size that the engine gives. */
  readonly sizeBytes: Scalars['ByteCount']['output'];
  /** All tags that point at it on any host, sorted. */
  readonly tags: ReadonlyArray<Tag>;
  /** Variant of the architecture, such as `v8`; null where there is none. */
  readonly variant: Maybe<Scalars['String']['output']>;
};


/** An image as content: it exists once in the fleet, however many hosts hold it. Two hosts hold the same image when platform, layers and configuration are equal, even where their stores use different IDs for it. */
export type ImageHostsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
};

/** What containers of an image start with. */
export type ImageConfig = {
  readonly __typename?: 'ImageConfig';
  /** Default arguments or command. */
  readonly cmd: ReadonlyArray<Scalars['String']['output']>;
  /** The program that runs. */
  readonly entrypoint: ReadonlyArray<Scalars['String']['output']>;
  /** Environment variables, `NAME=value`. */
  readonly env: ReadonlyArray<Scalars['String']['output']>;
  /** Ports that it says it listens on, such as `80/tcp`, sorted. */
  readonly exposedPorts: ReadonlyArray<Scalars['String']['output']>;
  /** The health check; null where there is none. */
  readonly healthcheck: Maybe<Healthcheck>;
  /** Labels, sorted by key. */
  readonly labels: ReadonlyArray<Label>;
  /** The signal that stops it; null for the engine's default. */
  readonly stopSignal: Maybe<Scalars['String']['output']>;
  /** User and group, such as `1000:1000`; empty for root. */
  readonly user: Scalars['String']['output'];
  /** Directories that become volumes, sorted. */
  readonly volumes: ReadonlyArray<Scalars['String']['output']>;
  /** Working directory; empty for `/`. */
  readonly workingDir: Scalars['String']['output'];
};

/** A page of images. */
export type ImageConnection = {
  readonly __typename?: 'ImageConnection';
  /** The images with their cursors. */
  readonly edges: ReadonlyArray<ImageEdge>;
  /** The images. */
  readonly nodes: ReadonlyArray<Image>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many images match on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An image in a page. */
export type ImageEdge = {
  readonly __typename?: 'ImageEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The image. */
  readonly node: Image;
};

/** A change of what a host holds, found by comparing: it tells also what engines raise no event for, such as a tag that a load took from another image. */
export type ImageEvent = {
  readonly __typename?: 'ImageEvent';
  /** When dockgraph saw it. */
  readonly at: Scalars['DateTime']['output'];
  /** The host. */
  readonly host: Host;
  /** The image. */
  readonly image: Image;
  /** What happened. */
  readonly kind: ImageEventKind;
  /** How many events before this one were dropped because the reader was too slow: look anew when it is not 0. */
  readonly missed: Scalars['Int']['output'];
  /** For TAG_MOVED: the image that had the tag before. */
  readonly previous: Maybe<Image>;
  /** The tag, for the kinds that are about one. */
  readonly tag: Maybe<Tag>;
};

/** Which image events; all that is given must match. */
export type ImageEventFilter = {
  /** Only events on these hosts. */
  readonly hosts?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only events of these kinds. */
  readonly kinds?: InputMaybe<ReadonlyArray<ImageEventKind>>;
  /** Only events of images or tags that fit one of these globs, as in `ImageFilter.reference`. */
  readonly reference?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** What happened to an image on a host. */
export type ImageEventKind =
  /** The host holds an image that it did not hold before. */
  | 'ADDED'
  /** The host does not hold the image any more. */
  | 'REMOVED'
  /** The host has a tag that it did not have before. */
  | 'TAGGED'
  /** The host's tag points at another image than before: `previous`. */
  | 'TAG_MOVED'
  /** The host does not have the tag any more. */
  | 'UNTAGGED'
  /** No container uses the image any more. */
  | 'UNUSED'
  /** A container uses the image; none did before. */
  | 'USED';

/** Which images, in docker's words and a few for a fleet; all that is given must match. What can differ from host to host (tags, use) is looked at on the hosts in `hosts`, on all where that is not given; on one host (`Host.images`) on that host. */
export type ImageFilter = {
  /** Only images for this architecture: `arm64`, or with the system and variant as in `linux/arm64/v8`. */
  readonly architecture?: InputMaybe<Scalars['String']['input']>;
  /** Only images made before this one (a reference or ID). */
  readonly before?: InputMaybe<Scalars['String']['input']>;
  /** true: only images without a tag on at least one of the hosts; false: only images without such a host. */
  readonly dangling?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only images with this layer: a diff ID or chain ID. */
  readonly hasLayer?: InputMaybe<Scalars['String']['input']>;
  /** Only images that at least one of these hosts holds. */
  readonly hosts?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** true: only images that a container uses on at least one of the hosts; false: only images that none is known to use. */
  readonly inUse?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only images with all of these labels, each `key` or `key=value`. */
  readonly label?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only images larger than this. */
  readonly largerThan?: InputMaybe<Scalars['ByteCount']['input']>;
  /** Only images that at least so many hosts hold. */
  readonly minHosts?: InputMaybe<Scalars['Int']['input']>;
  /** Only images that at least one of these hosts does not hold. */
  readonly missingFrom?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only images with a tag that fits one of these globs: `nginx`, `nginx:1.*`, `registry:5000/team/*:prod`. A name without tag fits all its tags; `*` stops at `/`, `**` does not. */
  readonly reference?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only images made after this one (a reference or ID). */
  readonly since?: InputMaybe<Scalars['String']['input']>;
  /** Only images made before this time: RFC 3339, a date, a unix timestamp, or a duration back from now such as `24h` or `1h30m`. */
  readonly until?: InputMaybe<Scalars['String']['input']>;
};

/** An order of images. */
export type ImageOrder = {
  /** Which way. */
  readonly direction: OrderDirection;
  /** What to order by. */
  readonly field: ImageOrderField;
};

/** What images can be ordered by. */
export type ImageOrderField =
  /** When the image was made. */
  | 'CREATED_AT'
  /** How many hosts hold it. */
  | 'HOST_COUNT'
  /** Its alphabetically first tag; images without one come last. */
  | 'REFERENCE'
  /** Its size. */
  | 'SIZE';

/** How an engine stores images. It decides what its image IDs and sizes mean. */
export type ImageStore =
  /** Docker's own graph drivers: an image ID is the digest of the image's configuration. */
  | 'CLASSIC'
  /** The containerd image store: an image ID is the digest of a manifest or an index, sizes count compressed and unpacked content. */
  | 'CONTAINERD'
  /** Podman's store, through its Docker-compatible API. */
  | 'PODMAN';

/** A label: a name with a value, as docker has them on images and dockgraph on hosts. */
export type Label = {
  readonly __typename?: 'Label';
  /** The label's name, such as `org.opencontainers.image.source`. */
  readonly key: Scalars['String']['output'];
  /** The label's value; may be empty. */
  readonly value: Scalars['String']['output'];
};

/** One layer on all the layers below it: the unit that engines store, share between images and free. The same content on other layers is another layer with the same `diffId`. */
export type Layer = Node & {
  readonly __typename?: 'Layer';
  /** Digest of the layer together with all below it, `sha256:…`: OCI's chain ID, and what makes the layer one. */
  readonly chainId: Scalars['String']['output'];
  /** The instruction that made it; null where that is not known. */
  readonly createdBy: Maybe<Scalars['String']['output']>;
  /** Digest of the layer's uncompressed content, `sha256:…`. */
  readonly diffId: Scalars['String']['output'];
  /** The hosts that have it, alphabetically. */
  readonly hosts: HostConnection;
  /** The global ID. */
  readonly id: Scalars['ID']['output'];
  /** The images that have it. */
  readonly images: ImageConnection;
  /** Bytes that sharing saves: what the images that have it would take more, on all hosts, if each had a copy of its own. Null where the size is not known. */
  readonly savedBytes: Maybe<Scalars['ByteCount']['output']>;
  /** Unpacked bytes; null where engines do not tell. */
  readonly sizeBytes: Maybe<Scalars['ByteCount']['output']>;
};


/** One layer on all the layers below it: the unit that engines store, share between images and free. The same content on other layers is another layer with the same `diffId`. */
export type LayerHostsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
};


/** One layer on all the layers below it: the unit that engines store, share between images and free. The same content on other layers is another layer with the same `diffId`. */
export type LayerImagesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<ImageOrder>;
};

/** A page of layers. */
export type LayerConnection = {
  readonly __typename?: 'LayerConnection';
  /** The layers with their cursors. */
  readonly edges: ReadonlyArray<LayerEdge>;
  /** The layers. */
  readonly nodes: ReadonlyArray<Layer>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many layers match on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A layer in a page. */
export type LayerEdge = {
  readonly __typename?: 'LayerEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The layer. */
  readonly node: Layer;
};

/** Which layers; all that is given must match. */
export type LayerFilter = {
  /** Only layers with this content. */
  readonly diffId?: InputMaybe<Scalars['String']['input']>;
  /** Only layers that at least one of these hosts has. */
  readonly hosts?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only layers larger than this. */
  readonly largerThan?: InputMaybe<Scalars['ByteCount']['input']>;
  /** Only layers that at least so many hosts have. */
  readonly minHosts?: InputMaybe<Scalars['Int']['input']>;
  /** Only layers that at least so many images have. */
  readonly minImages?: InputMaybe<Scalars['Int']['input']>;
};

/** An order of layers. */
export type LayerOrder = {
  /** Which way. */
  readonly direction: OrderDirection;
  /** What to order by. */
  readonly field: LayerOrderField;
};

/** What layers can be ordered by. */
export type LayerOrderField =
  /** How many hosts have it. */
  | 'HOST_COUNT'
  /** How many images have it. */
  | 'IMAGE_COUNT'
  /** How many bytes sharing it saves. */
  | 'SAVED_BYTES'
  /** The unpacked size; layers without a known one count as 0. */
  | 'SIZE';

/** Anything with a global ID: `node(id)` finds it again. */
export type Node = {
  /** The global ID: opaque, stable, unique over all types. */
  readonly id: Scalars['ID']['output'];
};

/** Which way a list is ordered. */
export type OrderDirection =
  /** Smallest, oldest or alphabetically first comes first. */
  | 'ASC'
  /** Largest, newest or alphabetically last comes first. */
  | 'DESC';

/** Where a page lies in its list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Cursor of the page's last node: give it as `after` to page onwards. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  /** Whether more nodes follow this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether nodes come before this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the page's first node: give it as `before` to page backwards. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
};

/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type Query = {
  readonly __typename?: 'Query';
  /** All hosts together: counts and bytes. */
  readonly fleet: Fleet;
  /** The host of that name; an error NOT_FOUND when there is none. */
  readonly host: Maybe<Host>;
  /** The hosts; in alphabetical order by default. */
  readonly hosts: HostConnection;
  /** The image that `ref` names, by docker's rules and over all hosts: `name[:tag]`, `name@digest`, a full ID or a unique beginning of one. An error NOT_FOUND when there is none, AMBIGUOUS_REFERENCE (with `extensions.candidates`) when there are several, as for a tag that has drifted. */
  readonly image: Maybe<Image>;
  /** The images of the fleet, each once. */
  readonly images: ImageConnection;
  /** The layer with this chain ID, or with this diff ID where only one has it. An error NOT_FOUND or AMBIGUOUS_REFERENCE otherwise. */
  readonly layer: Maybe<Layer>;
  /** The layers of the fleet, each once. */
  readonly layers: LayerConnection;
  /** The object with this global ID; null when it is not there (any more). */
  readonly node: Maybe<Node>;
  /** The objects with these global IDs, in the same order; null for each that is not there. At most 100 IDs. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /** The tag that `ref` names (`latest` where it names none); an error NOT_FOUND when no host has it. */
  readonly tag: Maybe<Tag>;
  /** The tags of the fleet, each once. */
  readonly tags: TagConnection;
  /** Who is asking. */
  readonly viewer: Viewer;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryHostArgs = {
  name: Scalars['String']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryHostsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<HostFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<HostOrder>;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryImageArgs = {
  ref: Scalars['String']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryImagesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<ImageFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<ImageOrder>;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryLayerArgs = {
  digest: Scalars['String']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryLayersArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<LayerFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<LayerOrder>;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryTagArgs = {
  ref: Scalars['String']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryTagsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<TagFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
  orderBy: InputMaybe<TagOrder>;
};

/** What a registry has for a tag. */
export type RemoteTag = {
  readonly __typename?: 'RemoteTag';
  /** Digest of the manifest or index that the registry has. */
  readonly digest: Scalars['String']['output'];
  /** The host whose engine asked. */
  readonly host: Host;
  /** Media type of what the digest names. */
  readonly mediaType: Scalars['String']['output'];
  /** The platforms that the registry has it for, such as `linux/arm64/v8`; empty where it does not say. */
  readonly platforms: ReadonlyArray<Scalars['String']['output']>;
  /** Whether the host's image is what the registry has; null where the host has not pulled or pushed it under this name, so that it cannot be told. */
  readonly upToDate: Maybe<Scalars['Boolean']['output']>;
};

/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** A host each time its state, its error or its inventory changes. A slow reader gets the latest of each host. */
  readonly hostChanged: Host;
  /** Images and tags that come, go or move, on all hosts. What a host holds when it is first reached is no event. */
  readonly imageEvents: ImageEvent;
};


/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type SubscriptionHostChangedArgs = {
  hosts: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};


/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type SubscriptionImageEventsArgs = {
  filter: InputMaybe<ImageEventFilter>;
};

/** A tagged reference with everything that it points at, host by host. */
export type Tag = Node & {
  readonly __typename?: 'Tag';
  /** The different contents that it points at, the one on most hosts first: more than one is drift. */
  readonly contents: ReadonlyArray<TagContent>;
  /** Whether it points at different content (platform, layers, configuration) on different hosts. */
  readonly drifted: Scalars['Boolean']['output'];
  /** The reference as docker prints it, such as `nginx:1.25-alpine`. */
  readonly familiarName: Scalars['String']['output'];
  /** The global ID. */
  readonly id: Scalars['ID']['output'];
  /** The tag itself, such as `1.25-alpine`. */
  readonly name: Scalars['String']['output'];
  /** The reference spelt out, such as `docker.io/library/nginx:1.25-alpine`. */
  readonly reference: Scalars['String']['output'];
  /** The registry, such as `docker.io` or `registry:5000`. */
  readonly registry: Scalars['String']['output'];
  /** What the reference's registry has now, asked through the engine of `host` (by default any host that is ONLINE and has the tag). Null with an error when host or registry do not answer. */
  readonly remote: Maybe<RemoteTag>;
  /** The path within the registry, such as `library/nginx`. */
  readonly repository: Scalars['String']['output'];
  /** What it points at on each host that has it, in alphabetical order of hosts. */
  readonly targets: ReadonlyArray<TagTarget>;
  /** What the tag says of the system below the software, such as `alpine`, `slim` or `bookworm-slim`; null where it says nothing. Read off the name: nobody checked the content. */
  readonly variant: Maybe<Scalars['String']['output']>;
};


/** A tagged reference with everything that it points at, host by host. */
export type TagRemoteArgs = {
  host: InputMaybe<Scalars['String']['input']>;
};

/** A page of tags. */
export type TagConnection = {
  readonly __typename?: 'TagConnection';
  /** The tags with their cursors. */
  readonly edges: ReadonlyArray<TagEdge>;
  /** The tags. */
  readonly nodes: ReadonlyArray<Tag>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many tags match on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One of the contents that a tag points at. */
export type TagContent = {
  readonly __typename?: 'TagContent';
  /** The hosts on which the tag points at it, alphabetically. */
  readonly hosts: ReadonlyArray<Host>;
  /** The image. */
  readonly image: Image;
};

/** A tag in a page. */
export type TagEdge = {
  readonly __typename?: 'TagEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The tag. */
  readonly node: Tag;
};

/** Which tags; all that is given must match. */
export type TagFilter = {
  /** true: only tags that point at different content on different hosts; false: only those that do not. */
  readonly drifted?: InputMaybe<Scalars['Boolean']['input']>;
  /** Only tags that at least one of these hosts has. */
  readonly hosts?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only tags that at least one of these hosts does not have. */
  readonly missingFrom?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only tags that fit one of these globs, as in `ImageFilter.reference`. */
  readonly reference?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** An order of tags. */
export type TagOrder = {
  /** Which way. */
  readonly direction: OrderDirection;
  /** What to order by. */
  readonly field: TagOrderField;
};

/** What tags can be ordered by. */
export type TagOrderField =
  /** How many different contents it points at. */
  | 'CONTENT_COUNT'
  /** How many hosts have it. */
  | 'HOST_COUNT'
  /** The reference spelt out. */
  | 'REFERENCE';

/** What a tag points at on one host. */
export type TagTarget = {
  readonly __typename?: 'TagTarget';
  /** The host. */
  readonly host: Host;
  /** The image as this host holds it. */
  readonly hostImage: HostImage;
  /** The image. */
  readonly image: Image;
};

/** How a host's engine is reached. */
export type Transport =
  /** The engine's unix socket on another machine, through SSH. */
  | 'SSH'
  /** Plain HTTP over TCP. */
  | 'TCP'
  /** HTTP over TLS, usually with a client certificate. */
  | 'TLS'
  /** A unix socket on the machine that dockgraph runs on. */
  | 'UNIX';

/** Who is asking. */
export type Viewer = {
  readonly __typename?: 'Viewer';
  /** Whether the request came with a valid token. */
  readonly authenticated: Scalars['Boolean']['output'];
  /** The name of the bearer token that the request came with; `anonymous` where the server runs without tokens. */
  readonly name: Scalars['String']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( HostModel )
    | ( HostImageModel )
    | ( ImageModel )
    | ( LayerModel )
    | ( TagModel )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ByteCount: ResolverTypeWrapper<Scalars['ByteCount']['output']>;
  Container: ResolverTypeWrapper<ContainerModel>;
  ContainerConnection: ResolverTypeWrapper<Omit<ContainerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ContainerEdge']>, nodes: ReadonlyArray<ResolversTypes['Container']> }>;
  ContainerEdge: ResolverTypeWrapper<Omit<ContainerEdge, 'node'> & { node: ResolversTypes['Container'] }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DiskUsage: ResolverTypeWrapper<DiskUsageModel>;
  DiskUsageEntry: ResolverTypeWrapper<DiskUsageEntryModel>;
  Engine: ResolverTypeWrapper<EngineModel>;
  Fleet: ResolverTypeWrapper<FleetModel>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Healthcheck: ResolverTypeWrapper<HealthcheckModel>;
  HistoryEntry: ResolverTypeWrapper<HistoryEntryModel>;
  Host: ResolverTypeWrapper<HostModel>;
  HostConnection: ResolverTypeWrapper<Omit<HostConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['HostEdge']>, nodes: ReadonlyArray<ResolversTypes['Host']> }>;
  HostEdge: ResolverTypeWrapper<Omit<HostEdge, 'node'> & { node: ResolversTypes['Host'] }>;
  HostError: ResolverTypeWrapper<HostErrorModel>;
  HostFilter: ResolverTypeWrapper<HostFilter>;
  HostImage: ResolverTypeWrapper<HostImageModel>;
  HostImageConnection: ResolverTypeWrapper<Omit<HostImageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['HostImageEdge']>, nodes: ReadonlyArray<ResolversTypes['HostImage']> }>;
  HostImageEdge: ResolverTypeWrapper<Omit<HostImageEdge, 'node'> & { node: ResolversTypes['HostImage'] }>;
  HostOrder: ResolverTypeWrapper<HostOrder>;
  HostOrderField: ResolverTypeWrapper<HostOrderField>;
  HostState: ResolverTypeWrapper<HostState>;
  HostStateCount: ResolverTypeWrapper<HostStateCount>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Image: ResolverTypeWrapper<ImageModel>;
  ImageConfig: ResolverTypeWrapper<ImageConfigModel>;
  ImageConnection: ResolverTypeWrapper<Omit<ImageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ImageEdge']>, nodes: ReadonlyArray<ResolversTypes['Image']> }>;
  ImageEdge: ResolverTypeWrapper<Omit<ImageEdge, 'node'> & { node: ResolversTypes['Image'] }>;
  ImageEvent: ResolverTypeWrapper<ImageEventModel>;
  ImageEventFilter: ResolverTypeWrapper<ImageEventFilter>;
  ImageEventKind: ResolverTypeWrapper<ImageEventKind>;
  ImageFilter: ResolverTypeWrapper<ImageFilter>;
  ImageOrder: ResolverTypeWrapper<ImageOrder>;
  ImageOrderField: ResolverTypeWrapper<ImageOrderField>;
  ImageStore: ResolverTypeWrapper<ImageStore>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Label: ResolverTypeWrapper<Label>;
  Layer: ResolverTypeWrapper<LayerModel>;
  LayerConnection: ResolverTypeWrapper<Omit<LayerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['LayerEdge']>, nodes: ReadonlyArray<ResolversTypes['Layer']> }>;
  LayerEdge: ResolverTypeWrapper<Omit<LayerEdge, 'node'> & { node: ResolversTypes['Layer'] }>;
  LayerFilter: ResolverTypeWrapper<LayerFilter>;
  LayerOrder: ResolverTypeWrapper<LayerOrder>;
  LayerOrderField: ResolverTypeWrapper<LayerOrderField>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  OrderDirection: ResolverTypeWrapper<OrderDirection>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RemoteTag: ResolverTypeWrapper<RemoteTagModel>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tag: ResolverTypeWrapper<TagModel>;
  TagConnection: ResolverTypeWrapper<Omit<TagConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['TagEdge']>, nodes: ReadonlyArray<ResolversTypes['Tag']> }>;
  TagContent: ResolverTypeWrapper<TagContentModel>;
  TagEdge: ResolverTypeWrapper<Omit<TagEdge, 'node'> & { node: ResolversTypes['Tag'] }>;
  TagFilter: ResolverTypeWrapper<TagFilter>;
  TagOrder: ResolverTypeWrapper<TagOrder>;
  TagOrderField: ResolverTypeWrapper<TagOrderField>;
  TagTarget: ResolverTypeWrapper<TagTargetModel>;
  Transport: ResolverTypeWrapper<Transport>;
  Viewer: ResolverTypeWrapper<Viewer>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  ByteCount: Scalars['ByteCount']['output'];
  Container: ContainerModel;
  ContainerConnection: Omit<ContainerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ContainerEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Container']> };
  ContainerEdge: Omit<ContainerEdge, 'node'> & { node: ResolversParentTypes['Container'] };
  DateTime: Scalars['DateTime']['output'];
  DiskUsage: DiskUsageModel;
  DiskUsageEntry: DiskUsageEntryModel;
  Engine: EngineModel;
  Fleet: FleetModel;
  Float: Scalars['Float']['output'];
  Healthcheck: HealthcheckModel;
  HistoryEntry: HistoryEntryModel;
  Host: HostModel;
  HostConnection: Omit<HostConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['HostEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Host']> };
  HostEdge: Omit<HostEdge, 'node'> & { node: ResolversParentTypes['Host'] };
  HostError: HostErrorModel;
  HostFilter: HostFilter;
  HostImage: HostImageModel;
  HostImageConnection: Omit<HostImageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['HostImageEdge']>, nodes: ReadonlyArray<ResolversParentTypes['HostImage']> };
  HostImageEdge: Omit<HostImageEdge, 'node'> & { node: ResolversParentTypes['HostImage'] };
  HostOrder: HostOrder;
  HostStateCount: HostStateCount;
  ID: Scalars['ID']['output'];
  Image: ImageModel;
  ImageConfig: ImageConfigModel;
  ImageConnection: Omit<ImageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['ImageEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Image']> };
  ImageEdge: Omit<ImageEdge, 'node'> & { node: ResolversParentTypes['Image'] };
  ImageEvent: ImageEventModel;
  ImageEventFilter: ImageEventFilter;
  ImageFilter: ImageFilter;
  ImageOrder: ImageOrder;
  Int: Scalars['Int']['output'];
  Label: Label;
  Layer: LayerModel;
  LayerConnection: Omit<LayerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['LayerEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Layer']> };
  LayerEdge: Omit<LayerEdge, 'node'> & { node: ResolversParentTypes['Layer'] };
  LayerFilter: LayerFilter;
  LayerOrder: LayerOrder;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  RemoteTag: RemoteTagModel;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  Tag: TagModel;
  TagConnection: Omit<TagConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['TagEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Tag']> };
  TagContent: TagContentModel;
  TagEdge: Omit<TagEdge, 'node'> & { node: ResolversParentTypes['Tag'] };
  TagFilter: TagFilter;
  TagOrder: TagOrder;
  TagTarget: TagTargetModel;
  Viewer: Viewer;
};

export interface ByteCountScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['ByteCount'], any> {
  name: 'ByteCount';
}

export type ContainerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Container'] = ResolversParentTypes['Container']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  imageName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ContainerConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ContainerConnection'] = ResolversParentTypes['ContainerConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ContainerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Container']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ContainerEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ContainerEdge'] = ResolversParentTypes['ContainerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Container'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DiskUsageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DiskUsage'] = ResolversParentTypes['DiskUsage']> = {
  buildCache?: Resolver<ResolversTypes['DiskUsageEntry'], ParentType, ContextType>;
  containers?: Resolver<ResolversTypes['DiskUsageEntry'], ParentType, ContextType>;
  images?: Resolver<ResolversTypes['DiskUsageEntry'], ParentType, ContextType>;
  layersBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  volumes?: Resolver<ResolversTypes['DiskUsageEntry'], ParentType, ContextType>;
};

export type DiskUsageEntryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['DiskUsageEntry'] = ResolversParentTypes['DiskUsageEntry']> = {
  activeCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reclaimableBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EngineResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Engine'] = ResolversParentTypes['Engine']> = {
  apiVersion?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  architecture?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  cpus?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  imageStore?: Resolver<ResolversTypes['ImageStore'], ParentType, ContextType>;
  insecureRegistries?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  memoryBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  operatingSystem?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  os?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  registryMirrors?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  storageDriver?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type FleetResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Fleet'] = ResolversParentTypes['Fleet']> = {
  danglingImageCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  driftedTagCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  hostCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  hostImageCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  hostsByState?: Resolver<ReadonlyArray<ResolversTypes['HostStateCount']>, ParentType, ContextType>;
  imageCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  layerCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  logicalBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  oldestInventoryAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  storedBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  tagCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  uniqueBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  unusedImageCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type HealthcheckResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Healthcheck'] = ResolversParentTypes['Healthcheck']> = {
  intervalMs?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  retries?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  startPeriodMs?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  test?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  timeoutMs?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type HistoryEntryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HistoryEntry'] = ResolversParentTypes['HistoryEntry']> = {
  comment?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  createdBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  emptyLayer?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
};

export type HostResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Host'] = ResolversParentTypes['Host']> = {
  containers?: Resolver<Maybe<ResolversTypes['ContainerConnection']>, ParentType, ContextType, Partial<HostContainersArgs>>;
  diskUsage?: Resolver<Maybe<ResolversTypes['DiskUsage']>, ParentType, ContextType>;
  endpoint?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  engine?: Resolver<Maybe<ResolversTypes['Engine']>, ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['HostError']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType, RequireFields<HostImageArgs, 'ref'>>;
  images?: Resolver<ResolversTypes['HostImageConnection'], ParentType, ContextType, Partial<HostImagesArgs>>;
  inventoryAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  latencyMs?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  removedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['HostState'], ParentType, ContextType>;
  tags?: Resolver<ResolversTypes['TagConnection'], ParentType, ContextType, Partial<HostTagsArgs>>;
  transport?: Resolver<ResolversTypes['Transport'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type HostConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostConnection'] = ResolversParentTypes['HostConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['HostEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Host']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type HostEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostEdge'] = ResolversParentTypes['HostEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
};

export type HostErrorResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostError'] = ResolversParentTypes['HostError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type HostImageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostImage'] = ResolversParentTypes['HostImage']> = {
  containerCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  containers?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Container']>>, ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  dangling?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  host?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  image?: Resolver<ResolversTypes['Image'], ParentType, ContextType>;
  inUse?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  repoDigests?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  sharedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['Tag']>, ParentType, ContextType>;
  uniqueBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type HostImageConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostImageConnection'] = ResolversParentTypes['HostImageConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['HostImageEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['HostImage']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type HostImageEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostImageEdge'] = ResolversParentTypes['HostImageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['HostImage'], ParentType, ContextType>;
};

export type HostStateCountResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['HostStateCount'] = ResolversParentTypes['HostStateCount']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['HostState'], ParentType, ContextType>;
};

export type ImageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Image'] = ResolversParentTypes['Image']> = {
  architecture?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  author?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  comment?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  config?: Resolver<Maybe<ResolversTypes['ImageConfig']>, ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  engineIds?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  history?: Resolver<Maybe<ReadonlyArray<ResolversTypes['HistoryEntry']>>, ParentType, ContextType>;
  hosts?: Resolver<ResolversTypes['HostImageConnection'], ParentType, ContextType, Partial<ImageHostsArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  layers?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Layer']>>, ParentType, ContextType>;
  os?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  repoDigests?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  shortId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['Tag']>, ParentType, ContextType>;
  variant?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ImageConfigResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImageConfig'] = ResolversParentTypes['ImageConfig']> = {
  cmd?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  entrypoint?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  env?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  exposedPorts?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  healthcheck?: Resolver<Maybe<ResolversTypes['Healthcheck']>, ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  stopSignal?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  user?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  volumes?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  workingDir?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ImageConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImageConnection'] = ResolversParentTypes['ImageConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ImageEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Image']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ImageEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImageEdge'] = ResolversParentTypes['ImageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Image'], ParentType, ContextType>;
};

export type ImageEventResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImageEvent'] = ResolversParentTypes['ImageEvent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  host?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
  image?: Resolver<ResolversTypes['Image'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['ImageEventKind'], ParentType, ContextType>;
  missed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  previous?: Resolver<Maybe<ResolversTypes['Image']>, ParentType, ContextType>;
  tag?: Resolver<Maybe<ResolversTypes['Tag']>, ParentType, ContextType>;
};

export type LabelResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Label'] = ResolversParentTypes['Label']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type LayerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Layer'] = ResolversParentTypes['Layer']> = {
  chainId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdBy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  diffId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hosts?: Resolver<ResolversTypes['HostConnection'], ParentType, ContextType, Partial<LayerHostsArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  images?: Resolver<ResolversTypes['ImageConnection'], ParentType, ContextType, Partial<LayerImagesArgs>>;
  savedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  sizeBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type LayerConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LayerConnection'] = ResolversParentTypes['LayerConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['LayerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Layer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type LayerEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LayerEdge'] = ResolversParentTypes['LayerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Layer'], ParentType, ContextType>;
};

export type NodeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Host' | 'HostImage' | 'Image' | 'Layer' | 'Tag', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  fleet?: Resolver<ResolversTypes['Fleet'], ParentType, ContextType>;
  host?: Resolver<Maybe<ResolversTypes['Host']>, ParentType, ContextType, RequireFields<QueryHostArgs, 'name'>>;
  hosts?: Resolver<ResolversTypes['HostConnection'], ParentType, ContextType, Partial<QueryHostsArgs>>;
  image?: Resolver<Maybe<ResolversTypes['Image']>, ParentType, ContextType, RequireFields<QueryImageArgs, 'ref'>>;
  images?: Resolver<ResolversTypes['ImageConnection'], ParentType, ContextType, Partial<QueryImagesArgs>>;
  layer?: Resolver<Maybe<ResolversTypes['Layer']>, ParentType, ContextType, RequireFields<QueryLayerArgs, 'digest'>>;
  layers?: Resolver<ResolversTypes['LayerConnection'], ParentType, ContextType, Partial<QueryLayersArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  tag?: Resolver<Maybe<ResolversTypes['Tag']>, ParentType, ContextType, RequireFields<QueryTagArgs, 'ref'>>;
  tags?: Resolver<ResolversTypes['TagConnection'], ParentType, ContextType, Partial<QueryTagsArgs>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type RemoteTagResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RemoteTag'] = ResolversParentTypes['RemoteTag']> = {
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  host?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
  mediaType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  platforms?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  upToDate?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  hostChanged?: SubscriptionResolver<ResolversTypes['Host'], "hostChanged", ParentType, ContextType, Partial<SubscriptionHostChangedArgs>>;
  imageEvents?: SubscriptionResolver<ResolversTypes['ImageEvent'], "imageEvents", ParentType, ContextType, Partial<SubscriptionImageEventsArgs>>;
};

export type TagResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Tag'] = ResolversParentTypes['Tag']> = {
  contents?: Resolver<ReadonlyArray<ResolversTypes['TagContent']>, ParentType, ContextType>;
  drifted?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  familiarName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  registry?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  remote?: Resolver<Maybe<ResolversTypes['RemoteTag']>, ParentType, ContextType, Partial<TagRemoteArgs>>;
  repository?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  targets?: Resolver<ReadonlyArray<ResolversTypes['TagTarget']>, ParentType, ContextType>;
  variant?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TagConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagConnection'] = ResolversParentTypes['TagConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['TagEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Tag']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type TagContentResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagContent'] = ResolversParentTypes['TagContent']> = {
  hosts?: Resolver<ReadonlyArray<ResolversTypes['Host']>, ParentType, ContextType>;
  image?: Resolver<ResolversTypes['Image'], ParentType, ContextType>;
};

export type TagEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagEdge'] = ResolversParentTypes['TagEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Tag'], ParentType, ContextType>;
};

export type TagTargetResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagTarget'] = ResolversParentTypes['TagTarget']> = {
  host?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
  hostImage?: Resolver<ResolversTypes['HostImage'], ParentType, ContextType>;
  image?: Resolver<ResolversTypes['Image'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  authenticated?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  ByteCount?: GraphQLScalarType;
  Container?: ContainerResolvers<ContextType>;
  ContainerConnection?: ContainerConnectionResolvers<ContextType>;
  ContainerEdge?: ContainerEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DiskUsage?: DiskUsageResolvers<ContextType>;
  DiskUsageEntry?: DiskUsageEntryResolvers<ContextType>;
  Engine?: EngineResolvers<ContextType>;
  Fleet?: FleetResolvers<ContextType>;
  Healthcheck?: HealthcheckResolvers<ContextType>;
  HistoryEntry?: HistoryEntryResolvers<ContextType>;
  Host?: HostResolvers<ContextType>;
  HostConnection?: HostConnectionResolvers<ContextType>;
  HostEdge?: HostEdgeResolvers<ContextType>;
  HostError?: HostErrorResolvers<ContextType>;
  HostImage?: HostImageResolvers<ContextType>;
  HostImageConnection?: HostImageConnectionResolvers<ContextType>;
  HostImageEdge?: HostImageEdgeResolvers<ContextType>;
  HostStateCount?: HostStateCountResolvers<ContextType>;
  Image?: ImageResolvers<ContextType>;
  ImageConfig?: ImageConfigResolvers<ContextType>;
  ImageConnection?: ImageConnectionResolvers<ContextType>;
  ImageEdge?: ImageEdgeResolvers<ContextType>;
  ImageEvent?: ImageEventResolvers<ContextType>;
  Label?: LabelResolvers<ContextType>;
  Layer?: LayerResolvers<ContextType>;
  LayerConnection?: LayerConnectionResolvers<ContextType>;
  LayerEdge?: LayerEdgeResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RemoteTag?: RemoteTagResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tag?: TagResolvers<ContextType>;
  TagConnection?: TagConnectionResolvers<ContextType>;
  TagContent?: TagContentResolvers<ContextType>;
  TagEdge?: TagEdgeResolvers<ContextType>;
  TagTarget?: TagTargetResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
};


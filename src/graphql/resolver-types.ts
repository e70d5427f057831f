import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { HostRecord as HostModel, Fleet as FleetModel } from '../fleet/fleet.ts';
import type { ImageRecord as ImageModel, HostImageRecord as HostImageModel, LayerRecord as LayerModel, TagRecord as TagModel, LayerRecord as TransferPlanLayerModel } from '../fleet/records.ts';
import type { EngineInfo as EngineModel, DiskUsage as DiskUsageModel, DiskUsageEntry as DiskUsageEntryModel, ImageConfig as ImageConfigModel, Healthcheck as HealthcheckModel, HistoryEntry as HistoryEntryModel } from '../engine/engine.ts';
import type { HostError as HostErrorModel } from '../fleet/host-monitor.ts';
import type { ContainerModel } from './host/container-model.ts';
import type { TagTargetModel, TagContentModel, RemoteTagModel } from './tag/tag-models.ts';
import type { RegistryClient as RegistryModel } from '../registry/registry-client.ts';
import type { RepositoryModel, RegistryTagModel, RepositoryPageModel, RegistryTagPageModel } from './registry/registry-models.ts';
import type { OperationSnapshot as OperationModel } from '../operations/operation-snapshot.ts';
import type { OperationPageModel, TaskModel, PullResultModel, PulledReferenceModel, PushResultModel, TagResultModel, UntagResultModel, RemoveResultModel, CommitResultModel, ImportResultModel, BuildResultModel, CheckResultModel, RefreshResultModel, PruneResultModel } from './operation/operation-models.ts';
import type { TaskProgress as TaskProgressModel, TaskError as TaskErrorModel, PartProgress as LayerProgressModel } from '../operations/operation.ts';
import type { PrunePlan as PrunePlanModel, PrunePlanHost as PrunePlanHostModel, PlannedImage as PlannedImageModel } from '../fleet/prune-plan.ts';
import type { TransferPlan as TransferPlanModel, PlannedImage as TransferPlanImageModel, TransferPlanTarget as TransferPlanTargetModel, PlannedTransferCopy as TransferPlanCopyModel } from '../transfer/transfer-plan.ts';
import type { TagConflictModel, TransferResultModel, TransferredImageModel, MovedTagModel } from './transfer/transfer-models.ts';
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
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
};

/** A value for an `ARG` of a Dockerfile. */
export type BuildArgument = {
  /** The argument's name. */
  readonly name: Scalars['String']['input'];
  /** Its value. */
  readonly value: Scalars['String']['input'];
};

/** Where the files of a build are: exactly one way of saying it. */
export type BuildContext =
  /** The text of a Dockerfile, up to 256 KiB: it is the only file in the context. */
  { readonly dockerfile: Scalars['String']['input']; readonly upload?: never; readonly url?: never; }
  |  /** A tar, plain or compressed, that was sent ahead: the `id` that `POST /uploads` answered. It must be yours. */
  { readonly dockerfile?: never; readonly upload: Scalars['ID']['input']; readonly url?: never; }
  |  /** A Git repository (`https://….git#branch:folder` or `git://…`), a tar, or a single Dockerfile, which each host fetches. The gateway's setting DOCKGRAPH_IMPORT_URLS must allow it. It is stored with the operation: no user name or password may be in it. */
  { readonly dockerfile?: never; readonly upload?: never; readonly url: Scalars['String']['input']; };

/** What `buildImage` is told. */
export type BuildImageInput = {
  /** Values for the Dockerfile's `ARG` instructions, at most 100. Not for secrets: they are stored with the operation, and engines keep them in the image's history. */
  readonly buildArgs?: InputMaybe<ReadonlyArray<BuildArgument>>;
  /** Where the files of the build are. */
  readonly context: BuildContext;
  /** Credentials for the registries of the images that the Dockerfile builds on, for this operation only: they are never stored. Where none are given, the gateway's own are used. The classic builder gets those only for what an inline Dockerfile names; BuildKit asks for what it needs. */
  readonly credentials?: InputMaybe<ReadonlyArray<RegistryCredentials>>;
  /** Path of the Dockerfile in the context; `Dockerfile` when not given. Not with an inline one. */
  readonly dockerfilePath?: InputMaybe<Scalars['String']['input']>;
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Labels for the new image, beside those of the Dockerfile. At most 100. */
  readonly labels?: InputMaybe<ReadonlyArray<LabelInput>>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** The network of `RUN` steps: `none`, `host`, `bridge` or a network's name; the host's default when not given. BuildKit takes no network's name: the classic builder is used then. */
  readonly networkMode?: InputMaybe<Scalars['String']['input']>;
  /** Runs every step again, whatever the host has in its cache. */
  readonly noCache: Scalars['Boolean']['input'];
  /** The platform to build for, such as `linux/arm64/v8`; the host's own when not given. */
  readonly platform?: InputMaybe<Scalars['String']['input']>;
  /** Pulls the images that the Dockerfile builds on, also where the host has them. */
  readonly pull: Scalars['Boolean']['input'];
  /** Tags for the new image, such as `team/app:2`. At most 50. */
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The stage of the Dockerfile to end with; the last one when not given. */
  readonly target?: InputMaybe<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `buildImage` answers. */
export type BuildImagePayload = {
  readonly __typename?: 'BuildImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a build made on one host. */
export type BuildImageResult = {
  readonly __typename?: 'BuildImageResult';
  /** What built it; null where the gateway was started anew meanwhile. */
  readonly builder: Maybe<ImageBuilder>;
  /** How many steps were taken from the host's cache, beside base images; null where the gateway was started anew meanwhile. */
  readonly cachedSteps: Maybe<Scalars['Int']['output']>;
  /** ID of the image on the host: its name where it has no other. */
  readonly engineId: Scalars['String']['output'];
  /** The image on the host now; null when it has gone since, or the host does not list it. */
  readonly image: Maybe<HostImage>;
  /** How many steps the build has, as its builder counts them: the classic one counts every instruction, BuildKit those that work on files, in the stages that it needs; null where the gateway was started anew meanwhile. */
  readonly steps: Maybe<Scalars['Int']['output']>;
};

/** What `cancelOperation` is told. */
export type CancelOperationInput = {
  /** The operation's global ID. */
  readonly id: Scalars['ID']['input'];
};

/** What `cancelOperation` answers. */
export type CancelOperationPayload = {
  readonly __typename?: 'CancelOperationPayload';
  /** The operation as it is now. */
  readonly operation: Operation;
};

/** What `checkRegistryCredentials` is told. */
export type CheckRegistryCredentialsInput = {
  /** The credentials to check, for this operation only: they are never stored. Without them those of the gateway are checked, which pulls and pushes use. */
  readonly credentials?: InputMaybe<ReadonlyArray<RegistryCredentials>>;
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts whose engines ask the registries. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** The registries as they stand in references, such as `registry:5000` or `docker.io`. At most 20. */
  readonly registries: ReadonlyArray<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `checkRegistryCredentials` answers. */
export type CheckRegistryCredentialsPayload = {
  readonly __typename?: 'CheckRegistryCredentialsPayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a check of credentials found on one host: all registries took them. */
export type CheckRegistryCredentialsResult = {
  readonly __typename?: 'CheckRegistryCredentialsResult';
  /** Each registry with whose credentials it took. */
  readonly checked: ReadonlyArray<CheckedRegistry>;
};

/** A registry that took credentials. */
export type CheckedRegistry = {
  readonly __typename?: 'CheckedRegistry';
  /** Whether the credentials came with the request; else they are the gateway's own. */
  readonly fromRequest: Scalars['Boolean']['output'];
  /** The registry, such as `registry:5000`. */
  readonly registry: Scalars['String']['output'];
};

/** What `commitContainer` is told. */
export type CommitContainerInput = {
  /** Who made the image, such as `Jo <jo@example.com>`. */
  readonly author?: InputMaybe<Scalars['String']['input']>;
  /** Dockerfile instructions for the image's configuration, such as `ENV A=b` or `CMD ["sh"]`. At most 100. */
  readonly changes?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The container: its name or ID. */
  readonly container: Scalars['String']['input'];
  /** The name of the host that has the container. */
  readonly host: Scalars['String']['input'];
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** A comment that the image keeps. */
  readonly message?: InputMaybe<Scalars['String']['input']>;
  /** Whether the container stands still meanwhile. */
  readonly pause: Scalars['Boolean']['input'];
  /** Name for the new image, such as `team/app:1`; `latest` where it has no tag. Without it the image has only its ID. */
  readonly reference?: InputMaybe<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `commitContainer` answers. */
export type CommitContainerPayload = {
  readonly __typename?: 'CommitContainerPayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a commit made. */
export type CommitContainerResult = {
  readonly __typename?: 'CommitContainerResult';
  /** ID of the image on the host: its name where it has no other. */
  readonly engineId: Scalars['String']['output'];
  /** The image on the host now; null when it has gone since, or the host does not list it. */
  readonly image: Maybe<HostImage>;
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

/** Which hosts an operation acts on: exactly one way of saying it. */
export type HostSelector =
  /** All hosts: give true. */
  { readonly all: Scalars['Boolean']['input']; readonly labels?: never; readonly names?: never; }
  |  /** The hosts whose labels fit this selector: terms `key=value`, `key!=value`, `key` (has it) and `!key`, joined by commas. */
  { readonly all?: never; readonly labels: Scalars['String']['input']; readonly names?: never; }
  |  /** The hosts with these names. */
  { readonly all?: never; readonly labels?: never; readonly names: ReadonlyArray<Scalars['String']['input']>; };

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

/** What builds images in an engine. */
export type ImageBuilder =
  /** BuildKit, the builder of `docker build`. */
  | 'BUILDKIT'
  /** The older builder, as `docker build` with `DOCKER_BUILDKIT=0`: on Windows, on engines that say so, for steps on a network of a name, for a folder of a Git repository on engines before 23.0, and behind proxies that let no session of BuildKit pass. */
  | 'CLASSIC';

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

/** An image that a search found. */
export type ImageSearchResult = {
  readonly __typename?: 'ImageSearchResult';
  /** What its owner says about it; may be empty. */
  readonly description: Scalars['String']['output'];
  /** The repository's name as it can be pulled, such as `nginx` or `bitnami/nginx`. */
  readonly name: Scalars['String']['output'];
  /** Whether it is one of Docker's official images. */
  readonly official: Scalars['Boolean']['output'];
  /** How many stars it has. */
  readonly stars: Scalars['Int']['output'];
};

/** How an engine stores images. It decides what its image IDs and sizes mean. */
export type ImageStore =
  /** Docker's own graph drivers: an image ID is the digest of the image's configuration. */
  | 'CLASSIC'
  /** The containerd image store: an image ID is the digest of a manifest or an index, sizes count compressed and unpacked content. */
  | 'CONTAINERD'
  /** Podman's store, through its Docker-compatible API. */
  | 'PODMAN';

/** What `importImage` is told. */
export type ImportImageInput = {
  /** Dockerfile instructions for the image's configuration, such as `ENV A=b` or `CMD ["sh"]`. At most 100. */
  readonly changes?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** A comment that the image keeps; where it is from when not given. */
  readonly message?: InputMaybe<Scalars['String']['input']>;
  /** The platform that the image is said to be for, such as `linux/arm64`; the host's own when not given. */
  readonly platform?: InputMaybe<Scalars['String']['input']>;
  /** Name for the new image, such as `team/app:1`; `latest` where it has no tag. Without it the image has only its ID. */
  readonly reference?: InputMaybe<Scalars['String']['input']>;
  /** A tar, plain or compressed, that was sent ahead: the `id` that `POST /uploads` answered. It must be yours. Not with `url`. */
  readonly upload?: InputMaybe<Scalars['ID']['input']>;
  /** Where the tar is, plain or compressed: an HTTP or HTTPS URL, which engines fetch and follow redirects of. It is stored with the operation, and by engines in the image: no user name or password may be in it. Not with `upload`. */
  readonly url?: InputMaybe<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `importImage` answers. */
export type ImportImagePayload = {
  readonly __typename?: 'ImportImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What an import made on one host. */
export type ImportImageResult = {
  readonly __typename?: 'ImportImageResult';
  /** ID of the image on the host: its name where it has no other. */
  readonly engineId: Scalars['String']['output'];
  /** The image on the host now; null when it has gone since, or the host does not list it. */
  readonly image: Maybe<HostImage>;
};

/** A label: a name with a value, as docker has them on images and dockgraph on hosts. */
export type Label = {
  readonly __typename?: 'Label';
  /** The label's name, such as `org.opencontainers.image.source`. */
  readonly key: Scalars['String']['output'];
  /** The label's value; may be empty. */
  readonly value: Scalars['String']['output'];
};

/** A label for an image. */
export type LabelInput = {
  /** The label's name. */
  readonly key: Scalars['String']['input'];
  /** Its value; may be empty. */
  readonly value: Scalars['String']['input'];
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

/** How far one layer is. */
export type LayerProgress = {
  readonly __typename?: 'LayerProgress';
  /** Bytes done; null where the engine does not tell. */
  readonly currentBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The layer's short ID, as docker prints it. */
  readonly id: Scalars['String']['output'];
  /** The engine's words, such as `Downloading`, `Extracting`, `Pull complete` or `Already exists`. */
  readonly status: Scalars['String']['output'];
  /** Bytes in all; null where the engine does not tell. */
  readonly totalBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** A tag that moved from one image to another. */
export type MovedTag = {
  readonly __typename?: 'MovedTag';
  /** The ID of the image that had it, as the target's engine names it. */
  readonly previousEngineId: Scalars['String']['output'];
  /** The tag as docker prints it. */
  readonly tag: Scalars['String']['output'];
};

/** All changes. Each starts an operation, which is stored before it is answered. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Builds an image on each host, as `docker build`: with BuildKit where the engine has it, else with the classic builder. What the build prints is in `logTail` as it comes. */
  readonly buildImage: BuildImagePayload;
  /** Stops an operation: queued hosts are left out, hosts at work stop on the engine. What was half done is said. */
  readonly cancelOperation: CancelOperationPayload;
  /** Asks registries through each host whether they take credentials, as `docker login`, but keeps nothing: neither the gateway nor the host has them afterwards. A registry that asks nobody for credentials takes all. */
  readonly checkRegistryCredentials: CheckRegistryCredentialsPayload;
  /** Makes an image of what a container has become, as `docker commit`. */
  readonly commitContainer: CommitContainerPayload;
  /** Makes an image of a root file system in a tar, as `docker import`: of an upload, or of what each host fetches. Error FORBIDDEN where the gateway's setting DOCKGRAPH_IMPORT_URLS does not allow the URL. */
  readonly importImage: ImportImagePayload;
  /** Removes unused images on each host, as `docker image prune`: those of a plan, or those that fit now. What a container uses stays, running or not, and so does what became used or was tagged since the plan; the result says so. */
  readonly pruneImages: PruneImagesPayload;
  /** Pulls images from their registries on each host, as `docker pull`. */
  readonly pullImage: PullImagePayload;
  /** Pushes images to their registries from each host, as `docker push`. */
  readonly pushImage: PushImagePayload;
  /** Looks at hosts anew at once, without waiting for events or a back-off. */
  readonly refreshHosts: RefreshHostsPayload;
  /** Removes images on each host, as `docker rmi`. */
  readonly removeImage: RemoveImagePayload;
  /** Runs the hosts of a final operation again that did not succeed. */
  readonly retryOperation: RetryOperationPayload;
  /** Gives an image more tags on each host, as `docker tag`. A tag that points at another image moves. */
  readonly tagImage: TagImagePayload;
  /** Copies images from one host to others, as `docker save` into `docker load` through the gateway, and without the layers that a target has. Each copy is proven whole before it gets its tags. */
  readonly transferImage: TransferImagePayload;
  /** Takes tags away on each host, as `docker rmi NAME:TAG`: an image that loses its last tag goes, unless `keepImage` is set. */
  readonly untagImage: UntagImagePayload;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationBuildImageArgs = {
  input: BuildImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationCancelOperationArgs = {
  input: CancelOperationInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationCheckRegistryCredentialsArgs = {
  input: CheckRegistryCredentialsInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationCommitContainerArgs = {
  input: CommitContainerInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationImportImageArgs = {
  input: ImportImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationPruneImagesArgs = {
  input: PruneImagesInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationPullImageArgs = {
  input: PullImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationPushImageArgs = {
  input: PushImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationRefreshHostsArgs = {
  input: RefreshHostsInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationRemoveImageArgs = {
  input: RemoveImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationRetryOperationArgs = {
  input: RetryOperationInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationTagImageArgs = {
  input: TagImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationTransferImageArgs = {
  input: TransferImageInput;
};


/** All changes. Each starts an operation, which is stored before it is answered. */
export type MutationUntagImageArgs = {
  input: UntagImageInput;
};

/** Anything with a global ID: `node(id)` finds it again. */
export type Node = {
  /** The global ID: opaque, stable, unique over all types. */
  readonly id: Scalars['ID']['output'];
};

/** A change to the fleet: one task for each host, stored before it is announced, kept for looking up later. */
export type Operation = Node & {
  readonly __typename?: 'Operation';
  /** When it was asked for. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Number of its latest change: it grows with each, over restarts too. Give it as `afterEvent` to a subscription to go on from here. */
  readonly event: Scalars['Float']['output'];
  /** When its last task ended; null before. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  /** The global ID. */
  readonly id: Scalars['ID']['output'];
  /** The key that makes a repeated request give this operation again; null where none was given. */
  readonly idempotencyKey: Maybe<Scalars['String']['output']>;
  /** What was asked for, without secrets, in the words of the mutation's input. */
  readonly input: Scalars['JSON']['output'];
  /** What it does. */
  readonly kind: OperationKind;
  /** The last lines that engines said, such as the output of a build; with the host's name before each where there are several hosts. */
  readonly logTail: ReadonlyArray<Scalars['String']['output']>;
  /** Who asked for it: the name of the bearer token. */
  readonly requestedBy: Scalars['String']['output'];
  /** When its first task started; null before. */
  readonly startedAt: Maybe<Scalars['DateTime']['output']>;
  /** Where it stands. */
  readonly state: OperationState;
  /** One task for each host, in the order in which they start. */
  readonly tasks: ReadonlyArray<Task>;
};


/** A change to the fleet: one task for each host, stored before it is announced, kept for looking up later. */
export type OperationLogTailArgs = {
  lines?: Scalars['Int']['input'];
};

/** A page of operations. */
export type OperationConnection = {
  readonly __typename?: 'OperationConnection';
  /** The operations with their cursors. */
  readonly edges: ReadonlyArray<OperationEdge>;
  /** The operations. */
  readonly nodes: ReadonlyArray<Operation>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many operations match on all pages. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An operation in a page. */
export type OperationEdge = {
  readonly __typename?: 'OperationEdge';
  /** The position, for `after` and `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The operation. */
  readonly node: Operation;
};

/** Which operations; all that is given must match. */
export type OperationFilter = {
  /** Only operations with a task on this host. */
  readonly host?: InputMaybe<Scalars['String']['input']>;
  /** Only operations of these kinds. */
  readonly kinds?: InputMaybe<ReadonlyArray<OperationKind>>;
  /** Only operations that this token's name asked for. */
  readonly requestedBy?: InputMaybe<Scalars['String']['input']>;
  /** Only operations in one of these states. */
  readonly states?: InputMaybe<ReadonlyArray<OperationState>>;
};

/** What an operation does. */
export type OperationKind =
  /** Builds images. */
  | 'BUILD_IMAGE'
  /** Checks credentials for registries. */
  | 'CHECK_REGISTRY_CREDENTIALS'
  /** Makes an image of a container. */
  | 'COMMIT_CONTAINER'
  /** Makes images of root file systems. */
  | 'IMPORT_IMAGE'
  /** Removes unused images. */
  | 'PRUNE_IMAGES'
  /** Pulls images from registries. */
  | 'PULL_IMAGE'
  /** Pushes images to registries. */
  | 'PUSH_IMAGE'
  /** Looks at hosts anew. */
  | 'REFRESH_HOSTS'
  /** Removes images. */
  | 'REMOVE_IMAGE'
  /** Gives an image more tags. */
  | 'TAG_IMAGE'
  /** Copies images between hosts. Its tasks are those of the targets. */
  | 'TRANSFER_IMAGE'
  /** Takes tags away; an image that loses its last one goes. */
  | 'UNTAG_IMAGE';

/** Where an operation stands. */
export type OperationState =
  /** It was cancelled before any host succeeded. */
  | 'CANCELLED'
  /** No host succeeded. */
  | 'FAILED'
  /** The gateway ended in the middle, and no host is known to have succeeded. */
  | 'INTERRUPTED'
  /** Some hosts succeeded, others did not. */
  | 'PARTIAL'
  /** Nothing of it has started. */
  | 'QUEUED'
  /** At least one host is at work. */
  | 'RUNNING'
  /** Every host succeeded. */
  | 'SUCCEEDED';

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

/** An image that would go, as it was when the plan was made. */
export type PlannedImage = {
  readonly __typename?: 'PlannedImage';
  /** When it was made, as the host says; null where it does not. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The ID that the host's engine uses for it. */
  readonly engineId: Scalars['String']['output'];
  /** The image on the host now; null when it has gone since. */
  readonly image: Maybe<HostImage>;
  /** The size as the host's engine gives it. */
  readonly sizeBytes: Scalars['ByteCount']['output'];
  /** Its tags as docker prints them; none where it is dangling. */
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  /** Unpacked bytes of its layers that no other image on the host has; null where layer sizes are not known. */
  readonly uniqueBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** What `pruneImages` is told: either `plan`, or `hosts` with what is to go there; all that is given must hold for an image to go. */
export type PruneImagesInput = {
  /** true: all images that no container uses; false: only those of them that have no tag. */
  readonly all: Scalars['Boolean']['input'];
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. Each is looked at anew, and what fits then goes. */
  readonly hosts?: InputMaybe<HostSelector>;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely, also when the plan has expired since. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Keeps the newest images of each repository on each host, this many at least: images of one age are not told apart. Images that are used count. At least 1. */
  readonly keepNewest?: InputMaybe<Scalars['Int']['input']>;
  /** Only images with all of these labels, each `key` or `key=value`. At most 20. */
  readonly label?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** No images with one of these labels, each `key` or `key=value`. At most 20. */
  readonly labelNot?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** The ID of a plan: exactly its images go, on its hosts. Then nothing else may be said of hosts or images. */
  readonly plan?: InputMaybe<Scalars['ID']['input']>;
  /** Only images whose tags all fit one of these globs, as in `ImageFilter.reference`; images without a tag go by what they were pulled as. */
  readonly reference?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only images made before this time: RFC 3339, a date, a unix timestamp, or a duration back from when the host is looked at, such as `24h` or `1h30m`. */
  readonly until?: InputMaybe<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `pruneImages` answers. */
export type PruneImagesPayload = {
  readonly __typename?: 'PruneImagesPayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a prune did on one host. */
export type PruneImagesResult = {
  readonly __typename?: 'PruneImagesResult';
  /** IDs of the images, and on some engines of the layers, that are gone. */
  readonly deleted: ReadonlyArray<Scalars['String']['output']>;
  /** Unpacked bytes of layers that no image on the host has any more; null where that is not known. */
  readonly freedBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The images that were to go and stayed, with why. */
  readonly skipped: ReadonlyArray<SkippedImage>;
  /** The references that were taken away. */
  readonly untagged: ReadonlyArray<Scalars['String']['output']>;
};

/** What a prune would do. Kept in the gateway's memory for 15 minutes; then, or after a restart, applying it is an error NOT_FOUND. */
export type PrunePlan = {
  readonly __typename?: 'PrunePlan';
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** When it can be applied no longer, if newer plans do not take its place before. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Each host with what would go there. */
  readonly hosts: ReadonlyArray<PrunePlanHost>;
  /** The ID, for `PruneImagesInput.plan`. */
  readonly id: Scalars['ID']['output'];
  /** What all hosts together would have free; null where one of them does not know. */
  readonly totalFreedBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** What a prune would do on one host. */
export type PrunePlanHost = {
  readonly __typename?: 'PrunePlanHost';
  /** Unpacked bytes that would be free: layers that several of the images share count once, layers that other images hold not at all. A containerd store frees the compressed content as well. Null where layer sizes are not known. */
  readonly freedBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The host; null when it is not configured any more. */
  readonly host: Maybe<Host>;
  /** The host's name. */
  readonly hostName: Scalars['String']['output'];
  /** The images that would go, in this order. */
  readonly images: ReadonlyArray<PlannedImage>;
  /** Why nothing is planned for the host, such as that it is unreachable and nobody knows what it uses; null where it could be looked at. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

/** What `prunePlan` is told; all that is given must hold for an image to go. */
export type PrunePlanInput = {
  /** true: all images that no container uses; false: only those of them that have no tag. */
  readonly all: Scalars['Boolean']['input'];
  /** The hosts to look at. */
  readonly hosts: HostSelector;
  /** Keeps the newest images of each repository on each host, this many at least: images of one age are not told apart. Images that are used count. At least 1. */
  readonly keepNewest?: InputMaybe<Scalars['Int']['input']>;
  /** Only images with all of these labels, each `key` or `key=value`. At most 20. */
  readonly label?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** No images with one of these labels, each `key` or `key=value`. At most 20. */
  readonly labelNot?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only images whose tags all fit one of these globs, as in `ImageFilter.reference`; images without a tag go by what they were pulled as. */
  readonly reference?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Only images made before this time: RFC 3339, a date, a unix timestamp, or a duration back from now such as `24h` or `1h30m`. */
  readonly until?: InputMaybe<Scalars['String']['input']>;
};

/** What `pullImage` is told. */
export type PullImageInput = {
  /** Credentials for the registries, for this operation only: they are never stored. Without them those of the docker CLI on the gateway's machine are used. */
  readonly credentials?: InputMaybe<ReadonlyArray<RegistryCredentials>>;
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** The platform to pull for, such as `linux/arm64/v8`; the host's own when not given. */
  readonly platform?: InputMaybe<Scalars['String']['input']>;
  /** What to pull, such as `nginx:1.25` or `registry:5000/app@sha256:…`; `latest` where there is neither tag nor digest. At most 50. */
  readonly references: ReadonlyArray<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `pullImage` answers. */
export type PullImagePayload = {
  readonly __typename?: 'PullImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a pull did on one host. */
export type PullImageResult = {
  readonly __typename?: 'PullImageResult';
  /** Each reference with what came of it. */
  readonly pulled: ReadonlyArray<PulledReference>;
};

/** One pulled reference. */
export type PulledReference = {
  readonly __typename?: 'PulledReference';
  /** Digest that the registry gave for it; null where the engine did not say. */
  readonly digest: Maybe<Scalars['String']['output']>;
  /** The image on the host now; null when it has gone since. */
  readonly image: Maybe<HostImage>;
  /** False where the host had it already. */
  readonly isNew: Scalars['Boolean']['output'];
  /** The reference as docker prints it. */
  readonly reference: Scalars['String']['output'];
};

/** What `pushImage` is told. */
export type PushImageInput = {
  /** Tags the image with this reference first and pushes that; only with exactly one of `references`. */
  readonly as?: InputMaybe<Scalars['String']['input']>;
  /** Credentials for the registries, for this operation only: they are never stored. Without them those of the docker CLI on the gateway's machine are used. */
  readonly credentials?: InputMaybe<ReadonlyArray<RegistryCredentials>>;
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** What to push: references with a tag. At most 50. */
  readonly references: ReadonlyArray<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `pushImage` answers. */
export type PushImagePayload = {
  readonly __typename?: 'PushImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a push did on one host. */
export type PushImageResult = {
  readonly __typename?: 'PushImageResult';
  /** Each reference with what came of it. */
  readonly pushed: ReadonlyArray<PushedReference>;
};

/** One pushed reference. */
export type PushedReference = {
  readonly __typename?: 'PushedReference';
  /** Digest of the manifest that the registry has now. */
  readonly digest: Scalars['String']['output'];
  /** The reference as docker prints it. */
  readonly reference: Scalars['String']['output'];
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
  /** The operation with that ID; null when there is none (any more). With `waitSeconds` the answer comes when it is final or the time is over. */
  readonly operation: Maybe<Operation>;
  /** The operations that are kept, newest first. */
  readonly operations: OperationConnection;
  /** What a prune would remove and free, host by host, without removing anything. From the inventory; look at it, and apply exactly this with `pruneImages(input: {plan: …})`. */
  readonly prunePlan: PrunePlan;
  /** A registry's own view of its repositories and tags. The gateway itself asks it, with its own credentials, and only registries that its setting DOCKGRAPH_REGISTRIES lists. Null with an error FORBIDDEN for all others. */
  readonly registry: Maybe<Registry>;
  /** Searches a registry for images through a host, as `docker search`. Null with an error where the host or the registry cannot be asked. */
  readonly searchImages: Maybe<ReadonlyArray<ImageSearchResult>>;
  /** The tag that `ref` names (`latest` where it names none); an error NOT_FOUND when no host has it. */
  readonly tag: Maybe<Tag>;
  /** The tags of the fleet, each once. */
  readonly tags: TagConnection;
  /** What a transfer would send and leave out, target by target, without sending anything. From the inventory; look at it, and run exactly this with `transferImage(input: {plan: …})`. */
  readonly transferPlan: TransferPlan;
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
export type QueryOperationArgs = {
  id: Scalars['ID']['input'];
  waitSeconds?: Scalars['Int']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryOperationsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  before: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<OperationFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
  last: InputMaybe<Scalars['Int']['input']>;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryPrunePlanArgs = {
  input: PrunePlanInput;
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryRegistryArgs = {
  name: Scalars['String']['input'];
};


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QuerySearchImagesArgs = {
  host: Scalars['String']['input'];
  limit?: Scalars['Int']['input'];
  minStars: InputMaybe<Scalars['Int']['input']>;
  official: InputMaybe<Scalars['Boolean']['input']>;
  term: Scalars['String']['input'];
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


/** All questions. Everything but the fields that say otherwise is answered from memory: no host is asked, so a dead host slows nothing. */
export type QueryTransferPlanArgs = {
  input: TransferPlanInput;
};

/** What `refreshHosts` is told. */
export type RefreshHostsInput = {
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `refreshHosts` answers. */
export type RefreshHostsPayload = {
  readonly __typename?: 'RefreshHostsPayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What looking anew found on one host. */
export type RefreshHostsResult = {
  readonly __typename?: 'RefreshHostsResult';
  /** How many images the host holds. */
  readonly imageCount: Scalars['Int']['output'];
  /** When the inventory was read. */
  readonly inventoryAt: Scalars['DateTime']['output'];
};

/** A registry, as it tells of itself. Its lists are in its own order and can only be paged forward. */
export type Registry = {
  readonly __typename?: 'Registry';
  /** Its name in references, such as `registry:5000`. */
  readonly name: Scalars['String']['output'];
  /** Its repositories. Null with an error where it cannot be asked, refuses, or lists none, as Docker Hub does. */
  readonly repositories: Maybe<RepositoryConnection>;
  /** One of its repositories. It is not asked whether it has it: its `tags` tell. */
  readonly repository: Repository;
};


/** A registry, as it tells of itself. Its lists are in its own order and can only be paged forward. */
export type RegistryRepositoriesArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  filter: InputMaybe<RepositoryFilter>;
  first: InputMaybe<Scalars['Int']['input']>;
};


/** A registry, as it tells of itself. Its lists are in its own order and can only be paged forward. */
export type RegistryRepositoryArgs = {
  name: Scalars['String']['input'];
};

/** Credentials for one registry: a user name with a password, or a token. */
export type RegistryCredentials = {
  /** An identity token instead of name and password. */
  readonly identityToken?: InputMaybe<Scalars['String']['input']>;
  /** Password or access token; with `username`. */
  readonly password?: InputMaybe<Scalars['String']['input']>;
  /** The registry's host, such as `registry:5000` or `docker.io`. */
  readonly registry: Scalars['String']['input'];
  /** User name; with `password`. */
  readonly username?: InputMaybe<Scalars['String']['input']>;
};

/** A tag that a registry has. */
export type RegistryTag = {
  readonly __typename?: 'RegistryTag';
  /** Digest of the manifest or index that the tag names there now. One request to the registry for each tag. Null where it does not say, with an error where it refuses. */
  readonly digest: Maybe<Scalars['String']['output']>;
  /** The tag itself, such as `1.25`. */
  readonly name: Scalars['String']['output'];
  /** The reference spelt out, such as `registry:5000/team/app:1.25`. */
  readonly reference: Scalars['String']['output'];
  /** The tag in the fleet, with the hosts that have it; null where no host does. */
  readonly tag: Maybe<Tag>;
};

/** A page of a repository's tags. */
export type RegistryTagConnection = {
  readonly __typename?: 'RegistryTagConnection';
  /** The tags with their cursors. */
  readonly edges: ReadonlyArray<RegistryTagEdge>;
  /** The tags. */
  readonly nodes: ReadonlyArray<RegistryTag>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many tags there are on all pages; null where the registry has not told all of them yet. */
  readonly totalCount: Maybe<Scalars['Int']['output']>;
};

/** A tag in a page. */
export type RegistryTagEdge = {
  readonly __typename?: 'RegistryTagEdge';
  /** The position, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The tag. */
  readonly node: RegistryTag;
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

/** What `removeImage` is told. */
export type RemoveImageInput = {
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** Removes also what has several tags or is used by a stopped container, as `docker rmi --force`. On podman, what a container uses stays: by force, podman would remove the container too. */
  readonly force: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** References, digests, IDs or unique beginnings of IDs. At most 100. */
  readonly images: ReadonlyArray<Scalars['String']['input']>;
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** Keeps parents that have no tag, as `docker rmi --no-prune`. */
  readonly noPrune: Scalars['Boolean']['input'];
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `removeImage` answers. */
export type RemoveImagePayload = {
  readonly __typename?: 'RemoveImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a removal did on one host. */
export type RemoveImageResult = {
  readonly __typename?: 'RemoveImageResult';
  /** IDs of the images, and on some engines of the layers, that are gone. */
  readonly deleted: ReadonlyArray<Scalars['String']['output']>;
  /** Unpacked bytes of layers that no image on the host has any more; null where layer sizes were not known. */
  readonly freedBytes: Maybe<Scalars['ByteCount']['output']>;
  /** Unpacked bytes of layers that stay because other images share them; null where layer sizes were not known. */
  readonly keptSharedBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The references that were taken away. */
  readonly untagged: ReadonlyArray<Scalars['String']['output']>;
};

/** A repository of a registry. */
export type Repository = {
  readonly __typename?: 'Repository';
  /** The path within the registry, such as `team/app`. */
  readonly name: Scalars['String']['output'];
  /** The name that images of it have, such as `registry:5000/team/app`. */
  readonly reference: Scalars['String']['output'];
  /** Its tags. Null with an error where the registry cannot be asked, refuses, or has no such repository (NOT_FOUND). */
  readonly tags: Maybe<RegistryTagConnection>;
};


/** A repository of a registry. */
export type RepositoryTagsArgs = {
  after: InputMaybe<Scalars['String']['input']>;
  first: InputMaybe<Scalars['Int']['input']>;
};

/** A page of a registry's repositories. */
export type RepositoryConnection = {
  readonly __typename?: 'RepositoryConnection';
  /** The repositories with their cursors. */
  readonly edges: ReadonlyArray<RepositoryEdge>;
  /** The repositories. */
  readonly nodes: ReadonlyArray<Repository>;
  /** Where the page lies. */
  readonly pageInfo: PageInfo;
  /** How many repositories match on all pages; null where the registry has not told all of them yet. */
  readonly totalCount: Maybe<Scalars['Int']['output']>;
};

/** A repository in a page. */
export type RepositoryEdge = {
  readonly __typename?: 'RepositoryEdge';
  /** The position, for `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The repository. */
  readonly node: Repository;
};

/** Which repositories of a registry; all that is given must match. */
export type RepositoryFilter = {
  /** Only repositories whose path fits one of these globs, such as `team/*` or `**\/app`. At most 20. */
  readonly name?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** What `retryOperation` is told. */
export type RetryOperationInput = {
  /** Credentials for the registries, for this operation only: they are never stored. Without them those of the docker CLI on the gateway's machine are used. */
  readonly credentials?: InputMaybe<ReadonlyArray<RegistryCredentials>>;
  /** The operation's global ID. */
  readonly id: Scalars['ID']['input'];
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `retryOperation` answers. */
export type RetryOperationPayload = {
  readonly __typename?: 'RetryOperationPayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** An image that was to go and stayed as it was. */
export type SkippedImage = {
  readonly __typename?: 'SkippedImage';
  /** The ID that the host's engine uses for it. */
  readonly engineId: Scalars['String']['output'];
  /** Why it stayed, such as `container web (running) uses it`. */
  readonly reason: Scalars['String']['output'];
  /** The tags that it had when it was chosen, as docker prints them. */
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
};

/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** A host each time its state, its error or its inventory changes. A slow reader gets the latest of each host. */
  readonly hostChanged: Host;
  /** Images and tags that come, go or move, on all hosts. What a host holds when it is first reached is no event. */
  readonly imageEvents: ImageEvent;
  /** An operation now and each time that something of it changes, progress up to 5 times a second; ends when it is final. */
  readonly operation: Operation;
  /** Operations each time that something of them changes. */
  readonly operations: Operation;
};


/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type SubscriptionHostChangedArgs = {
  hosts: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};


/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type SubscriptionImageEventsArgs = {
  filter: InputMaybe<ImageEventFilter>;
};


/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type SubscriptionOperationArgs = {
  afterEvent: InputMaybe<Scalars['Float']['input']>;
  id: Scalars['ID']['input'];
};


/** What happens, as it happens: over WebSocket (graphql-transport-ws) at `/graphql` or as server-sent events at `/graphql/stream`. */
export type SubscriptionOperationsArgs = {
  afterEvent: InputMaybe<Scalars['Float']['input']>;
  filter: InputMaybe<OperationFilter>;
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
  /** What the reference's registry has now, asked through the engine of `host` (by default any host that is ONLINE and has the tag) with the gateway's credentials. Null with an error when host or registry do not answer, FORBIDDEN where credentials are missing or refused. */
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

/** What happens where a tag is another image on the target. */
export type TagConflictPolicy =
  /** Nothing is sent to that target, and its task fails with CONFLICT. */
  | 'FAIL'
  /** The tag stays where it is; the copied image does not get it. */
  | 'KEEP'
  /** The tag moves to the copied image, as `docker load` does it; the result tells from which image. */
  | 'MOVE';

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

/** What `tagImage` is told. */
export type TagImageInput = {
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The image on each host: a reference, an ID or a unique beginning of one. */
  readonly image: Scalars['String']['input'];
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** The new tags, such as `team/app:stable`. At most 50. */
  readonly tags: ReadonlyArray<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `tagImage` answers. */
export type TagImagePayload = {
  readonly __typename?: 'TagImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What tagging did on one host. */
export type TagImageResult = {
  readonly __typename?: 'TagImageResult';
  /** The image on the host now; null when it has gone since. */
  readonly image: Maybe<HostImage>;
  /** Each tag with the image that had it before. */
  readonly tagged: ReadonlyArray<TaggedReference>;
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

/** One new tag. */
export type TaggedReference = {
  readonly __typename?: 'TaggedReference';
  /** ID of the image that the tag pointed at before; null where there was none or it was the same. */
  readonly previousEngineId: Maybe<Scalars['String']['output']>;
  /** The tag as docker prints it. */
  readonly reference: Scalars['String']['output'];
};

/** One host's share of an operation. */
export type Task = {
  readonly __typename?: 'Task';
  /** How often it was started: more than 1 after a retry. */
  readonly attempts: Scalars['Int']['output'];
  /** Why it failed; null where it did not. */
  readonly error: Maybe<TaskError>;
  /** When it ended; null before. */
  readonly finishedAt: Maybe<Scalars['DateTime']['output']>;
  /** The host; null when it is not configured any more. */
  readonly host: Maybe<Host>;
  /** The host's name. */
  readonly hostName: Scalars['String']['output'];
  /** Unique among all tasks. */
  readonly id: Scalars['ID']['output'];
  /** How far it is, or was when it ended; null before there is anything to tell. */
  readonly progress: Maybe<TaskProgress>;
  /** What came out; null until it succeeded. */
  readonly result: Maybe<TaskResult>;
  /** When it started last; null before. */
  readonly startedAt: Maybe<Scalars['DateTime']['output']>;
  /** Where it stands. */
  readonly state: TaskState;
};

/** Why a task failed. */
export type TaskError = {
  readonly __typename?: 'TaskError';
  /** A stable code, as in errors of requests. */
  readonly code: Scalars['String']['output'];
  /** What to do about it; null where nothing is known to help. */
  readonly hint: Maybe<Scalars['String']['output']>;
  /** What happened. */
  readonly message: Scalars['String']['output'];
  /** Whether trying again without a change may succeed. */
  readonly retryable: Scalars['Boolean']['output'];
};

/** How far a task is: always the latest. */
export type TaskProgress = {
  readonly __typename?: 'TaskProgress';
  /** How fast it goes; null where it cannot be told. */
  readonly bytesPerSecond: Maybe<Scalars['Float']['output']>;
  /** Of a copy between hosts: bytes of layers that the host has, so that they were left out so far; null for other work. */
  readonly bytesSaved: Maybe<Scalars['ByteCount']['output']>;
  /** Of a copy between hosts: bytes that went to this host so far; null for other work. */
  readonly bytesSent: Maybe<Scalars['ByteCount']['output']>;
  /** Bytes done; null where the engine does not tell. */
  readonly currentBytes: Maybe<Scalars['ByteCount']['output']>;
  /** How long it will take at this rate; null where it cannot be told. */
  readonly etaSeconds: Maybe<Scalars['Float']['output']>;
  /** Layer by layer, at most 200. */
  readonly layers: ReadonlyArray<LayerProgress>;
  /** 0 to 100; null where it cannot be told. */
  readonly percent: Maybe<Scalars['Float']['output']>;
  /** What is being done, such as `DOWNLOADING`, `EXTRACTING`, `PUSHING` or `BUILDING`. */
  readonly phase: Scalars['String']['output'];
  /** Bytes in all; null where the engine does not tell. */
  readonly totalBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** What came out on one host, by the kind of operation. */
export type TaskResult = BuildImageResult | CheckRegistryCredentialsResult | CommitContainerResult | ImportImageResult | PruneImagesResult | PullImageResult | PushImageResult | RefreshHostsResult | RemoveImageResult | TagImageResult | TransferImageResult | UntagImageResult;

/** Where one host's share of an operation stands. */
export type TaskState =
  /** It was cancelled. */
  | 'CANCELLED'
  /** It failed; `error` says why. */
  | 'FAILED'
  /** The gateway ended in the middle, and what the host did could not be found out. */
  | 'INTERRUPTED'
  /** It has not started. */
  | 'QUEUED'
  /** The host is at work. */
  | 'RUNNING'
  /** It is done, and the inventory shows it. */
  | 'SUCCEEDED';

/** How bytes are compressed on their way to a target. */
export type TransferCompression =
  /** Not for unix sockets nor where the connection was measured to be fast; else as ZSTD. */
  | 'AUTO'
  /** gzip at its fastest: every engine takes it. */
  | 'GZIP'
  /** Not at all. */
  | 'NONE'
  /**
   * zstd at its fastest where the target takes it (Docker 23.0 or later with containerd's store, 28.0
   * or later with a classic one, podman), gzip elsewhere.
   */
  | 'ZSTD';

/** What `transferImage` is told: either `plan`, or what to copy with `references` and `targets`. */
export type TransferImageInput = {
  /** How bytes are compressed on their way to the targets. */
  readonly compression: TransferCompression;
  /** Whether the first failure cancels the targets that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Most bytes in a second to each target; no limit where it is not given. At least 65536. */
  readonly maxBytesPerSecond?: InputMaybe<Scalars['ByteCount']['input']>;
  /** Targets at work at once; all of them when not given. Those at work together share one read of the source. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** What happens where a tag is another image on a target. */
  readonly onTagConflict: TagConflictPolicy;
  /** The ID of a plan: exactly that is done, and a target where it cannot be any more fails with CONFLICT and what has changed. Then nothing else may be said of images, tags, source and targets. */
  readonly plan?: InputMaybe<Scalars['ID']['input']>;
  /** The images to copy, each by tag, digest, ID or the beginning of an ID. They are found now: what is copied does not change when a tag moves later. At most 50. */
  readonly references?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** With `tags: RENAME`, and only then: the tags of each reference. One that is left out gets none. */
  readonly renames?: InputMaybe<ReadonlyArray<TransferRename>>;
  /** The name of the host to read from. Where it is not given, each image is read from the host that is best for it: online, the least busy with other reads, the nearest. */
  readonly source?: InputMaybe<Scalars['String']['input']>;
  /** Which tags the copies get; KEEP where it is not given. */
  readonly tags?: InputMaybe<TransferTags>;
  /** The hosts to copy to. One that holds an image already is sent nothing. */
  readonly targets?: InputMaybe<HostSelector>;
  /** Whether each copy is looked at afterwards and proven whole. Bytes are always proven as they pass. */
  readonly verify: Scalars['Boolean']['input'];
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `transferImage` answers. */
export type TransferImagePayload = {
  readonly __typename?: 'TransferImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What a transfer did on one target. */
export type TransferImageResult = {
  readonly __typename?: 'TransferImageResult';
  /** Bytes of layers that were left out. */
  readonly bytesSaved: Scalars['ByteCount']['output'];
  /** Bytes that went over the connection to the target. */
  readonly bytesSent: Scalars['ByteCount']['output'];
  /** Image by image. */
  readonly images: ReadonlyArray<TransferredImage>;
};

/** How the bytes of an image came to a target. */
export type TransferMode =
  /** Layers that the target had were left out. */
  | 'DELTA'
  /** It was there: nothing was sent. */
  | 'NOTHING'
  /** All of it was sent. */
  | 'WHOLE';

/** What a transfer would do. Kept in the gateway's memory for 15 minutes; then, or after a restart, running it is an error NOT_FOUND. */
export type TransferPlan = {
  readonly __typename?: 'TransferPlan';
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** When it can be run no longer, if newer plans do not take its place before. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** The ID, for `TransferImageInput.plan`. */
  readonly id: Scalars['ID']['output'];
  /** The images that would be copied. */
  readonly images: ReadonlyArray<TransferPlanImage>;
  /** Each target with what would be done there. */
  readonly targets: ReadonlyArray<TransferPlanTarget>;
  /** Bytes of layers to send to all targets together, as engines count them unpacked: archives are a little larger. Null where layer sizes are not known. */
  readonly totalBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** What a transfer would do for one image on one target. */
export type TransferPlanCopy = {
  readonly __typename?: 'TransferPlanCopy';
  /** Bytes of the layers that the target has. Null where layer sizes are not known. */
  readonly bytesSaved: Maybe<Scalars['ByteCount']['output']>;
  /** Bytes of the layers to send. Null where layer sizes are not known. */
  readonly bytesToSend: Maybe<Scalars['ByteCount']['output']>;
  /** Whether the target has the image, so that nothing would be sent. */
  readonly isThere: Scalars['Boolean']['output'];
  /** The layers to send, each content once. */
  readonly missingLayers: ReadonlyArray<TransferPlanLayer>;
  /** How the image's platform differs from the target's, such as `the image is for linux/arm64, alpha is linux/amd64`; null where it does not. It can be copied all the same. */
  readonly platformMismatch: Maybe<Scalars['String']['output']>;
  /** The layers that the target has, or will have from an image before. */
  readonly presentLayers: ReadonlyArray<TransferPlanLayer>;
  /** Why not all that the target has would be left out; null where there is nothing to say. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** As it was asked for. */
  readonly reference: Scalars['String']['output'];
  /** Whether layers would be left out. */
  readonly stripping: Scalars['Boolean']['output'];
  /** Tags that are other images on the target. */
  readonly tagConflicts: ReadonlyArray<TransferTagConflict>;
};

/** An image that would be copied. */
export type TransferPlanImage = {
  readonly __typename?: 'TransferPlanImage';
  /** The ID that the source's engine uses for it. */
  readonly engineId: Scalars['String']['output'];
  /** The image on the source now; null when it has gone since. */
  readonly image: Maybe<HostImage>;
  /** As it was asked for. */
  readonly reference: Scalars['String']['output'];
  /** The host that it would be read from; null when it is not configured any more. */
  readonly source: Maybe<Host>;
  /** The name of the host that it would be read from. */
  readonly sourceName: Scalars['String']['output'];
  /** The tags that the copies would get, as docker prints them. */
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
};

/** What `transferPlan` is told. */
export type TransferPlanInput = {
  /** The images to copy, each by tag, digest, ID or the beginning of an ID. At most 50. */
  readonly references: ReadonlyArray<Scalars['String']['input']>;
  /** With `tags: RENAME`, and only then: the tags of each reference. One that is left out gets none. */
  readonly renames?: InputMaybe<ReadonlyArray<TransferRename>>;
  /** The name of the host to read from. Where it is not given, each image is read from the host that is best for it: online, the least busy with other reads, the nearest. */
  readonly source?: InputMaybe<Scalars['String']['input']>;
  /** Which tags the copies get. */
  readonly tags: TransferTags;
  /** The hosts to copy to. One that holds an image already is sent nothing. */
  readonly targets: HostSelector;
};

/** A layer in a plan. */
export type TransferPlanLayer = {
  readonly __typename?: 'TransferPlanLayer';
  /** Digest of the layer on all below it. */
  readonly chainId: Scalars['String']['output'];
  /** Digest of the layer's uncompressed content. */
  readonly diffId: Scalars['String']['output'];
  /** Unpacked bytes; null where no engine tells. */
  readonly sizeBytes: Maybe<Scalars['ByteCount']['output']>;
};

/** What a transfer would do on one target. */
export type TransferPlanTarget = {
  readonly __typename?: 'TransferPlanTarget';
  /** Bytes of layers that the target has. Null where layer sizes are not known. */
  readonly bytesSaved: Maybe<Scalars['ByteCount']['output']>;
  /** Bytes of the layers to send, as engines count them unpacked. Null where layer sizes are not known. */
  readonly bytesToSend: Maybe<Scalars['ByteCount']['output']>;
  /** Bytes free on the file system of the engine's data, where it is on this machine; null elsewhere. */
  readonly freeBytes: Maybe<Scalars['ByteCount']['output']>;
  /** The host; null when it is not configured any more. */
  readonly host: Maybe<Host>;
  /** The host's name. */
  readonly hostName: Scalars['String']['output'];
  /** Image by image, in the order in which they would be copied. Empty where the target could not be looked at. */
  readonly images: ReadonlyArray<TransferPlanCopy>;
  /** The layers to send, each content once. */
  readonly missingLayers: ReadonlyArray<TransferPlanLayer>;
  /** Why the target cannot be looked at, or why not all that it has would be left out; null where there is nothing to say. */
  readonly reason: Maybe<Scalars['String']['output']>;
  /** Whether layers would be left out. */
  readonly stripping: Scalars['Boolean']['output'];
};

/** Another name for a copied image. */
export type TransferRename = {
  /** One of `references`, as it is given there. */
  readonly from: Scalars['String']['input'];
  /** The tags that the copy gets, each `[registry/]name[:tag]`. At most 50. */
  readonly to: ReadonlyArray<Scalars['String']['input']>;
};

/** A tag that is another image on the target. */
export type TransferTagConflict = {
  readonly __typename?: 'TransferTagConflict';
  /** The ID that the target's engine uses for the other image. */
  readonly engineId: Scalars['String']['output'];
  /** The other image on the target now; null when it has gone since. */
  readonly image: Maybe<HostImage>;
  /** The tag as docker prints it. */
  readonly tag: Scalars['String']['output'];
};

/** Which tags a copied image gets on the target. */
export type TransferTags =
  /** The tag by which it was asked for; none where that was an ID or a digest. */
  | 'KEEP'
  /** None: the image is there by its ID. */
  | 'NONE'
  /** The tags that `renames` says. */
  | 'RENAME';

/** What came of one image on one target. */
export type TransferredImage = {
  readonly __typename?: 'TransferredImage';
  /** Bytes of layers that were left out. */
  readonly bytesSaved: Scalars['ByteCount']['output'];
  /** Bytes that went over the connection to the target, compressed ones where they were compressed, and those of an attempt that was in vain. */
  readonly bytesSent: Scalars['ByteCount']['output'];
  /** The ID that the target's engine uses for it. */
  readonly engineId: Scalars['String']['output'];
  /** The image on the target now; null when it has gone since. */
  readonly image: Maybe<HostImage>;
  /** Tags that it did not get because they are other images. */
  readonly kept: ReadonlyArray<TransferTagConflict>;
  /** How many layers were left out. */
  readonly layersSaved: Scalars['Int']['output'];
  /** How many layers were sent. */
  readonly layersSent: Scalars['Int']['output'];
  /** How it came. */
  readonly mode: TransferMode;
  /** Tags that were taken from other images. */
  readonly moved: ReadonlyArray<MovedTag>;
  /** As it was asked for. */
  readonly reference: Scalars['String']['output'];
  /** The name of the host that it was read from; null where nothing was read. */
  readonly source: Maybe<Scalars['String']['output']>;
  /** Its tags from this transfer, as docker prints them. */
  readonly tags: ReadonlyArray<Scalars['String']['output']>;
  /** Why all of it was sent although the target seemed to have layers of it; null otherwise. */
  readonly wholeBecause: Maybe<Scalars['String']['output']>;
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

/** What `untagImage` is told. */
export type UntagImageInput = {
  /** Whether the first failure cancels the hosts that have not started. */
  readonly failFast: Scalars['Boolean']['input'];
  /** The hosts to act on. */
  readonly hosts: HostSelector;
  /** Any text of up to 200 characters: the same key with the same input gives the same operation again, so that a request can be repeated safely. With another input it is an error CONFLICT. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Refuses with CONFLICT where the tag is the image's last one. */
  readonly keepImage: Scalars['Boolean']['input'];
  /** Hosts at work at once; all of them when not given. */
  readonly maxParallel?: InputMaybe<Scalars['Int']['input']>;
  /** The tags to take away. At most 50. */
  readonly tags: ReadonlyArray<Scalars['String']['input']>;
  /** How long to wait for the operation to end before answering, in seconds from 0 to 600. It goes on when the time is over. */
  readonly waitSeconds: Scalars['Int']['input'];
};

/** What `untagImage` answers. */
export type UntagImagePayload = {
  readonly __typename?: 'UntagImagePayload';
  /** The operation, final or as far as it is when `waitSeconds` are over. */
  readonly operation: Operation;
};

/** What untagging did on one host. */
export type UntagImageResult = {
  readonly __typename?: 'UntagImageResult';
  /** IDs of images and layers that went with their last tag. */
  readonly deleted: ReadonlyArray<Scalars['String']['output']>;
  /** The references that were taken away. */
  readonly untagged: ReadonlyArray<Scalars['String']['output']>;
};

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



/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  TaskResult:
    | ( BuildResultModel )
    | ( CheckResultModel )
    | ( CommitResultModel )
    | ( ImportResultModel )
    | ( PruneResultModel )
    | ( PullResultModel )
    | ( PushResultModel )
    | ( RefreshResultModel )
    | ( RemoveResultModel )
    | ( TagResultModel )
    | ( TransferResultModel )
    | ( UntagResultModel )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( HostModel )
    | ( HostImageModel )
    | ( ImageModel )
    | ( LayerModel )
    | ( OperationModel )
    | ( TagModel )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  BuildArgument: ResolverTypeWrapper<BuildArgument>;
  BuildContext: ResolverTypeWrapper<BuildContext>;
  BuildImageInput: ResolverTypeWrapper<BuildImageInput>;
  BuildImagePayload: ResolverTypeWrapper<Omit<BuildImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  BuildImageResult: ResolverTypeWrapper<BuildResultModel>;
  ByteCount: ResolverTypeWrapper<Scalars['ByteCount']['output']>;
  CancelOperationInput: ResolverTypeWrapper<CancelOperationInput>;
  CancelOperationPayload: ResolverTypeWrapper<Omit<CancelOperationPayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  CheckRegistryCredentialsInput: ResolverTypeWrapper<CheckRegistryCredentialsInput>;
  CheckRegistryCredentialsPayload: ResolverTypeWrapper<Omit<CheckRegistryCredentialsPayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  CheckRegistryCredentialsResult: ResolverTypeWrapper<CheckResultModel>;
  CheckedRegistry: ResolverTypeWrapper<CheckedRegistry>;
  CommitContainerInput: ResolverTypeWrapper<CommitContainerInput>;
  CommitContainerPayload: ResolverTypeWrapper<Omit<CommitContainerPayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  CommitContainerResult: ResolverTypeWrapper<CommitResultModel>;
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
  HostSelector: ResolverTypeWrapper<HostSelector>;
  HostState: ResolverTypeWrapper<HostState>;
  HostStateCount: ResolverTypeWrapper<HostStateCount>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Image: ResolverTypeWrapper<ImageModel>;
  ImageBuilder: ResolverTypeWrapper<ImageBuilder>;
  ImageConfig: ResolverTypeWrapper<ImageConfigModel>;
  ImageConnection: ResolverTypeWrapper<Omit<ImageConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['ImageEdge']>, nodes: ReadonlyArray<ResolversTypes['Image']> }>;
  ImageEdge: ResolverTypeWrapper<Omit<ImageEdge, 'node'> & { node: ResolversTypes['Image'] }>;
  ImageEvent: ResolverTypeWrapper<ImageEventModel>;
  ImageEventFilter: ResolverTypeWrapper<ImageEventFilter>;
  ImageEventKind: ResolverTypeWrapper<ImageEventKind>;
  ImageFilter: ResolverTypeWrapper<ImageFilter>;
  ImageOrder: ResolverTypeWrapper<ImageOrder>;
  ImageOrderField: ResolverTypeWrapper<ImageOrderField>;
  ImageSearchResult: ResolverTypeWrapper<ImageSearchResult>;
  ImageStore: ResolverTypeWrapper<ImageStore>;
  ImportImageInput: ResolverTypeWrapper<ImportImageInput>;
  ImportImagePayload: ResolverTypeWrapper<Omit<ImportImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  ImportImageResult: ResolverTypeWrapper<ImportResultModel>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  Label: ResolverTypeWrapper<Label>;
  LabelInput: ResolverTypeWrapper<LabelInput>;
  Layer: ResolverTypeWrapper<LayerModel>;
  LayerConnection: ResolverTypeWrapper<Omit<LayerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['LayerEdge']>, nodes: ReadonlyArray<ResolversTypes['Layer']> }>;
  LayerEdge: ResolverTypeWrapper<Omit<LayerEdge, 'node'> & { node: ResolversTypes['Layer'] }>;
  LayerFilter: ResolverTypeWrapper<LayerFilter>;
  LayerOrder: ResolverTypeWrapper<LayerOrder>;
  LayerOrderField: ResolverTypeWrapper<LayerOrderField>;
  LayerProgress: ResolverTypeWrapper<LayerProgressModel>;
  MovedTag: ResolverTypeWrapper<MovedTagModel>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  Operation: ResolverTypeWrapper<OperationModel>;
  OperationConnection: ResolverTypeWrapper<OperationPageModel>;
  OperationEdge: ResolverTypeWrapper<Omit<OperationEdge, 'node'> & { node: ResolversTypes['Operation'] }>;
  OperationFilter: ResolverTypeWrapper<OperationFilter>;
  OperationKind: ResolverTypeWrapper<OperationKind>;
  OperationState: ResolverTypeWrapper<OperationState>;
  OrderDirection: ResolverTypeWrapper<OrderDirection>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PlannedImage: ResolverTypeWrapper<PlannedImageModel>;
  PruneImagesInput: ResolverTypeWrapper<PruneImagesInput>;
  PruneImagesPayload: ResolverTypeWrapper<Omit<PruneImagesPayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  PruneImagesResult: ResolverTypeWrapper<PruneResultModel>;
  PrunePlan: ResolverTypeWrapper<PrunePlanModel>;
  PrunePlanHost: ResolverTypeWrapper<PrunePlanHostModel>;
  PrunePlanInput: ResolverTypeWrapper<PrunePlanInput>;
  PullImageInput: ResolverTypeWrapper<PullImageInput>;
  PullImagePayload: ResolverTypeWrapper<Omit<PullImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  PullImageResult: ResolverTypeWrapper<PullResultModel>;
  PulledReference: ResolverTypeWrapper<PulledReferenceModel>;
  PushImageInput: ResolverTypeWrapper<PushImageInput>;
  PushImagePayload: ResolverTypeWrapper<Omit<PushImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  PushImageResult: ResolverTypeWrapper<PushResultModel>;
  PushedReference: ResolverTypeWrapper<PushedReference>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RefreshHostsInput: ResolverTypeWrapper<RefreshHostsInput>;
  RefreshHostsPayload: ResolverTypeWrapper<Omit<RefreshHostsPayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  RefreshHostsResult: ResolverTypeWrapper<RefreshResultModel>;
  Registry: ResolverTypeWrapper<RegistryModel>;
  RegistryCredentials: ResolverTypeWrapper<RegistryCredentials>;
  RegistryTag: ResolverTypeWrapper<RegistryTagModel>;
  RegistryTagConnection: ResolverTypeWrapper<RegistryTagPageModel>;
  RegistryTagEdge: ResolverTypeWrapper<Omit<RegistryTagEdge, 'node'> & { node: ResolversTypes['RegistryTag'] }>;
  RemoteTag: ResolverTypeWrapper<RemoteTagModel>;
  RemoveImageInput: ResolverTypeWrapper<RemoveImageInput>;
  RemoveImagePayload: ResolverTypeWrapper<Omit<RemoveImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  RemoveImageResult: ResolverTypeWrapper<RemoveResultModel>;
  Repository: ResolverTypeWrapper<RepositoryModel>;
  RepositoryConnection: ResolverTypeWrapper<RepositoryPageModel>;
  RepositoryEdge: ResolverTypeWrapper<Omit<RepositoryEdge, 'node'> & { node: ResolversTypes['Repository'] }>;
  RepositoryFilter: ResolverTypeWrapper<RepositoryFilter>;
  RetryOperationInput: ResolverTypeWrapper<RetryOperationInput>;
  RetryOperationPayload: ResolverTypeWrapper<Omit<RetryOperationPayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  SkippedImage: ResolverTypeWrapper<SkippedImage>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Tag: ResolverTypeWrapper<TagModel>;
  TagConflictPolicy: ResolverTypeWrapper<TagConflictPolicy>;
  TagConnection: ResolverTypeWrapper<Omit<TagConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversTypes['TagEdge']>, nodes: ReadonlyArray<ResolversTypes['Tag']> }>;
  TagContent: ResolverTypeWrapper<TagContentModel>;
  TagEdge: ResolverTypeWrapper<Omit<TagEdge, 'node'> & { node: ResolversTypes['Tag'] }>;
  TagFilter: ResolverTypeWrapper<TagFilter>;
  TagImageInput: ResolverTypeWrapper<TagImageInput>;
  TagImagePayload: ResolverTypeWrapper<Omit<TagImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  TagImageResult: ResolverTypeWrapper<TagResultModel>;
  TagOrder: ResolverTypeWrapper<TagOrder>;
  TagOrderField: ResolverTypeWrapper<TagOrderField>;
  TagTarget: ResolverTypeWrapper<TagTargetModel>;
  TaggedReference: ResolverTypeWrapper<TaggedReference>;
  Task: ResolverTypeWrapper<TaskModel>;
  TaskError: ResolverTypeWrapper<TaskErrorModel>;
  TaskProgress: ResolverTypeWrapper<TaskProgressModel>;
  TaskResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['TaskResult']>;
  TaskState: ResolverTypeWrapper<TaskState>;
  TransferCompression: ResolverTypeWrapper<TransferCompression>;
  TransferImageInput: ResolverTypeWrapper<TransferImageInput>;
  TransferImagePayload: ResolverTypeWrapper<Omit<TransferImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  TransferImageResult: ResolverTypeWrapper<TransferResultModel>;
  TransferMode: ResolverTypeWrapper<TransferMode>;
  TransferPlan: ResolverTypeWrapper<TransferPlanModel>;
  TransferPlanCopy: ResolverTypeWrapper<TransferPlanCopyModel>;
  TransferPlanImage: ResolverTypeWrapper<TransferPlanImageModel>;
  TransferPlanInput: ResolverTypeWrapper<TransferPlanInput>;
  TransferPlanLayer: ResolverTypeWrapper<TransferPlanLayerModel>;
  TransferPlanTarget: ResolverTypeWrapper<TransferPlanTargetModel>;
  TransferRename: ResolverTypeWrapper<TransferRename>;
  TransferTagConflict: ResolverTypeWrapper<TagConflictModel>;
  TransferTags: ResolverTypeWrapper<TransferTags>;
  TransferredImage: ResolverTypeWrapper<TransferredImageModel>;
  Transport: ResolverTypeWrapper<Transport>;
  UntagImageInput: ResolverTypeWrapper<UntagImageInput>;
  UntagImagePayload: ResolverTypeWrapper<Omit<UntagImagePayload, 'operation'> & { operation: ResolversTypes['Operation'] }>;
  UntagImageResult: ResolverTypeWrapper<UntagResultModel>;
  Viewer: ResolverTypeWrapper<Viewer>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  BuildArgument: BuildArgument;
  BuildContext: BuildContext;
  BuildImageInput: BuildImageInput;
  BuildImagePayload: Omit<BuildImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  BuildImageResult: BuildResultModel;
  ByteCount: Scalars['ByteCount']['output'];
  CancelOperationInput: CancelOperationInput;
  CancelOperationPayload: Omit<CancelOperationPayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  CheckRegistryCredentialsInput: CheckRegistryCredentialsInput;
  CheckRegistryCredentialsPayload: Omit<CheckRegistryCredentialsPayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  CheckRegistryCredentialsResult: CheckResultModel;
  CheckedRegistry: CheckedRegistry;
  CommitContainerInput: CommitContainerInput;
  CommitContainerPayload: Omit<CommitContainerPayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  CommitContainerResult: CommitResultModel;
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
  HostSelector: HostSelector;
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
  ImageSearchResult: ImageSearchResult;
  ImportImageInput: ImportImageInput;
  ImportImagePayload: Omit<ImportImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  ImportImageResult: ImportResultModel;
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  Label: Label;
  LabelInput: LabelInput;
  Layer: LayerModel;
  LayerConnection: Omit<LayerConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['LayerEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Layer']> };
  LayerEdge: Omit<LayerEdge, 'node'> & { node: ResolversParentTypes['Layer'] };
  LayerFilter: LayerFilter;
  LayerOrder: LayerOrder;
  LayerProgress: LayerProgressModel;
  MovedTag: MovedTagModel;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  Operation: OperationModel;
  OperationConnection: OperationPageModel;
  OperationEdge: Omit<OperationEdge, 'node'> & { node: ResolversParentTypes['Operation'] };
  OperationFilter: OperationFilter;
  PageInfo: PageInfo;
  PlannedImage: PlannedImageModel;
  PruneImagesInput: PruneImagesInput;
  PruneImagesPayload: Omit<PruneImagesPayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  PruneImagesResult: PruneResultModel;
  PrunePlan: PrunePlanModel;
  PrunePlanHost: PrunePlanHostModel;
  PrunePlanInput: PrunePlanInput;
  PullImageInput: PullImageInput;
  PullImagePayload: Omit<PullImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  PullImageResult: PullResultModel;
  PulledReference: PulledReferenceModel;
  PushImageInput: PushImageInput;
  PushImagePayload: Omit<PushImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  PushImageResult: PushResultModel;
  PushedReference: PushedReference;
  Query: Record<PropertyKey, never>;
  RefreshHostsInput: RefreshHostsInput;
  RefreshHostsPayload: Omit<RefreshHostsPayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  RefreshHostsResult: RefreshResultModel;
  Registry: RegistryModel;
  RegistryCredentials: RegistryCredentials;
  RegistryTag: RegistryTagModel;
  RegistryTagConnection: RegistryTagPageModel;
  RegistryTagEdge: Omit<RegistryTagEdge, 'node'> & { node: ResolversParentTypes['RegistryTag'] };
  RemoteTag: RemoteTagModel;
  RemoveImageInput: RemoveImageInput;
  RemoveImagePayload: Omit<RemoveImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  RemoveImageResult: RemoveResultModel;
  Repository: RepositoryModel;
  RepositoryConnection: RepositoryPageModel;
  RepositoryEdge: Omit<RepositoryEdge, 'node'> & { node: ResolversParentTypes['Repository'] };
  RepositoryFilter: RepositoryFilter;
  RetryOperationInput: RetryOperationInput;
  RetryOperationPayload: Omit<RetryOperationPayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  SkippedImage: SkippedImage;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  Tag: TagModel;
  TagConnection: Omit<TagConnection, 'edges' | 'nodes'> & { edges: ReadonlyArray<ResolversParentTypes['TagEdge']>, nodes: ReadonlyArray<ResolversParentTypes['Tag']> };
  TagContent: TagContentModel;
  TagEdge: Omit<TagEdge, 'node'> & { node: ResolversParentTypes['Tag'] };
  TagFilter: TagFilter;
  TagImageInput: TagImageInput;
  TagImagePayload: Omit<TagImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  TagImageResult: TagResultModel;
  TagOrder: TagOrder;
  TagTarget: TagTargetModel;
  TaggedReference: TaggedReference;
  Task: TaskModel;
  TaskError: TaskErrorModel;
  TaskProgress: TaskProgressModel;
  TaskResult: ResolversUnionTypes<ResolversParentTypes>['TaskResult'];
  TransferImageInput: TransferImageInput;
  TransferImagePayload: Omit<TransferImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  TransferImageResult: TransferResultModel;
  TransferPlan: TransferPlanModel;
  TransferPlanCopy: TransferPlanCopyModel;
  TransferPlanImage: TransferPlanImageModel;
  TransferPlanInput: TransferPlanInput;
  TransferPlanLayer: TransferPlanLayerModel;
  TransferPlanTarget: TransferPlanTargetModel;
  TransferRename: TransferRename;
  TransferTagConflict: TagConflictModel;
  TransferredImage: TransferredImageModel;
  UntagImageInput: UntagImageInput;
  UntagImagePayload: Omit<UntagImagePayload, 'operation'> & { operation: ResolversParentTypes['Operation'] };
  UntagImageResult: UntagResultModel;
  Viewer: Viewer;
};

export type BuildImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['BuildImagePayload'] = ResolversParentTypes['BuildImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type BuildImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['BuildImageResult'] = ResolversParentTypes['BuildImageResult']> = {
  builder?: Resolver<Maybe<ResolversTypes['ImageBuilder']>, ParentType, ContextType>;
  cachedSteps?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  steps?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface ByteCountScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['ByteCount'], any> {
  name: 'ByteCount';
}

export type CancelOperationPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CancelOperationPayload'] = ResolversParentTypes['CancelOperationPayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type CheckRegistryCredentialsPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CheckRegistryCredentialsPayload'] = ResolversParentTypes['CheckRegistryCredentialsPayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type CheckRegistryCredentialsResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CheckRegistryCredentialsResult'] = ResolversParentTypes['CheckRegistryCredentialsResult']> = {
  checked?: Resolver<ReadonlyArray<ResolversTypes['CheckedRegistry']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CheckedRegistryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CheckedRegistry'] = ResolversParentTypes['CheckedRegistry']> = {
  fromRequest?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  registry?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type CommitContainerPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CommitContainerPayload'] = ResolversParentTypes['CommitContainerPayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type CommitContainerResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['CommitContainerResult'] = ResolversParentTypes['CommitContainerResult']> = {
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

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

export type ImageSearchResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImageSearchResult'] = ResolversParentTypes['ImageSearchResult']> = {
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  official?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  stars?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ImportImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImportImagePayload'] = ResolversParentTypes['ImportImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type ImportImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['ImportImageResult'] = ResolversParentTypes['ImportImageResult']> = {
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

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

export type LayerProgressResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['LayerProgress'] = ResolversParentTypes['LayerProgress']> = {
  currentBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  totalBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
};

export type MovedTagResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['MovedTag'] = ResolversParentTypes['MovedTag']> = {
  previousEngineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tag?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  buildImage?: Resolver<ResolversTypes['BuildImagePayload'], ParentType, ContextType, RequireFields<MutationBuildImageArgs, 'input'>>;
  cancelOperation?: Resolver<ResolversTypes['CancelOperationPayload'], ParentType, ContextType, RequireFields<MutationCancelOperationArgs, 'input'>>;
  checkRegistryCredentials?: Resolver<ResolversTypes['CheckRegistryCredentialsPayload'], ParentType, ContextType, RequireFields<MutationCheckRegistryCredentialsArgs, 'input'>>;
  commitContainer?: Resolver<ResolversTypes['CommitContainerPayload'], ParentType, ContextType, RequireFields<MutationCommitContainerArgs, 'input'>>;
  importImage?: Resolver<ResolversTypes['ImportImagePayload'], ParentType, ContextType, RequireFields<MutationImportImageArgs, 'input'>>;
  pruneImages?: Resolver<ResolversTypes['PruneImagesPayload'], ParentType, ContextType, RequireFields<MutationPruneImagesArgs, 'input'>>;
  pullImage?: Resolver<ResolversTypes['PullImagePayload'], ParentType, ContextType, RequireFields<MutationPullImageArgs, 'input'>>;
  pushImage?: Resolver<ResolversTypes['PushImagePayload'], ParentType, ContextType, RequireFields<MutationPushImageArgs, 'input'>>;
  refreshHosts?: Resolver<ResolversTypes['RefreshHostsPayload'], ParentType, ContextType, RequireFields<MutationRefreshHostsArgs, 'input'>>;
  removeImage?: Resolver<ResolversTypes['RemoveImagePayload'], ParentType, ContextType, RequireFields<MutationRemoveImageArgs, 'input'>>;
  retryOperation?: Resolver<ResolversTypes['RetryOperationPayload'], ParentType, ContextType, RequireFields<MutationRetryOperationArgs, 'input'>>;
  tagImage?: Resolver<ResolversTypes['TagImagePayload'], ParentType, ContextType, RequireFields<MutationTagImageArgs, 'input'>>;
  transferImage?: Resolver<ResolversTypes['TransferImagePayload'], ParentType, ContextType, RequireFields<MutationTransferImageArgs, 'input'>>;
  untagImage?: Resolver<ResolversTypes['UntagImagePayload'], ParentType, ContextType, RequireFields<MutationUntagImageArgs, 'input'>>;
};

export type NodeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Host' | 'HostImage' | 'Image' | 'Layer' | 'Operation' | 'Tag', ParentType, ContextType>;
};

export type OperationResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Operation'] = ResolversParentTypes['Operation']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  event?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  idempotencyKey?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  input?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['OperationKind'], ParentType, ContextType>;
  logTail?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType, RequireFields<OperationLogTailArgs, 'lines'>>;
  requestedBy?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['OperationState'], ParentType, ContextType>;
  tasks?: Resolver<ReadonlyArray<ResolversTypes['Task']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type OperationConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['OperationConnection'] = ResolversParentTypes['OperationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['OperationEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Operation']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type OperationEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['OperationEdge'] = ResolversParentTypes['OperationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PlannedImageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PlannedImage'] = ResolversParentTypes['PlannedImage']> = {
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  sizeBytes?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  uniqueBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
};

export type PruneImagesPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PruneImagesPayload'] = ResolversParentTypes['PruneImagesPayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type PruneImagesResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PruneImagesResult'] = ResolversParentTypes['PruneImagesResult']> = {
  deleted?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  freedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  skipped?: Resolver<ReadonlyArray<ResolversTypes['SkippedImage']>, ParentType, ContextType>;
  untagged?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PrunePlanResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PrunePlan'] = ResolversParentTypes['PrunePlan']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  hosts?: Resolver<ReadonlyArray<ResolversTypes['PrunePlanHost']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  totalFreedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
};

export type PrunePlanHostResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PrunePlanHost'] = ResolversParentTypes['PrunePlanHost']> = {
  freedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  host?: Resolver<Maybe<ResolversTypes['Host']>, ParentType, ContextType>;
  hostName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  images?: Resolver<ReadonlyArray<ResolversTypes['PlannedImage']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PullImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PullImagePayload'] = ResolversParentTypes['PullImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type PullImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PullImageResult'] = ResolversParentTypes['PullImageResult']> = {
  pulled?: Resolver<ReadonlyArray<ResolversTypes['PulledReference']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PulledReferenceResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PulledReference'] = ResolversParentTypes['PulledReference']> = {
  digest?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  isNew?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PushImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PushImagePayload'] = ResolversParentTypes['PushImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type PushImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PushImageResult'] = ResolversParentTypes['PushImageResult']> = {
  pushed?: Resolver<ReadonlyArray<ResolversTypes['PushedReference']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PushedReferenceResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['PushedReference'] = ResolversParentTypes['PushedReference']> = {
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
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
  operation?: Resolver<Maybe<ResolversTypes['Operation']>, ParentType, ContextType, RequireFields<QueryOperationArgs, 'id' | 'waitSeconds'>>;
  operations?: Resolver<ResolversTypes['OperationConnection'], ParentType, ContextType, Partial<QueryOperationsArgs>>;
  prunePlan?: Resolver<ResolversTypes['PrunePlan'], ParentType, ContextType, RequireFields<QueryPrunePlanArgs, 'input'>>;
  registry?: Resolver<Maybe<ResolversTypes['Registry']>, ParentType, ContextType, RequireFields<QueryRegistryArgs, 'name'>>;
  searchImages?: Resolver<Maybe<ReadonlyArray<ResolversTypes['ImageSearchResult']>>, ParentType, ContextType, RequireFields<QuerySearchImagesArgs, 'host' | 'limit' | 'term'>>;
  tag?: Resolver<Maybe<ResolversTypes['Tag']>, ParentType, ContextType, RequireFields<QueryTagArgs, 'ref'>>;
  tags?: Resolver<ResolversTypes['TagConnection'], ParentType, ContextType, Partial<QueryTagsArgs>>;
  transferPlan?: Resolver<ResolversTypes['TransferPlan'], ParentType, ContextType, RequireFields<QueryTransferPlanArgs, 'input'>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type RefreshHostsPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RefreshHostsPayload'] = ResolversParentTypes['RefreshHostsPayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type RefreshHostsResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RefreshHostsResult'] = ResolversParentTypes['RefreshHostsResult']> = {
  imageCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  inventoryAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RegistryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Registry'] = ResolversParentTypes['Registry']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  repositories?: Resolver<Maybe<ResolversTypes['RepositoryConnection']>, ParentType, ContextType, Partial<RegistryRepositoriesArgs>>;
  repository?: Resolver<ResolversTypes['Repository'], ParentType, ContextType, RequireFields<RegistryRepositoryArgs, 'name'>>;
};

export type RegistryTagResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RegistryTag'] = ResolversParentTypes['RegistryTag']> = {
  digest?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tag?: Resolver<Maybe<ResolversTypes['Tag']>, ParentType, ContextType>;
};

export type RegistryTagConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RegistryTagConnection'] = ResolversParentTypes['RegistryTagConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RegistryTagEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['RegistryTag']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type RegistryTagEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RegistryTagEdge'] = ResolversParentTypes['RegistryTagEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RegistryTag'], ParentType, ContextType>;
};

export type RemoteTagResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RemoteTag'] = ResolversParentTypes['RemoteTag']> = {
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  host?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
  mediaType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  platforms?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  upToDate?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
};

export type RemoveImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RemoveImagePayload'] = ResolversParentTypes['RemoveImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type RemoveImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RemoveImageResult'] = ResolversParentTypes['RemoveImageResult']> = {
  deleted?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  freedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  keptSharedBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  untagged?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RepositoryResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Repository'] = ResolversParentTypes['Repository']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tags?: Resolver<Maybe<ResolversTypes['RegistryTagConnection']>, ParentType, ContextType, Partial<RepositoryTagsArgs>>;
};

export type RepositoryConnectionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RepositoryConnection'] = ResolversParentTypes['RepositoryConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RepositoryEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Repository']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type RepositoryEdgeResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RepositoryEdge'] = ResolversParentTypes['RepositoryEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Repository'], ParentType, ContextType>;
};

export type RetryOperationPayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['RetryOperationPayload'] = ResolversParentTypes['RetryOperationPayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type SkippedImageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['SkippedImage'] = ResolversParentTypes['SkippedImage']> = {
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  hostChanged?: SubscriptionResolver<ResolversTypes['Host'], "hostChanged", ParentType, ContextType, Partial<SubscriptionHostChangedArgs>>;
  imageEvents?: SubscriptionResolver<ResolversTypes['ImageEvent'], "imageEvents", ParentType, ContextType, Partial<SubscriptionImageEventsArgs>>;
  operation?: SubscriptionResolver<ResolversTypes['Operation'], "operation", ParentType, ContextType, RequireFields<SubscriptionOperationArgs, 'id'>>;
  operations?: SubscriptionResolver<ResolversTypes['Operation'], "operations", ParentType, ContextType, Partial<SubscriptionOperationsArgs>>;
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

export type TagImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagImagePayload'] = ResolversParentTypes['TagImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type TagImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagImageResult'] = ResolversParentTypes['TagImageResult']> = {
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  tagged?: Resolver<ReadonlyArray<ResolversTypes['TaggedReference']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TagTargetResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TagTarget'] = ResolversParentTypes['TagTarget']> = {
  host?: Resolver<ResolversTypes['Host'], ParentType, ContextType>;
  hostImage?: Resolver<ResolversTypes['HostImage'], ParentType, ContextType>;
  image?: Resolver<ResolversTypes['Image'], ParentType, ContextType>;
};

export type TaggedReferenceResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TaggedReference'] = ResolversParentTypes['TaggedReference']> = {
  previousEngineId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type TaskResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Task'] = ResolversParentTypes['Task']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  error?: Resolver<Maybe<ResolversTypes['TaskError']>, ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  host?: Resolver<Maybe<ResolversTypes['Host']>, ParentType, ContextType>;
  hostName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['TaskProgress']>, ParentType, ContextType>;
  result?: Resolver<Maybe<ResolversTypes['TaskResult']>, ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['TaskState'], ParentType, ContextType>;
};

export type TaskErrorResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TaskError'] = ResolversParentTypes['TaskError']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  hint?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  retryable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type TaskProgressResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TaskProgress'] = ResolversParentTypes['TaskProgress']> = {
  bytesPerSecond?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  bytesSaved?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  bytesSent?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  currentBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  etaSeconds?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  layers?: Resolver<ReadonlyArray<ResolversTypes['LayerProgress']>, ParentType, ContextType>;
  percent?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  totalBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
};

export type TaskResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TaskResult'] = ResolversParentTypes['TaskResult']> = {
  __resolveType: TypeResolveFn<'BuildImageResult' | 'CheckRegistryCredentialsResult' | 'CommitContainerResult' | 'ImportImageResult' | 'PruneImagesResult' | 'PullImageResult' | 'PushImageResult' | 'RefreshHostsResult' | 'RemoveImageResult' | 'TagImageResult' | 'TransferImageResult' | 'UntagImageResult', ParentType, ContextType>;
};

export type TransferImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferImagePayload'] = ResolversParentTypes['TransferImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type TransferImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferImageResult'] = ResolversParentTypes['TransferImageResult']> = {
  bytesSaved?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  bytesSent?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  images?: Resolver<ReadonlyArray<ResolversTypes['TransferredImage']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TransferPlanResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferPlan'] = ResolversParentTypes['TransferPlan']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  images?: Resolver<ReadonlyArray<ResolversTypes['TransferPlanImage']>, ParentType, ContextType>;
  targets?: Resolver<ReadonlyArray<ResolversTypes['TransferPlanTarget']>, ParentType, ContextType>;
  totalBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
};

export type TransferPlanCopyResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferPlanCopy'] = ResolversParentTypes['TransferPlanCopy']> = {
  bytesSaved?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  bytesToSend?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  isThere?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  missingLayers?: Resolver<ReadonlyArray<ResolversTypes['TransferPlanLayer']>, ParentType, ContextType>;
  platformMismatch?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  presentLayers?: Resolver<ReadonlyArray<ResolversTypes['TransferPlanLayer']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  stripping?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  tagConflicts?: Resolver<ReadonlyArray<ResolversTypes['TransferTagConflict']>, ParentType, ContextType>;
};

export type TransferPlanImageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferPlanImage'] = ResolversParentTypes['TransferPlanImage']> = {
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['Host']>, ParentType, ContextType>;
  sourceName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type TransferPlanLayerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferPlanLayer'] = ResolversParentTypes['TransferPlanLayer']> = {
  chainId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  diffId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  sizeBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
};

export type TransferPlanTargetResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferPlanTarget'] = ResolversParentTypes['TransferPlanTarget']> = {
  bytesSaved?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  bytesToSend?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  freeBytes?: Resolver<Maybe<ResolversTypes['ByteCount']>, ParentType, ContextType>;
  host?: Resolver<Maybe<ResolversTypes['Host']>, ParentType, ContextType>;
  hostName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  images?: Resolver<ReadonlyArray<ResolversTypes['TransferPlanCopy']>, ParentType, ContextType>;
  missingLayers?: Resolver<ReadonlyArray<ResolversTypes['TransferPlanLayer']>, ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  stripping?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export type TransferTagConflictResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferTagConflict'] = ResolversParentTypes['TransferTagConflict']> = {
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  tag?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type TransferredImageResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['TransferredImage'] = ResolversParentTypes['TransferredImage']> = {
  bytesSaved?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  bytesSent?: Resolver<ResolversTypes['ByteCount'], ParentType, ContextType>;
  engineId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  image?: Resolver<Maybe<ResolversTypes['HostImage']>, ParentType, ContextType>;
  kept?: Resolver<ReadonlyArray<ResolversTypes['TransferTagConflict']>, ParentType, ContextType>;
  layersSaved?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  layersSent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  mode?: Resolver<ResolversTypes['TransferMode'], ParentType, ContextType>;
  moved?: Resolver<ReadonlyArray<ResolversTypes['MovedTag']>, ParentType, ContextType>;
  reference?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tags?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  wholeBecause?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type UntagImagePayloadResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['UntagImagePayload'] = ResolversParentTypes['UntagImagePayload']> = {
  operation?: Resolver<ResolversTypes['Operation'], ParentType, ContextType>;
};

export type UntagImageResultResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['UntagImageResult'] = ResolversParentTypes['UntagImageResult']> = {
  deleted?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  untagged?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = GraphqlContext, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  authenticated?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = GraphqlContext> = {
  BuildImagePayload?: BuildImagePayloadResolvers<ContextType>;
  BuildImageResult?: BuildImageResultResolvers<ContextType>;
  ByteCount?: GraphQLScalarType;
  CancelOperationPayload?: CancelOperationPayloadResolvers<ContextType>;
  CheckRegistryCredentialsPayload?: CheckRegistryCredentialsPayloadResolvers<ContextType>;
  CheckRegistryCredentialsResult?: CheckRegistryCredentialsResultResolvers<ContextType>;
  CheckedRegistry?: CheckedRegistryResolvers<ContextType>;
  CommitContainerPayload?: CommitContainerPayloadResolvers<ContextType>;
  CommitContainerResult?: CommitContainerResultResolvers<ContextType>;
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
  ImageSearchResult?: ImageSearchResultResolvers<ContextType>;
  ImportImagePayload?: ImportImagePayloadResolvers<ContextType>;
  ImportImageResult?: ImportImageResultResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  Label?: LabelResolvers<ContextType>;
  Layer?: LayerResolvers<ContextType>;
  LayerConnection?: LayerConnectionResolvers<ContextType>;
  LayerEdge?: LayerEdgeResolvers<ContextType>;
  LayerProgress?: LayerProgressResolvers<ContextType>;
  MovedTag?: MovedTagResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  Operation?: OperationResolvers<ContextType>;
  OperationConnection?: OperationConnectionResolvers<ContextType>;
  OperationEdge?: OperationEdgeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PlannedImage?: PlannedImageResolvers<ContextType>;
  PruneImagesPayload?: PruneImagesPayloadResolvers<ContextType>;
  PruneImagesResult?: PruneImagesResultResolvers<ContextType>;
  PrunePlan?: PrunePlanResolvers<ContextType>;
  PrunePlanHost?: PrunePlanHostResolvers<ContextType>;
  PullImagePayload?: PullImagePayloadResolvers<ContextType>;
  PullImageResult?: PullImageResultResolvers<ContextType>;
  PulledReference?: PulledReferenceResolvers<ContextType>;
  PushImagePayload?: PushImagePayloadResolvers<ContextType>;
  PushImageResult?: PushImageResultResolvers<ContextType>;
  PushedReference?: PushedReferenceResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RefreshHostsPayload?: RefreshHostsPayloadResolvers<ContextType>;
  RefreshHostsResult?: RefreshHostsResultResolvers<ContextType>;
  Registry?: RegistryResolvers<ContextType>;
  RegistryTag?: RegistryTagResolvers<ContextType>;
  RegistryTagConnection?: RegistryTagConnectionResolvers<ContextType>;
  RegistryTagEdge?: RegistryTagEdgeResolvers<ContextType>;
  RemoteTag?: RemoteTagResolvers<ContextType>;
  RemoveImagePayload?: RemoveImagePayloadResolvers<ContextType>;
  RemoveImageResult?: RemoveImageResultResolvers<ContextType>;
  Repository?: RepositoryResolvers<ContextType>;
  RepositoryConnection?: RepositoryConnectionResolvers<ContextType>;
  RepositoryEdge?: RepositoryEdgeResolvers<ContextType>;
  RetryOperationPayload?: RetryOperationPayloadResolvers<ContextType>;
  SkippedImage?: SkippedImageResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Tag?: TagResolvers<ContextType>;
  TagConnection?: TagConnectionResolvers<ContextType>;
  TagContent?: TagContentResolvers<ContextType>;
  TagEdge?: TagEdgeResolvers<ContextType>;
  TagImagePayload?: TagImagePayloadResolvers<ContextType>;
  TagImageResult?: TagImageResultResolvers<ContextType>;
  TagTarget?: TagTargetResolvers<ContextType>;
  TaggedReference?: TaggedReferenceResolvers<ContextType>;
  Task?: TaskResolvers<ContextType>;
  TaskError?: TaskErrorResolvers<ContextType>;
  TaskProgress?: TaskProgressResolvers<ContextType>;
  TaskResult?: TaskResultResolvers<ContextType>;
  TransferImagePayload?: TransferImagePayloadResolvers<ContextType>;
  TransferImageResult?: TransferImageResultResolvers<ContextType>;
  TransferPlan?: TransferPlanResolvers<ContextType>;
  TransferPlanCopy?: TransferPlanCopyResolvers<ContextType>;
  TransferPlanImage?: TransferPlanImageResolvers<ContextType>;
  TransferPlanLayer?: TransferPlanLayerResolvers<ContextType>;
  TransferPlanTarget?: TransferPlanTargetResolvers<ContextType>;
  TransferTagConflict?: TransferTagConflictResolvers<ContextType>;
  TransferredImage?: TransferredImageResolvers<ContextType>;
  UntagImagePayload?: UntagImagePayloadResolvers<ContextType>;
  UntagImageResult?: UntagImageResultResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
};


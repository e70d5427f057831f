import type { Readable } from 'node:stream';
import type { BuildTrace } from './buildkit/build-trace.ts';
import type { CallOptions } from './engine.ts';

export type { BuildOutput, BuildStatus, BuildTrace, BuildVertex } from './buildkit/build-trace.ts';

/** What a stream of progress says of one layer or step; `id` is empty for what is about the whole. */
export interface ProgressMessage {
  /** Short layer ID; empty for lines about the whole. */
  id: string;
  /** The engine's words: `Downloading`, `Pull complete`, `Step 1/3 : FROM x`, … */
  status: string;
  currentBytes: number | null;
  totalBytes: number | null;
}

/** Credentials for one registry, as engines take them in `X-Registry-Auth`. */
export type RegistryAuth =
  | { serveraddress: string; username: string; password: string }
  | { serveraddress: string; identitytoken: string }
  | { registrytoken: string };

/** What every streaming verb takes. */
export interface VerbOptions extends CallOptions {
  onProgress?: (message: ProgressMessage) => void;
}

/** What a pull did. */
export interface PullResult {
  /** `sha256:…` as the engine says it at the end; null where it did not. */
  digest: string | null;
  /** False where the engine had it already; null where it does not tell. */
  isNew: boolean | null;
  /** What has the name now, where the engine says that and no more (podman). */
  imageId?: string;
}

/** What a push did. */
export interface PushResult {
  digest: string;
  /** Of the manifest, in bytes; null where the engine does not tell. */
  manifestBytes: number | null;
}

/** What a removal did: in docker's words and order. */
export interface RemovalResult {
  /** References. */
  untagged: string[];
  /** Image IDs and, on some engines, layers. */
  deleted: string[];
}

/** Options of a build; `context` is a tar of any compression that the engine knows. */
export interface BuildOptions extends VerbOptions {
  /** Exactly one of the two: a URL that the engine fetches (Git or HTTP), or a tar. */
  remote?: string;
  context?: Readable;
  dockerfile?: string;
  tags: string[];
  buildArgs?: Record<string, string>;
  target?: string;
  labels?: Record<string, string>;
  noCache?: boolean;
  pull?: boolean;
  platform?: string;
  networkMode?: string;
  /** The credentials for a registry as it stands in references, for the images to build on. */
  authFor?: (registry: string) => Promise<RegistryAuth | undefined>;
  /** Those that the classic builder is given credentials for; BuildKit asks as it goes. */
  registries?: string[];
  /** Output of the classic builder and its steps, line by line. */
  onLog?: (line: string) => void;
  /** What BuildKit tells of its steps; then there are neither lines nor messages of pulls. */
  onTrace?: (trace: BuildTrace) => void;
}

/** What builds an image: as `docker build` does, or as it does with DOCKER_BUILDKIT=0. */
export type Builder = 'BUILDKIT' | 'CLASSIC';

/** What a build made. */
export interface BuildResult {
  /** The new image's. */
  id: string;
  builder: Builder;
}

/** How an archive is loaded. */
export interface LoadOptions extends VerbOptions {
  /** So many more bytes of the archive have left us: its chunks of them are not read any more. */
  onSent?: ((bytes: number) => void) | undefined;
}

/** What a load brought. */
export interface LoadResult {
  /** References, as the engine gives them. */
  references: string[];
  /** IDs of images without a name. */
  ids: string[];
}

/** An image that layers are taken of. */
export interface TakenImage {
  /** The engine's. */
  id: string;
  /** One of its tags. */
  name: string;
}

/** What is wanted of an image. */
export interface LayerWish {
  /** Digests of uncompressed layers. */
  diffIds: ReadonlySet<string>;
  /** What may be kept in memory, in bytes of layers' tars. */
  maxBytes: number;
}

/** A layer of an image in a classic store. */
export interface TakenLayer {
  /** Proven. */
  diffId: string;
  /** Bytes of its tar, uncompressed. */
  sizeBytes: number;
  /** The tar, in memory. */
  chunks: readonly Buffer[];
}

/** Some layers of an image, in any order, and what says how they belong together. */
export interface TakenLayers {
  /** As it is: its digest is the image's ID. */
  config: Buffer;
  layers: TakenLayer[];
}

/** Manifests and indexes of an image in a containerd store. */
export interface ImageDocuments {
  /** What the image's name points at. `size` in bytes. */
  root: { digest: string; size: number; mediaType: string };
  /** By digest, the root too; of an index also those of other platforms. */
  documents: ReadonlyMap<string, Buffer>;
}

/** What is wanted of an image in a containerd store. */
export interface ContentWish {
  /** Says which blobs are wanted, by digest. What it throws ends it. */
  choose: (image: ImageDocuments) => ReadonlySet<string>;
  /** What may be kept in memory, in bytes of blobs. */
  maxBytes: number;
}

/** Parts of an image in a containerd store, each proven by its digest. */
export interface TakenContent extends ImageDocuments {
  /** By digest, as they are stored. */
  blobs: ReadonlyMap<string, readonly Buffer[]>;
}

/** A row of `docker search`. */
export interface SearchResult {
  name: string;
  description: string;
  stars: number;
  official: boolean;
}

/**
 * What an engine can do to images. As with `Engine`'s reading calls every one ends at its deadline
 * or when `signal` aborts (the request is destroyed, so the engine stops), and rejects only with a
 * `DockgraphError` that names the host. Streams have an idle deadline instead of a total one.
 */
export interface ImageVerbs {
  /** `reference` must have a tag or digest. */
  pullImage(
    reference: string,
    options: VerbOptions & { platform?: string; auth?: RegistryAuth },
  ): Promise<PullResult>;
  pushImage(reference: string, options: VerbOptions & { auth?: RegistryAuth }): Promise<PushResult>;
  /** `source` is a reference or ID, `target` a reference with tag. */
  tagImage(source: string, target: string, options?: CallOptions): Promise<void>;
  removeImage(
    nameOrId: string,
    options?: CallOptions & { force?: boolean; noPrune?: boolean },
  ): Promise<RemovalResult>;
  /** The new image's ID. */
  commitContainer(
    container: string,
    options: CallOptions & {
      reference?: string;
      author?: string;
      message?: string;
      changes?: string[];
      pause?: boolean;
    },
  ): Promise<string>;
  /** The new image's ID. `source` is a URL that the engine fetches, or a tar of a root file system. */
  importImage(
    source: { url: string } | { archive: Readable },
    options: VerbOptions & {
      reference?: string;
      message?: string;
      changes?: string[];
      platform?: string;
    },
  ): Promise<string>;
  buildImage(options: BuildOptions): Promise<BuildResult>;
  searchImages(
    term: string,
    options?: CallOptions & { limit?: number; official?: boolean; minStars?: number },
  ): Promise<SearchResult[]>;
  /** `docker save`: a tar stream. Destroying it stops the engine. */
  saveImages(
    references: string[],
    options: { signal: AbortSignal; platform?: string },
  ): Promise<Readable>;
  /**
   * Some layers of an image in a classic store, without a save of all of it. The engine must be able
   * to connect to us, and to build by BuildKit. For less than a second the image has a tag more.
   */
  takeLayers(image: TakenImage, options: LayerWish & { signal: AbortSignal }): Promise<TakenLayers>;
  /**
   * The same of an image in a containerd store, by digest. An image of which the store has not all that
   * its index names cannot be taken from so.
   */
  takeContent(
    image: TakenImage,
    options: ContentWish & { signal: AbortSignal },
  ): Promise<TakenContent>;
  /** `docker load`: the references and IDs that the engine says it loaded. */
  loadImages(archive: Readable, options: LoadOptions): Promise<LoadResult>;
  /** Checks credentials (`docker login` against the engine's `/auth`). */
  checkAuth(auth: RegistryAuth, options?: CallOptions): Promise<void>;
}

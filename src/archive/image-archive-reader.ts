import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { digestOf } from '../common/digest.ts';
import { TarEnd } from '../common/tar-end.ts';
import {
  DamagedArchiveError,
  IncompleteArchiveError,
  UnknownArchiveError,
} from './archive-errors.ts';
import type { ArchiveError } from './archive-errors.ts';
import { FileStart } from './archived-files.ts';
import type { ArchivedFile } from './archived-files.ts';
import { CONFIG_PATH, dockerArchiveContents, layerMismatch } from './docker-manifest.ts';
import type {
  ArchiveKnowledge,
  ExpectedImage,
  ImageArchiveVisitor,
  ArchiveContents,
  PassingLayer,
} from './image-archive.ts';
import { isObject } from './oci-documents.ts';
import { OciGraph } from './oci-graph.ts';
import { TarError, TarWalk } from './tar-walk.ts';
import type { TarHead } from './tar-walk.ts';
import { V1LayerNames } from './v1-layer-names.ts';

/** A few for each layer; what has more is no image's archive, and its names would fill our memory. */
const MAX_ENTRIES = 50_000;
/** A blob that is larger is a layer. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** Of all documents together: an index of dozens of platforms has a few hundred KiB. */
const MAX_DOCUMENTS_BYTES = 32 * 1024 * 1024;

/** In a v1 directory. Names are kept, so they have a bound. */
const DIRECTORY_JSON = /^[^/]{1,128}\/json$/;
const DIRECTORY_LAYER = /^[^/]{1,128}\/layer\.tar$/;
const MAX_PATH = 256;

/** Takes the bytes of one entry. */
interface Sink {
  take(bytes: Buffer): void;
  end(): void;
}

/**
 * Reads the archive that an engine saved of one image as it streams past, in any layout that engines
 * have: v1 directories (to 24), OCI layout with blobs that are not compressed (25 and newer), OCI
 * layout with blobs as they were pulled (containerd stores), podman's. Layers go to the visitor as
 * they come; documents are kept, in at most 32 MiB. Every layer and document is proven by its digest.
 * That a compressed layer has the diffID that its manifest says is left to who unpacks it.
 */
export class ImageArchiveReader {
  readonly #expected: ExpectedImage;
  readonly #visitor: ImageArchiveVisitor;
  readonly #knownDiffIds: ReadonlyMap<string, string>;
  /** Null where nothing is known yet. */
  readonly #knownLayers: ReadonlySet<string> | null;
  readonly #tail = new TarEnd();
  readonly #walk: TarWalk;
  readonly #graph: OciGraph;
  readonly #v1: V1LayerNames;
  #entries = 0;
  #files = 0;
  #sink: Sink | null = null;
  #documentBytes = 0;
  /** `manifest.json` and `index.json`. */
  readonly #lists = new Map<string, Buffer>();
  readonly #configs = new Map<string, Buffer>();
  readonly #links = new Map<string, string>();
  /** Layers that are named by a path, and by their digest. */
  readonly #layers = new Map<string, ArchivedFile>();
  readonly #blobs = new Map<string, ArchivedFile>();
  /** Digests of layers that the visitor has had. */
  readonly #passed = new Set<string>();
  #isTold = false;
  #failure: Error | undefined;

  /** `known`: what an earlier read of the same image on the same host found out. */
  constructor(expected: ExpectedImage, visitor: ImageArchiveVisitor, known?: ArchiveKnowledge) {
    this.#expected = expected;
    this.#visitor = visitor;
    this.#knownDiffIds = new Map(Object.entries(known?.diffIdOf ?? {}));
    this.#knownLayers = known === undefined ? null : new Set(known.layers);
    this.#graph = new OciGraph(expected);
    this.#v1 = new V1LayerNames(expected.diffIds);
    this.#walk = new TarWalk({
      begin: (head) => this.#begin(head),
      content: (bytes) => this.#sink?.take(bytes),
      end: () => this.#end(),
    });
  }

  /** Throws an ArchiveError as soon as something is wrong, and the same one ever after. */
  push(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#try(() => this.#walk.push(chunk));
  }

  /** To be called at the end: proves what only the whole can tell, and says what the image is. */
  finish(): ArchiveContents {
    return this.#try(() => {
      this.#walk.finish();
      const index = this.#lists.get('index.json');
      const manifest = this.#lists.get('manifest.json');
      if (index !== undefined) return this.#graph.contents(index, this.#blobs);
      if (manifest === undefined) throw this.#nothingRecognized();
      return dockerArchiveContents(
        {
          manifest,
          configs: this.#configs,
          layers: this.#layers,
          links: this.#links,
          nameOf: layerName,
        },
        this.#expected,
      );
    });
  }

  #nothingRecognized(): ArchiveError {
    if (this.#files === 0) {
      return new IncompleteArchiveError('the archive is empty: it holds not a single file', {
        missing: ['manifest.json'],
      });
    }
    return new UnknownArchiveError(
      'the archive has neither a manifest.json nor an index.json: its layout is not known',
    );
  }

  #try<T>(work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return work();
    } catch (error) {
      this.#failure = this.#explained(error as Error);
      throw this.#failure;
    }
  }

  /** Engines that fail in the middle of an archive append why: that explains whatever is wrong. */
  #explained(error: Error): Error {
    if (!(error instanceof TarError || error instanceof DamagedArchiveError)) return error;
    const complaint = complaintOf(this.#tail.appendedJson);
    const { message } = error;
    if (error instanceof DamagedArchiveError && complaint === null) return error;
    const said = complaint === null ? '' : `; the engine broke it off with: ${complaint}`;
    const details = error instanceof DamagedArchiveError ? error.details : {};
    return new DamagedArchiveError(
      error instanceof TarError ? `the archive is not whole: ${message}${said}` : message + said,
      { ...details, ...(complaint !== null && { complaint }) },
      error,
    );
  }

  #begin(head: TarHead): void {
    if (++this.#entries > MAX_ENTRIES) {
      throw new UnknownArchiveError(`the archive has more than ${MAX_ENTRIES} entries`);
    }
    if (head.linkTarget !== null && DIRECTORY_LAYER.test(head.path)) {
      this.#links.set(head.path, head.linkTarget.slice(0, MAX_PATH));
    }
    if (!head.isFile) return;
    this.#files++;
    this.#sink = this.#sinkFor(head);
  }

  #end(): void {
    const sink = this.#sink;
    this.#sink = null;
    sink?.end();
  }

  /** Null for what nothing needs. */
  #sinkFor({ path, size }: TarHead): Sink | null {
    const [, blob] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (blob !== undefined) return this.#blobSink(path, `sha256:${blob}`, size);
    if (path === 'manifest.json' || path === 'index.json') {
      return this.#documentSink(path, size, null, (bytes) => this.#lists.set(path, bytes));
    }
    const [, config] = CONFIG_PATH.exec(path) ?? [];
    if (config !== undefined) {
      const digest = `sha256:${config}`;
      return this.#documentSink(path, size, digest, (bytes) => this.#configs.set(path, bytes));
    }
    if (DIRECTORY_JSON.test(path)) {
      const directory = posix.dirname(path);
      return this.#documentSink(path, size, null, (bytes) => this.#v1.learn(directory, bytes));
    }
    if (DIRECTORY_LAYER.test(path)) return this.#directoryLayerSink(path, size);
    return /^[0-9a-f]{64}\.tar$/.test(path) ? this.#namedLayerSink(path, size) : null;
  }

  /** A blob says by its first byte whether it may be a document. */
  #blobSink(path: string, digest: string, size: number): Sink {
    const layerSink = () =>
      this.#layerSink(
        path,
        {
          name: digest,
          diffId: this.#knownDiffIds.get(digest) ?? this.#graph.diffIdOf(digest),
          digest,
          sizeBytes: size,
          isOfPlatform: this.#knownLayers?.has(digest) ?? this.#graph.isOfPlatform(digest),
        },
        (file) => {
          if (file.digest !== digest) throw damaged(path, digest, file.digest);
          this.#blobs.set(digest, file);
        },
      );
    const documentSink = () =>
      this.#documentSink(path, size, digest, (bytes) => {
        if (this.#graph.add(digest, bytes)) {
          this.#tell(() => this.#graph.knowledge);
          return;
        }
        this.#documentBytes -= size;
        const layer = layerSink();
        layer.take(bytes);
        layer.end();
      });
    let sink: Sink | null = null;
    return {
      take: (bytes) => {
        const mayBeDocument = size <= MAX_DOCUMENT_BYTES && bytes[0] === '{'.charCodeAt(0);
        sink ??= mayBeDocument ? documentSink() : layerSink();
        sink.take(bytes);
      },
      end: () => (sink ?? layerSink()).end(),
    };
  }

  #directoryLayerSink(path: string, size: number): Sink {
    const name = layerName(path);
    const diffId = this.#knownDiffIds.get(name) ?? this.#v1.diffIdOf(name);
    this.#tell(() => this.#v1.knowledge);
    return this.#pathLayerSink(path, name, diffId, size);
  }

  #namedLayerSink(path: string, size: number): Sink {
    const name = layerName(path);
    const { diffIds } = this.#expected;
    const diffId = diffIds.includes(name) ? name : null;
    if (diffId !== null) {
      const layers = [...new Set(diffIds)];
      this.#tell(() => ({ diffIdOf: Object.fromEntries(layers.map((id) => [id, id])), layers }));
    }
    return this.#pathLayerSink(path, name, diffId, size);
  }

  #pathLayerSink(path: string, name: string, diffId: string | null, sizeBytes: number): Sink {
    return this.#layerSink(
      path,
      { name, diffId, digest: diffId, sizeBytes, isOfPlatform: true },
      (file) => {
        const isRight =
          diffId === null ? this.#expected.diffIds.includes(file.digest) : file.digest === diffId;
        if (!isRight) throw layerMismatch(path, file, diffId);
        this.#layers.set(path, file);
      },
    );
  }

  #layerSink(path: string, layer: PassingLayer, prove: (file: ArchivedFile) => void): Sink {
    const hash = createHash('sha256');
    const start = new FileStart();
    const isNew = layer.digest === null || !this.#passed.has(layer.digest);
    const visitor = isNew ? this.#visitor : null;
    visitor?.layerBegin(layer);
    return {
      take: (bytes) => {
        hash.update(bytes);
        start.take(bytes);
        visitor?.layerBytes(bytes);
      },
      end: () => {
        const digest = `sha256:${hash.digest('hex')}`;
        prove({ digest, sizeBytes: layer.sizeBytes, isCompressed: start.isCompressed });
        this.#passed.add(digest);
        visitor?.layerEnd();
      },
    };
  }

  /** Keeps a document whole, and proves it where it is named by its digest. */
  #documentSink(
    path: string,
    size: number,
    digest: string | null,
    done: (bytes: Buffer) => void,
  ): Sink {
    this.#documentBytes += size;
    if (size > MAX_DOCUMENT_BYTES || this.#documentBytes > MAX_DOCUMENTS_BYTES) {
      throw new UnknownArchiveError(
        `the archive has documents beyond all bounds: ${path} has ${size} bytes, with those before it ${this.#documentBytes}`,
        { entry: path },
      );
    }
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    return {
      take: (part) => {
        filled += part.copy(bytes, filled);
      },
      end: () => {
        if (digest !== null) {
          const actual = digestOf(bytes);
          if (actual !== digest) throw damaged(path, digest, actual);
        }
        done(bytes);
      },
    };
  }

  #tell(find: () => ArchiveKnowledge | null): void {
    if (this.#isTold) return;
    const knowledge = find();
    if (knowledge === null) return;
    this.#isTold = true;
    this.#visitor.known?.(knowledge);
  }
}

/** A v1 directory, or the digest that a file is named by. */
function layerName(path: string): string {
  const directory = posix.dirname(path);
  return directory === '.' ? `sha256:${posix.basename(path, '.tar')}` : directory;
}

function damaged(path: string, expected: string, actual: string): DamagedArchiveError {
  return new DamagedArchiveError(
    `${path} in the archive is damaged: its digest is ${actual}, not ${expected}`,
    { entry: path, expected, actual },
  );
}

function complaintOf(json: unknown): string | null {
  if (!isObject(json)) return null;
  const { error, errorDetail } = json;
  const message = isObject(errorDetail) ? errorDetail['message'] : error;
  return typeof message === 'string' ? message : null;
}

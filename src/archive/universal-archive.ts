import { digestOf } from '../common/digest.ts';
import type {
  Descriptor,
  ImageContents,
  ImageDocument,
  OriginalDocuments,
  PassingLayer,
} from './image-archive.ts';
import {
  OCI_CONFIG_TYPE,
  OCI_INDEX_TYPE,
  OCI_MANIFEST_TYPE,
  ociDocument,
} from './oci-documents.ts';
import { TAR_END, tarFile, tarHeader, tarPadding } from './tar-header.ts';

/** How an archive ends. */
export interface FinishOptions {
  /**
   * The source's own manifest and what lies above it, so that a containerd store gives the same
   * image ID; otherwise, and where the source has none, one manifest of config and layers is made.
   * An index stays as it is also where layers of its other platforms were not sent: the archive is
   * then without the manifests of those, as a store is after a pull for its own platform.
   */
  keepOriginal: boolean;
}

/**
 * Writes the archive of one image that every engine loads, for one target: layers as they are sent,
 * in any order; what says how they belong together comes behind them. It says so twice, once for
 * stores that read `index.json` and once for those that read `manifest.json`. All layers are named
 * there, also those that are not sent because the target has them. The image gets no tag.
 */
export class UniversalArchive {
  /** Paths of layers whose digest was not known at their beginning, by their names. */
  readonly #unnamed = new Map<string, string>();
  readonly #sent = new Set<string>();
  #sizeBytes = 0;
  #rootDigest: string | null = null;

  /** What goes before the layer's bytes. A layer is sent at most once. */
  begin({ name, digest, sizeBytes }: PassingLayer): Buffer {
    const path = digest === null ? `layers/${this.#unnamed.size}.tar` : blobPath(digest);
    if (this.#sent.has(path)) throw new Error(`${name} is in this archive already`);
    this.#sent.add(path);
    if (digest === null) this.#unnamed.set(name, path);
    this.#sizeBytes = sizeBytes;
    return tarHeader(path, sizeBytes);
  }

  /** What goes behind the layer's bytes. */
  end(): Buffer {
    return tarPadding(this.#sizeBytes);
  }

  /** Everything but layers, and the end of the archive. */
  finish(contents: ImageContents, { keepOriginal }: FinishOptions): Buffer[] {
    const original = (keepOriginal ? contents.original : null) ?? madeDocuments(contents);
    const files = original === null ? [] : this.#documentFiles(contents, original);
    if (original?.documents.has(contents.configDigest) !== true) {
      files.push(tarFile(blobPath(contents.configDigest), contents.config));
    }
    files.push(jsonFile('manifest.json', [this.#manifestItem(contents)]));
    // Stores that read index.json find layers by their digests only; without it they read the other.
    if (original !== null && this.#unnamed.size === 0) {
      this.#rootDigest = original.root.digest;
      files.push(jsonFile('index.json', index(original.root)));
      files.push(jsonFile('oci-layout', { imageLayoutVersion: '1.0.0' }));
    }
    return [...files, TAR_END];
  }

  /**
   * The ID that a containerd store gives the image. Null before `finish`, and where there is no
   * manifest of it or a layer was sent without its digest: then the store makes its own.
   */
  get rootDigest(): string | null {
    return this.#rootDigest;
  }

  #documentFiles(contents: ImageContents, original: OriginalDocuments): Buffer[] {
    return [...original.documents]
      .filter(
        ([digest, { bytes }]) =>
          digest === original.manifestDigest || this.#isComplete(bytes, contents, original),
      )
      .map(([digest, { bytes }]) => tarFile(blobPath(digest), bytes));
  }

  /** Stores want to unpack whatever they have a manifest of, for whichever platform. */
  #isComplete(bytes: Buffer, { layers }: ImageContents, { documents }: OriginalDocuments): boolean {
    const document = ociDocument(bytes);
    if (document?.kind !== 'manifest') return true;
    return document.layers.every(
      ({ digest }) =>
        this.#sent.has(blobPath(digest)) ||
        documents.has(digest) ||
        layers.some((layer) => layer.digest === digest),
    );
  }

  #manifestItem({ configDigest, layers, knowledge }: ImageContents): object {
    const unnamed = new Map(
      [...this.#unnamed].map(([name, path]) => [knowledge?.diffIdOf[name], path]),
    );
    return {
      Config: blobPath(configDigest),
      RepoTags: null,
      Layers: layers.map(({ diffId, digest }) => unnamed.get(diffId) ?? blobPath(digest)),
    };
  }
}

/** Null where a layer's size is not known, which a manifest tells; classic stores need none. */
function madeDocuments({ config, configDigest, layers }: ImageContents): OriginalDocuments | null {
  if (layers.some(({ sizeBytes }) => sizeBytes === null)) return null;
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST_TYPE,
    config: { mediaType: OCI_CONFIG_TYPE, digest: configDigest, size: config.length },
    layers: layers.map(({ mediaType, digest, sizeBytes }) => ({
      mediaType,
      digest,
      size: sizeBytes,
    })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(bytes);
  const document: ImageDocument = { bytes, mediaType: OCI_MANIFEST_TYPE };
  return {
    root: { mediaType: OCI_MANIFEST_TYPE, digest, size: bytes.length },
    manifestDigest: digest,
    documents: new Map([[digest, document]]),
  };
}

function index(root: Descriptor): object {
  return { schemaVersion: 2, mediaType: OCI_INDEX_TYPE, manifests: [root] };
}

function jsonFile(path: string, json: unknown): Buffer {
  return tarFile(path, Buffer.from(JSON.stringify(json)));
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

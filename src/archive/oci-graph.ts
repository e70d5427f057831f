import {
  DamagedArchiveError,
  IncompleteArchiveError,
  UnknownArchiveError,
  WrongImageError,
} from './archive-errors.ts';
import type { ArchivedFile } from './archived-files.ts';
import type {
  ArchivedLayer,
  ArchiveKnowledge,
  Descriptor,
  ExpectedImage,
  ArchiveContents,
  ImageDocument,
} from './image-archive.ts';
import { compressedLayerType, OCI_LAYER_TYPE, ociDocument } from './oci-documents.ts';
import type { ConfigDocument, OciDocument, PlatformDescriptor } from './oci-documents.ts';

interface Found {
  bytes: Buffer;
  document: OciDocument;
}

/** One index in another is rare already. */
const MAX_DEPTH = 8;

type Manifest = Extract<OciDocument, { kind: 'manifest' }>;

/** A manifest that lies under the root, by an index's row or as the root itself. */
interface Leaf {
  row: PlatformDescriptor;
  manifest: Manifest | null;
  config: { bytes: Buffer; document: ConfigDocument } | null;
}

/**
 * The documents of an archive in OCI layout: they come in any order between the layers, and say
 * together which blob is which layer. An index may have manifests of many platforms, of which an
 * engine exports what it has and is silent about the rest.
 */
export class OciGraph {
  readonly #expected: ExpectedImage;
  readonly #diffIds: ReadonlySet<string>;
  readonly #found = new Map<string, Found>();
  /** Manifests whose config has not come yet, by the config's digest. */
  readonly #waiting = new Map<string, Manifest[]>();
  readonly #diffIdOf = new Map<string, string>();
  /** Of the expected platform, once its manifest and config are there. */
  #layers: ReadonlySet<string> | null = null;

  constructor(expected: ExpectedImage) {
    this.#expected = expected;
    this.#diffIds = new Set(expected.diffIds);
  }

  /** Takes a blob that may be a document; false where it is none. */
  add(digest: string, bytes: Buffer): boolean {
    const document = ociDocument(bytes);
    if (document === null) return false;
    this.#found.set(digest, { bytes, document });
    if (document.kind === 'config') {
      for (const manifest of this.#waiting.get(digest) ?? []) this.#link(manifest, document);
      this.#waiting.delete(digest);
    } else if (document.kind === 'manifest') {
      const config = this.#config(document);
      if (config !== null) this.#link(document, config.document);
      else {
        const { digest: awaited } = document.config;
        const others = this.#waiting.get(awaited);
        if (others === undefined) this.#waiting.set(awaited, [document]);
        else others.push(document);
      }
    }
    return true;
  }

  /** Null where it is not known yet. */
  diffIdOf(digest: string): string | null {
    if (this.#diffIds.has(digest)) return digest;
    return this.#diffIdOf.get(digest) ?? null;
  }

  /** False where it is certain that a blob belongs to another platform. */
  isOfPlatform(digest: string): boolean {
    if (this.#diffIds.has(digest)) return true;
    return this.#layers?.has(digest) ?? true;
  }

  /** Once manifest and config of the expected platform are there. */
  get knowledge(): ArchiveKnowledge | null {
    if (this.#layers === null) return null;
    return { diffIdOf: Object.fromEntries(this.#diffIdOf), layers: [...this.#layers] };
  }

  /** Proves that all that the documents name has come, and says what the image is. */
  contents(indexJson: Buffer, blobs: ReadonlyMap<string, ArchivedFile>): ArchiveContents {
    const root = this.#root(indexJson);
    const documents = new Map<string, ImageDocument>();
    const leaves: Leaf[] = [];
    this.#collect(root, documents, leaves);
    const { row, manifest, config } = this.#leafOfPlatform(root, leaves);
    const { id } = this.#expected;
    if (root.digest !== id && row.digest !== id && manifest.config.digest !== id) {
      throw wrongImage(id, root.digest);
    }
    const layers = this.#provenLayers(manifest, blobs);
    for (const other of leaves) this.#collectLeaf(other, documents, blobs);
    this.#layers = new Set(layers.map(({ digest }) => digest));
    for (const { digest, diffId } of layers) this.#diffIdOf.set(digest, diffId);
    return {
      config: config.bytes,
      configDigest: manifest.config.digest,
      layers,
      original: {
        root: { mediaType: root.mediaType, digest: root.digest, size: root.size },
        manifestDigest: row.digest,
        documents,
      },
      knowledge: this.knowledge!,
    };
  }

  #config({ config }: Manifest): { bytes: Buffer; document: ConfigDocument } | null {
    const found = this.#found.get(config.digest);
    return found?.document.kind === 'config'
      ? { bytes: found.bytes, document: found.document }
      : null;
  }

  #link({ layers }: Manifest, config: ConfigDocument): void {
    if (layers.length !== config.diffIds.length) return;
    layers.forEach(({ digest }, at) => this.#diffIdOf.set(digest, config.diffIds[at]!));
    if (!this.#isExpected(config) || !this.#isExpectedPlatform(config)) return;
    this.#layers ??= new Set(layers.map(({ digest }) => digest));
  }

  #isExpected({ diffIds }: ConfigDocument): boolean {
    const expected = this.#expected.diffIds;
    return diffIds.length === expected.length && diffIds.every((id, at) => id === expected[at]);
  }

  #isExpectedPlatform(platform: Omit<ConfigDocument, 'kind' | 'diffIds'>): boolean {
    const { os, architecture, variant } = this.#expected;
    return (
      platform.os === os && platform.architecture === architecture && platform.variant === variant
    );
  }

  /** What `index.json` names. Engines name one root for one image, at most under several tags. */
  #root(indexJson: Buffer): PlatformDescriptor {
    const index = ociDocument(indexJson);
    if (index?.kind !== 'index') {
      throw new UnknownArchiveError('index.json in the archive is no index of images');
    }
    const [first, ...others] = index.manifests;
    if (first === undefined) {
      throw new IncompleteArchiveError('the archive is empty: its index.json names no image');
    }
    const { id } = this.#expected;
    const root = [first, ...others].find(({ digest }) => digest === id) ?? first;
    if (root.digest === id || others.every(({ digest }) => digest === first.digest)) return root;
    throw wrongImage(id, first.digest);
  }

  /** Indexes from a row on downwards, and the manifests that they end in. */
  #collect(
    row: PlatformDescriptor,
    documents: Map<string, ImageDocument>,
    leaves: Leaf[],
    depth = 0,
  ): void {
    if (documents.has(row.digest)) return;
    if (depth > MAX_DEPTH) {
      throw new UnknownArchiveError(`the archive has indexes in indexes, ${depth} deep`);
    }
    const found = this.#found.get(row.digest);
    if (found !== undefined) assertSize(row, found.bytes.length);
    if (found?.document.kind === 'index') {
      documents.set(row.digest, { bytes: found.bytes, mediaType: row.mediaType });
      for (const below of found.document.manifests)
        this.#collect(below, documents, leaves, depth + 1);
      return;
    }
    const manifest = found?.document.kind === 'manifest' ? found.document : null;
    const config = manifest === null ? null : this.#config(manifest);
    if (manifest !== null && config !== null) assertSize(manifest.config, config.bytes.length);
    leaves.push({ row, manifest, config });
  }

  /**
   * A manifest and what it names of documents. Engines that hold the manifest of another platform
   * without its layers may not be given it: stores want to unpack whatever they have a manifest of.
   */
  #collectLeaf(
    { row, manifest, config }: Leaf,
    documents: Map<string, ImageDocument>,
    blobs: ReadonlyMap<string, ArchivedFile>,
  ): void {
    if (manifest === null || config === null) return;
    if (manifest.layers.some(({ digest }) => !blobs.has(digest) && !this.#found.has(digest)))
      return;
    for (const { digest, mediaType } of [row, manifest.config, ...manifest.layers]) {
      const found = this.#found.get(digest);
      if (found !== undefined) documents.set(digest, { bytes: found.bytes, mediaType });
    }
  }

  #leafOfPlatform(
    root: PlatformDescriptor,
    leaves: readonly Leaf[],
  ): { [K in keyof Leaf]: NonNullable<Leaf[K]> } {
    const whole = leaves.flatMap(({ row, manifest, config }) =>
      manifest !== null && config !== null && this.#isExpected(config.document)
        ? [{ row, manifest, config }]
        : [],
    );
    const leaf =
      whole.find(({ manifest }) => manifest.config.digest === this.#expected.id) ??
      whole.find(({ config }) => this.#isExpectedPlatform(config.document)) ??
      whole.at(0);
    if (leaf !== undefined) return leaf;
    const likely = leaves.filter(({ row }) =>
      row.platform === null ? leaves.length === 1 : this.#isExpectedPlatform(row.platform),
    );
    for (const { row, manifest } of likely) {
      if (manifest === null) throw incomplete([`manifest ${row.digest}`]);
      if (this.#config(manifest) === null) throw incomplete([`config ${manifest.config.digest}`]);
    }
    if (leaves.length === 0) throw incomplete([`index ${root.digest}`]);
    const { id, os, architecture } = this.#expected;
    throw new WrongImageError(
      `the archive holds no image for ${os}/${architecture} with the layers of ${id}`,
      { expected: id, actual: root.digest },
    );
  }

  #provenLayers({ layers }: Manifest, blobs: ReadonlyMap<string, ArchivedFile>): ArchivedLayer[] {
    const { diffIds } = this.#expected;
    if (layers.length !== diffIds.length) {
      throw new UnknownArchiveError(
        `the manifest in the archive has ${layers.length} layers, not ${diffIds.length}`,
      );
    }
    const missing = layers.filter(({ digest }) => !blobs.has(digest));
    if (missing.length > 0) {
      throw incomplete([...new Set(missing.map(({ digest }) => `layer ${digest}`))]);
    }
    return layers.map((row, at) => {
      const { digest } = row;
      const diffId = diffIds[at]!;
      assertSize(row, blobs.get(digest)!.sizeBytes);
      const mediaType = digest === diffId ? OCI_LAYER_TYPE : compressedLayerType(row.mediaType);
      if (mediaType === null) {
        throw new UnknownArchiveError(
          `layer ${digest} in the archive is ${row.mediaType}, and not what its diffID ${diffId} names`,
        );
      }
      return { diffId, digest, sizeBytes: row.size, mediaType };
    });
  }
}

function assertSize({ digest, size }: Descriptor, actual: number): void {
  if (size === actual) return;
  throw new DamagedArchiveError(
    `${digest} in the archive has ${actual} bytes, not ${size} as its manifest says`,
    { entry: digest, expected: size, actual },
  );
}

function incomplete(missing: string[]): IncompleteArchiveError {
  const [first, ...others] = missing;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return new IncompleteArchiveError(
    `the archive is not whole: the engine saved it without ${first}${more}`,
    { missing },
  );
}

function wrongImage(expected: string, actual: string): WrongImageError {
  return new WrongImageError(`the archive holds the image ${actual}, not ${expected}`, {
    expected,
    actual,
  });
}

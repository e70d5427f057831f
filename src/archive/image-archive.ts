/** What the source's inspect said of the image. */
export interface ExpectedImage {
  /** The engine's ID: the digest of a config, manifest or index. */
  id: string;
  /** From the bottom up; may repeat. */
  diffIds: readonly string[];
  os: string;
  architecture: string;
  variant: string | null;
}

/**
 * How the files of an image's archive are named. Learned by one read, it makes the next one know
 * every layer at its beginning. Never changes for one image ID on one host; JSON can hold it.
 */
export interface ArchiveKnowledge {
  /**
   * diffID by the name that the archive gives the layer: blob digest `sha256:…` or v1 directory. A
   * blob of another platform has one too.
   */
  diffIdOf: Readonly<Record<string, string>>;
  /** Names of the layers that belong to the expected platform. */
  layers: readonly string[];
}

/** A layer whose bytes begin to pass. */
export interface PassingLayer {
  /** In the archive: blob digest or v1 directory. */
  name: string;
  /** Null where it cannot be known yet. */
  diffId: string | null;
  /**
   * sha256 digest under which the bytes are known beforehand: the diffID of an uncompressed layer,
   * the blob digest of a compressed one; null where not known.
   */
  digest: string | null;
  /** Bytes in the archive, as they are: they may be compressed. */
  sizeBytes: number;
  /** False where it belongs to another platform of the image, as far as known. */
  isOfPlatform: boolean;
}

/** Who gets the layers of an archive as they pass. What it throws goes through to `push`. */
export interface ImageArchiveVisitor {
  /** A layer begins: at most once for one content, as far as its digest is known by then. */
  layerBegin(layer: PassingLayer): void;
  /** Parts of the chunks that were pushed, not copies. */
  layerBytes(bytes: Buffer): void;
  /** The layer's digest is proven. */
  layerEnd(): void;
  /** Every layer's name can be told from here on. At most once. */
  known?(knowledge: ArchiveKnowledge): void;
}

/** What an OCI document says of another blob. */
export interface Descriptor {
  mediaType: string;
  /** `sha256:…` */
  digest: string;
  /** Bytes. */
  size: number;
}

/** One layer of an image, as the archive holds it. */
export interface ArchivedLayer {
  diffId: string;
  /** Of the bytes in the archive. The same as `diffId` where they are not compressed. */
  digest: string;
  /** Null where it is not known, because it did not pass. */
  sizeBytes: number | null;
  /** OCI's, with what it is compressed by. */
  mediaType: string;
}

/** A manifest, index or config, byte by byte, so that its digest stays. */
export interface ImageDocument {
  bytes: Buffer;
  mediaType: string;
}

/** The source's own documents, where its layout has them. */
export interface OriginalDocuments {
  root: Descriptor;
  /** Of the manifest of the expected platform. */
  manifestDigest: string;
  /**
   * By digest: everything from the root down that is no layer; also of those other platforms whose
   * layers are all in the archive.
   */
  documents: ReadonlyMap<string, ImageDocument>;
}

/** What an image is, without its layers' bytes. */
export interface ImageContents {
  config: Buffer;
  configDigest: string;
  /** Of the expected platform, from the bottom up. */
  layers: ArchivedLayer[];
  /** Null of docker-archive layouts, which have none. */
  original: OriginalDocuments | null;
  /** Null where it was not read from an archive. */
  knowledge: ArchiveKnowledge | null;
}

/** An image that was read whole from an archive. */
export interface ArchiveContents extends ImageContents {
  knowledge: ArchiveKnowledge;
}

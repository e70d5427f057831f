/** What happens where a tag points at another image on the target. */
export type TagConflictPolicy = 'MOVE' | 'KEEP' | 'FAIL';

/** How an archive is compressed on its way to a target. AUTO decides by transport and known speed. */
export type TransferCompression = 'NONE' | 'GZIP' | 'ZSTD' | 'AUTO';

/** One image to copy, found when the transfer was asked for: what is copied does not change later. */
export type TransferItem = {
  /** As it was asked for. */
  reference: string;
  /** The tag that it was asked for by, canonical; null for an ID or a digest. */
  tag: string | null;
  /** The key of its `ImageRecord`: the content digest. */
  content: string;
  /** The host to read from; null where the best one that holds it is chosen. */
  source: string | null;
  /** The source's ID for it; null without a source. */
  engineId: string | null;
  /** Tags to set on the target, canonical. */
  tags: string[];
};

/** What was planned for one image on one target: when it is run, this must be so still. */
export type PlannedCopy = {
  /** Diff IDs of the layers that the target lacks, each once. */
  missing: string[];
  isThere: boolean;
  /** For each tag that is to be set, the ID of the image that has it on the target. */
  owners: { [tag: string]: string | null };
};

/** What `transferImage` is asked for, as it is stored. */
export type TransferInput = {
  plan: string | null;
  images: TransferItem[];
  onTagConflict: TagConflictPolicy;
  compression: TransferCompression;
  verify: boolean;
  maxBytesPerSecond: number | null;
  /** By target, one entry for each image; null without a plan. */
  planned: { [target: string]: PlannedCopy[] } | null;
};

/** How the bytes of an image came to a target. */
export type TransferMode =
  /** It was there. */
  | 'NOTHING'
  /** Layers that the target had were left out. */
  | 'DELTA'
  /** All of it. */
  | 'WHOLE';

/** What came of one image on one target. */
export type TransferredImage = {
  /** As it was asked for. */
  reference: string;
  /** The host that it was read from; null where nothing was read. */
  source: string | null;
  /** The target's ID for the image. */
  engineId: string;
  mode: TransferMode;
  /** Why all of it was sent although the target seemed to have layers; null otherwise. */
  wholeBecause: string | null;
  /** Bytes that were sent to the target, as they went over the connection. */
  bytesSent: number;
  /** Bytes of layers that were left out. */
  bytesSaved: number;
  layersSent: number;
  layersSaved: number;
  /** Tags that point at it now, as docker prints them. */
  tags: string[];
  /** Tags that another image had and keeps, with that image's ID. */
  kept: { tag: string; engineId: string }[];
  /** Tags that were taken from another image, with that image's ID. */
  moved: { tag: string; previous: string }[];
};

/** What a transfer did on one target. */
export type TransferOutcome = { images: TransferredImage[]; bytesSent: number; bytesSaved: number };

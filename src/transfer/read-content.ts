import type { ExpectedImage, PassingLayer } from '../archive/image-archive.ts';
import { ociDocument, OCI_INDEX_TYPE } from '../archive/oci-documents.ts';
import type { OciDocument } from '../archive/oci-documents.ts';
import { OciGraph } from '../archive/oci-graph.ts';
import type { ImageDocuments, TakenContent } from '../engine/image-verbs.ts';
import type { ImageRecord, LayerRecord } from '../fleet/records.ts';
import type { ReadImage } from './image-read.ts';
import { distinctLayers } from './planned-copy.ts';
import { NotTakenError, passingLayer } from './read-layers.ts';

type Manifest = Extract<OciDocument, { kind: 'manifest' }>;

/** What a build says of how it was made: a manifest beside those of platforms. */
const ATTESTATION_LAYER = 'application/vnd.in-toto+json';

/**
 * Takes blobs of the image and has them in memory while `use` runs; `layers` are those that are
 * wanted. Rejects with NotTakenError where that cannot be done; `use` is not called then.
 */
export type WithContent = <T>(
  layers: readonly LayerRecord[],
  choose: (image: ImageDocuments) => ReadonlySet<string>,
  signal: AbortSignal,
  use: (taken: TakenContent) => Promise<T>,
) => Promise<T>;

/** Reads of an image in a containerd store only the layers that somebody lacks. */
export function readContent(
  image: ImageRecord,
  expected: ExpectedImage,
  withContent: WithContent,
): ReadImage {
  return async ({ visitor, signal, gathered, begin, took, isWanted }) => {
    await gathered();
    const wanted = distinctLayers(image).filter((layer) => isWanted(passingLayer(layer)));
    const diffIds = new Set(wanted.map(({ diffId }) => diffId));
    const choose = ({ documents }: ImageDocuments) => chosenBlobs(documents, expected, diffIds);
    return withContent(wanted, choose, signal, async (taken) => {
      const { graph, manifests } = graphOf(taken, expected);
      const rows = manifests.flatMap(({ layers }) => layers);
      const files = rows.map(({ digest, size }) => {
        const chunks = taken.blobs.get(digest);
        const sizeBytes = chunks?.reduce((sum, { length }) => sum + length, 0) ?? size;
        return [digest, { digest, sizeBytes, isCompressed: false }] as const;
      });
      const index = { schemaVersion: 2, mediaType: OCI_INDEX_TYPE, manifests: [taken.root] };
      const contents = graph.contents(Buffer.from(JSON.stringify(index)), new Map(files));
      begin();
      for (const [digest, { sizeBytes }] of new Map(files)) {
        const passing: PassingLayer = {
          name: digest,
          diffId: graph.diffIdOf(digest),
          digest,
          sizeBytes,
          isOfPlatform: graph.isOfPlatform(digest),
        };
        visitor.layerBegin(passing);
        for (const bytes of taken.blobs.get(digest) ?? []) {
          visitor.layerBytes(bytes);
          await took(bytes.length);
        }
        visitor.layerEnd();
      }
      signal.throwIfAborted();
      return contents;
    });
  };
}

/** The blobs that say which layer is which. */
export function configBlobs({ documents }: ImageDocuments): ReadonlySet<string> {
  return new Set(manifestsOf(documents).map(({ config }) => config.digest));
}

/** What has been taken, as the documents of an archive. */
export function graphOf(
  { documents, blobs }: TakenContent,
  expected: ExpectedImage,
): { graph: OciGraph; manifests: Manifest[] } {
  const graph = new OciGraph(expected);
  for (const [digest, bytes] of documents) graph.add(digest, bytes);
  const manifests = manifestsOf(documents);
  for (const { config } of manifests) {
    const chunks = blobs.get(config.digest);
    if (chunks !== undefined) graph.add(config.digest, Buffer.concat(chunks));
  }
  return { graph, manifests };
}

function manifestsOf(documents: ReadonlyMap<string, Buffer>): Manifest[] {
  return [...documents.values()]
    .map(ociDocument)
    .filter((document): document is Manifest => document?.kind === 'manifest');
}

/** Everything that is small, and of the layers those with these diff IDs. */
function chosenBlobs(
  documents: ReadonlyMap<string, Buffer>,
  { diffIds }: ExpectedImage,
  wanted: ReadonlySet<string>,
): ReadonlySet<string> {
  const manifests = manifestsOf(documents);
  const isAttestation = ({ layers }: Manifest) =>
    layers.length > 0 && layers.every(({ mediaType }) => mediaType === ATTESTATION_LAYER);
  const images = manifests.filter((manifest) => !isAttestation(manifest));
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw new NotTakenError(`it has ${images.length} platforms`);
  }
  if (image.layers.length !== diffIds.length) {
    throw new NotTakenError(
      `its manifest has ${image.layers.length} layers, not ${diffIds.length}`,
    );
  }
  return new Set([
    ...manifests.map(({ config }) => config.digest),
    ...manifests.filter(isAttestation).flatMap(({ layers }) => layers.map(({ digest }) => digest)),
    ...image.layers.filter((_, at) => wanted.has(diffIds[at]!)).map(({ digest }) => digest),
  ]);
}

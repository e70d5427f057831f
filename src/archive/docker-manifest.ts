import { posix } from 'node:path';
import {
  DamagedArchiveError,
  IncompleteArchiveError,
  UnknownArchiveError,
  WrongImageError,
} from './archive-errors.ts';
import type { ArchivedFile } from './archived-files.ts';
import type { ArchivedLayer, ExpectedImage, ArchiveContents } from './image-archive.ts';
import { isObject, isTexts, OCI_LAYER_TYPE, ociDocument, parseJson } from './oci-documents.ts';

/** Links lead to a file at once; who goes on for longer goes round. */
const MAX_LINKS = 8;

/** Configs are named by their digests. */
export const CONFIG_PATH = /^([0-9a-f]{64})\.json$/;

/** What has passed of an archive whose files `manifest.json` names. */
export interface DockerArchive {
  manifest: Buffer;
  /** The files that may be configs, by path. */
  configs: ReadonlyMap<string, Buffer>;
  /** The layers, by path. */
  layers: ReadonlyMap<string, ArchivedFile>;
  /** What links point at, by path. */
  links: ReadonlyMap<string, string>;
  /** What the archive calls the layer at this path. */
  nameOf: (path: string) => string;
}

/** Proves that all that `manifest.json` names has come and is the image, and says what it is. */
export function dockerArchiveContents(
  archive: DockerArchive,
  expected: ExpectedImage,
): ArchiveContents {
  const { configPath, layerPaths } = onlyImage(archive.manifest);
  if (!CONFIG_PATH.test(configPath)) {
    throw new UnknownArchiveError(`${configPath} in the archive is not named by its digest`);
  }
  const config = archive.configs.get(configPath);
  const files = layerPaths.map((path) => layerAt(path, archive));
  const missing = layerPaths.filter((_, at) => files[at] === undefined);
  if (config === undefined) missing.unshift(configPath);
  if (config === undefined || missing.length > 0) {
    throw new IncompleteArchiveError(
      `the archive is not whole: it lacks ${missing.join(', ').slice(0, 300)}, which manifest.json names`,
      { missing },
    );
  }
  // Its digest was proven to be its name.
  const configDigest = `sha256:${posix.basename(configPath, '.json')}`;
  const document = ociDocument(config);
  if (document?.kind !== 'config') {
    throw new UnknownArchiveError(`${configPath} in the archive is no configuration of an image`);
  }
  const { diffIds } = document;
  const { id } = expected;
  const isSame = diffIds.length === expected.diffIds.length;
  if (
    configDigest !== id ||
    !isSame ||
    diffIds.some((diffId, at) => diffId !== expected.diffIds[at])
  ) {
    throw new WrongImageError(
      `the archive holds the image ${configDigest}, not ${id} as expected`,
      {
        expected: id,
        actual: configDigest,
      },
    );
  }
  if (layerPaths.length !== diffIds.length) {
    throw new UnknownArchiveError(
      `manifest.json in the archive names ${layerPaths.length} layers, not ${diffIds.length}`,
    );
  }
  const layers = files.map((file, at) => provenLayer(layerPaths[at]!, file!, diffIds[at]!));
  const names = layerPaths.map(archive.nameOf);
  const diffIdOf = Object.fromEntries(names.map((name, at) => [name, diffIds[at]!]));
  const knowledge = { diffIdOf, layers: [...new Set(names)] };
  return { config, configDigest, layers, original: null, knowledge };
}

function onlyImage(manifest: Buffer): { configPath: string; layerPaths: string[] } {
  const images = parseJson(manifest);
  if (!Array.isArray(images)) {
    throw new UnknownArchiveError('manifest.json in the archive holds no list of images');
  }
  if (images.length === 0) {
    throw new IncompleteArchiveError('the archive is empty: its manifest.json names no image');
  }
  const [image] = images as unknown[];
  const { Config, Layers = [] } = isObject(image) ? image : {};
  if (images.length > 1 || typeof Config !== 'string' || !isTexts(Layers ?? [])) {
    throw new UnknownArchiveError('manifest.json in the archive does not name exactly one image');
  }
  return { configPath: Config, layerPaths: (Layers ?? []) as string[] };
}

function layerAt(path: string, { layers, links }: DockerArchive): ArchivedFile | undefined {
  let at = posix.normalize(path);
  for (let followed = 0; followed < MAX_LINKS; followed++) {
    const target = links.get(at);
    if (target === undefined) break;
    const relative = posix.join(posix.dirname(at), target);
    // A hard link's target is a path from the root of the archive.
    at = layers.has(relative) || links.has(relative) ? relative : posix.normalize(target);
  }
  return layers.get(at);
}

function provenLayer(path: string, file: ArchivedFile, diffId: string): ArchivedLayer {
  const { digest, sizeBytes } = file;
  if (digest === diffId) return { diffId, digest, sizeBytes, mediaType: OCI_LAYER_TYPE };
  throw layerMismatch(path, file, diffId);
}

/** A layer that is named by a path tells nothing of itself: only its diffID can prove it. */
export function layerMismatch(
  path: string,
  { digest, isCompressed }: ArchivedFile,
  expected: string | null,
): Error {
  if (isCompressed) {
    return new UnknownArchiveError(`${path} in the archive is compressed, and named by no digest`);
  }
  const should = expected === null ? "one of the image's layers" : expected;
  return new DamagedArchiveError(
    `${path} in the archive is damaged: its digest is ${digest}, not ${should}`,
    { entry: path, expected, actual: digest },
  );
}

/*
 * Archives of images in every layout that engines save, made by hand, so that tests can damage
 * them. Entries come as lists: a test drops, changes and reorders them before it writes the tar.
 */
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { chainIds, digestOf } from '../../src/common/digest.ts';
import type { ExpectedImage } from '../../src/archive/image-archive.ts';
import { writeTar } from '../lab/seed/tar-writer.ts';
import type { TarEntry } from '../lab/seed/tar-writer.ts';

/** A file of an archive, its content in memory. */
export type FileEntry = TarEntry & { content: Buffer };

/** An image with everything in memory. */
export interface MadeImage {
  /** Uncompressed, from the bottom up. */
  layers: readonly Buffer[];
  diffIds: readonly string[];
  config: Buffer;
  configDigest: string;
  architecture: string;
}

export type Compression = 'none' | 'gzip' | 'zstd';

const hexOf = (digest: string) => digest.slice('sha256:'.length);

export const blobPath = (digest: string) => `blobs/sha256/${hexOf(digest)}`;

export async function tarOf(entries: Iterable<TarEntry>): Promise<Buffer> {
  return buffer(writeTar(entries));
}

/** A layer with one file. */
export async function madeLayer(path: string, content: Uint8Array): Promise<Buffer> {
  return tarOf([{ path, content }]);
}

export function madeImage(layers: readonly Buffer[], architecture = 'amd64'): MadeImage {
  const diffIds = layers.map(digestOf);
  const created = '2024-01-01T00:00:00Z';
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      config: { Cmd: ['/made'] },
      created,
      history: layers.map((_, at) => ({ created, created_by: `layer ${at}` })),
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
  return { layers, diffIds, config, configDigest: digestOf(config), architecture };
}

/** What an inspect would say of it; by default under a classic store's ID. */
export function expectedOf(image: MadeImage, id = image.configDigest): ExpectedImage {
  const { diffIds, architecture } = image;
  return { id, diffIds, os: 'linux', architecture, variant: null };
}

const file = (path: string, content: Buffer | string): FileEntry => ({
  path,
  content: Buffer.from(content),
});
const byPath = (entries: TarEntry[]) =>
  entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

/** As engines to 24 save; `epoch` is how the engine's zone writes time 0. */
export function v1Entries(image: MadeImage, epoch = '1970-01-01T00:00:00Z'): TarEntry[] {
  const none = {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: '',
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
  };
  const ids: string[] = [];
  const first = new Map<string, string>();
  const chains = chainIds(image.diffIds);
  const entries: TarEntry[] = image.diffIds.flatMap((diffId, at) => {
    const isTop = at === image.diffIds.length - 1;
    const created = isTop ? '2024-01-01T00:00:00Z' : epoch;
    const parent = ids.at(-1);
    const facts = {
      ...(isTop && { architecture: image.architecture, config: { Cmd: ['/made'] } }),
      container_config: none,
      created,
      layer_id: chains[at],
      ...(parent !== undefined && { parent: `sha256:${parent}` }),
    };
    const id = hexOf(digestOf(JSON.stringify(facts)));
    ids.push(id);
    const target = first.get(diffId);
    if (target === undefined) first.set(diffId, id);
    const json = { id, ...(parent !== undefined && { parent }), created, container_config: none };
    const path = `${id}/layer.tar`;
    return [
      { path: `${id}/`, folder: true as const },
      file(`${id}/VERSION`, '1.0'),
      file(`${id}/json`, JSON.stringify(json)),
      target === undefined
        ? file(path, image.layers[at]!)
        : { path, linkTo: `../${target}/layer.tar` },
    ];
  });
  const config = `${hexOf(image.configDigest)}.json`;
  const Layers = ids.map((id) => `${id}/layer.tar`);
  return [
    ...byPath([...entries, file(config, image.config)]),
    file('manifest.json', JSON.stringify([{ Config: config, RepoTags: null, Layers }])),
  ];
}

/** As podman saves. */
export function podmanEntries(image: MadeImage): TarEntry[] {
  const config = `${hexOf(image.configDigest)}.json`;
  const Layers = image.diffIds.map((diffId) => `${hexOf(diffId)}.tar`);
  const links = image.diffIds.flatMap((diffId, at): TarEntry[] => {
    const id = hexOf(digestOf(`${at} ${diffId}`));
    return [
      { path: `${id}/layer.tar`, linkTo: `../${hexOf(diffId)}.tar` },
      file(`${id}/VERSION`, '1.0'),
      file(`${id}/json`, JSON.stringify({ id, created: '2024-01-01T00:00:00Z' })),
    ];
  });
  const layers = new Map(image.layers.map((layer, at) => [Layers[at]!, file(Layers[at]!, layer)]));
  return [
    ...layers.values(),
    file(config, image.config),
    ...links,
    file('manifest.json', JSON.stringify([{ Config: config, RepoTags: null, Layers }])),
  ];
}

/** A manifest with its blobs, by path. */
function manifestBlobs(image: MadeImage, compressions: readonly Compression[]) {
  const blobs = new Map<string, FileEntry>();
  const add = (content: Buffer, mediaType: string) => {
    const digest = digestOf(content);
    blobs.set(blobPath(digest), file(blobPath(digest), content));
    return { mediaType, digest, size: content.length };
  };
  const layers = image.layers.map((layer, at) => {
    const compression = compressions[at % compressions.length]!;
    const type = 'application/vnd.oci.image.layer.v1.tar';
    if (compression === 'none') return add(layer, type);
    const bytes = compression === 'gzip' ? gzipSync(layer) : zstdCompressSync(layer);
    return add(bytes, `${type}+${compression}`);
  });
  const config = add(image.config, 'application/vnd.oci.image.config.v1+json');
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = add(
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })),
    mediaType,
  );
  return { blobs, manifest, layers, config };
}

/** An archive in OCI layout, and the digest of its root. */
export interface OciArchive {
  entries: TarEntry[];
  rootDigest: string;
}

/** As engines since 25 save from a classic store, and containerd stores without an index. */
export function ociEntries(image: MadeImage, ...compressions: readonly Compression[]): OciArchive {
  const made = manifestBlobs(image, compressions.length === 0 ? ['none'] : compressions);
  const Layers = made.layers.map(({ digest }) => blobPath(digest));
  const Config = blobPath(image.configDigest);
  return ociArchive(made.blobs, made.manifest, [{ Config, RepoTags: null, Layers }]);
}

/** As containerd stores save an image of several platforms; of which the first is the engine's. */
export function indexEntries(
  images: readonly MadeImage[],
  ...compressions: readonly Compression[]
): OciArchive {
  const made = images.map((image) => manifestBlobs(image, compressions));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = made.map(({ manifest }, at) => ({
    ...manifest,
    platform: { os: 'linux', architecture: images[at]!.architecture },
  }));
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const digest = digestOf(content);
  const blobs = new Map(made.flatMap(({ blobs }) => [...blobs]));
  blobs.set(blobPath(digest), file(blobPath(digest), content));
  const Layers = made[0]!.layers.map(({ digest }) => blobPath(digest));
  const Config = blobPath(images[0]!.configDigest);
  return ociArchive(blobs, { mediaType, digest, size: content.length }, [
    { Config, RepoTags: null, Layers },
  ]);
}

function ociArchive(
  blobs: ReadonlyMap<string, FileEntry>,
  root: { mediaType: string; digest: string; size: number },
  items: object[],
): OciArchive {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = { schemaVersion: 2, mediaType, manifests: [root] };
  return {
    entries: [
      { path: 'blobs/', folder: true },
      { path: 'blobs/sha256/', folder: true },
      ...byPath([...blobs.values()]),
      file('index.json', JSON.stringify(index)),
      file('manifest.json', JSON.stringify(items)),
      file('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
    ],
    rootDigest: root.digest,
  };
}

import { gzipSync } from 'node:zlib';
import { chainIds, digestOf } from '../../src/common/digest.ts';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';
import { randomContent } from '../lab/index.ts';
import type { FakeImage } from './fake-image.ts';

/** What an image of a fake engine is made of, so that it can be saved and loaded. */
export interface FakeContent {
  /** From the bottom up, uncompressed. */
  layers: Buffer[];
  /** By digest: config, manifest, and the layers as the manifest names them. */
  blobs: ReadonlyMap<string, Buffer>;
  configDigest: string;
  manifestDigest: string;
}

/** A file of an archive. */
export interface FakeFile {
  path: string;
  content: Buffer;
}

/** How engines save: to 24, from 25 on, with the containerd store. */
export type ArchiveLayout = 'V1' | 'OCI' | 'CONTAINERD';

/** An image called `name` with a layer of so many random bytes for each name. */
export function savableImage(
  name: string,
  layers: Record<string, number>,
  store: 'CLASSIC' | 'CONTAINERD' = 'CLASSIC',
): FakeImage {
  const tars = Object.entries(layers).map(([layer, size]) =>
    singleFileTar(
      layer,
      Buffer.concat([...(randomContent(layer, size).chunks() as Iterable<Buffer>)]),
    ),
  );
  const created = '2024-01-01T00:00:00Z';
  const history = Object.keys(layers).map((layer) => ({ created, created_by: `COPY ${layer} /` }));
  const config = {
    architecture: 'amd64',
    config: { Env: ['PATH=/usr/bin', `NAME=${name}`], Labels: {} },
    created,
    history: [...history, { created, created_by: 'CMD ["serve"]', empty_layer: true }],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
  };
  const isCompressed = store === 'CONTAINERD';
  const stored = isCompressed ? tars.map((tar) => gzipSync(tar, { level: 1 })) : tars;
  const image = imageOf(Buffer.from(JSON.stringify(config)), tars, stored, store);
  return { ...image, tags: [name] };
}

/** The image that a configuration and its layers make, stored as `stored`; it has no tags. */
export function imageOf(
  config: Buffer,
  layers: Buffer[],
  stored: Buffer[],
  store: 'CLASSIC' | 'CONTAINERD',
): FakeImage {
  const {
    created,
    architecture,
    config: run,
    history,
  } = JSON.parse(config.toString()) as ConfigJson;
  const steps = history.filter(({ empty_layer }) => empty_layer !== true);
  const type = 'application/vnd.oci.image';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${type}.manifest.v1+json`,
      config: {
        mediaType: `${type}.config.v1+json`,
        digest: digestOf(config),
        size: config.length,
      },
      layers: stored.map((blob, at) => ({
        mediaType: `${type}.layer.v1.tar${blob === layers[at] ? '' : '+gzip'}`,
        digest: digestOf(blob),
        size: blob.length,
      })),
    }),
  );
  const configDigest = digestOf(config);
  const manifestDigest = digestOf(manifest);
  return {
    id: store === 'CONTAINERD' ? manifestDigest : configDigest,
    tags: [],
    repoDigests: [],
    createdAt: Date.parse(created),
    sizeBytes: layers.reduce((sum, { length }) => sum + length, 0),
    labels: run.Labels,
    architecture,
    env: run.Env,
    layers: layers.map((layer, at) => ({
      diffId: digestOf(layer),
      sizeBytes: layer.length,
      createdBy: steps[at]!.created_by,
    })),
    content: {
      layers,
      blobs: new Map([config, manifest, ...stored].map((blob) => [digestOf(blob), blob])),
      configDigest,
      manifestDigest,
    },
  };
}

interface ConfigJson {
  created: string;
  architecture: string;
  config: { Env: string[]; Labels: Record<string, string> };
  history: { created_by: string; empty_layer?: boolean }[];
}

/** The files of an image's archive in the order in which an engine saves them. */
export function archiveFiles({ layers, content }: FakeImage, layout: ArchiveLayout): FakeFile[] {
  if (content === undefined) throw new Error('this fake image has no content');
  if (layout === 'V1') return v1Files(content);
  const { blobs, configDigest, manifestDigest } = content;
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const root = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: manifestDigest,
    size: blobs.get(manifestDigest)!.length,
  };
  const named = {
    Config: blob(configDigest),
    RepoTags: null,
    Layers: layers.map(({ diffId }) => blob(diffId)),
  };
  return [
    ...[...blobs]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([digest, content]) => ({ path: blob(digest), content })),
    json('index.json', { schemaVersion: 2, manifests: [root] }),
    ...(layout === 'OCI' ? [json('manifest.json', [named])] : []),
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
  ];
}

const CONTAINER_CONFIG =
  '{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null}';
const EPOCH = '1970-01-01T00:00:00Z';

function v1Files({ layers, configDigest, blobs }: FakeContent): FakeFile[] {
  let parent = '';
  const directories = chainIds(layers.map(digestOf)).map((chainId, at) => {
    const below = parent === '' ? '' : `,"parent":"sha256:${parent}"`;
    const layerId = `{"container_config":${CONTAINER_CONFIG},"created":"${EPOCH}","layer_id":"${chainId}"${below}}`;
    const isTop = at === layers.length - 1;
    const id = hex(digestOf(isTop ? `${configDigest}${layerId}` : layerId));
    const said = { id, created: EPOCH, ...(parent !== '' && { parent }) };
    parent = id;
    return { id, said, layer: layers[at]! };
  });
  const name = `${hex(configDigest)}.json`;
  const paths = directories.map(({ id }) => `${id}/layer.tar`);
  const files = directories.flatMap(({ id, said, layer }) => [
    { path: `${id}/VERSION`, content: Buffer.from('1.0') },
    json(`${id}/json`, said),
    { path: `${id}/layer.tar`, content: layer },
  ]);
  // In the order of their names, the configuration among the directories.
  const sorted = [...files, { path: name, content: blobs.get(configDigest)! }].toSorted((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  return [...sorted, json('manifest.json', [{ Config: name, RepoTags: null, Layers: paths }])];
}

function hex(digest: string): string {
  return digest.replace('sha256:', '');
}

function json(path: string, value: unknown): FakeFile {
  return { path, content: Buffer.from(JSON.stringify(value)) };
}

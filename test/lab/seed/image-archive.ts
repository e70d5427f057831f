/*
 * Images made by hand, in the shape of `docker save`: far faster than builds, the same on every
 * machine and in every run, and free to be as odd as a test needs.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { TarEntry } from './tar-writer.ts';
import { tarSize, writeTar } from './tar-writer.ts';

/** One layer: the entries of its tar file. */
export interface LayerSpec {
  readonly entries: readonly TarEntry[];
  /** What its row of the history says; made up when left out. */
  readonly createdBy?: string | undefined;
}

/** The `config` of an image, as the engine's JSON has it. */
interface ContainerConfig {
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly Healthcheck?: {
    readonly Test: readonly string[];
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly StartPeriod?: number;
    readonly Retries?: number;
  };
}

/** An image to make. */
export interface ImageSpec {
  readonly layers: readonly LayerSpec[];
  readonly config?: ContainerConfig | undefined;
  /** `created_by` of rows without a layer, which come after those of the layers. */
  readonly emptyHistory?: readonly string[] | undefined;
  readonly architecture?: string | undefined;
  readonly variant?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  readonly created?: string | undefined;
}

/** An image whose digests are known. */
export interface BuiltImage {
  /** `sha256:…` of the config: its ID on a classic store. */
  readonly configDigest: string;
  readonly diffIds: readonly string[];
  readonly layers: readonly LayerSpec[];
  readonly configJson: Uint8Array;
}

const diffIdsByLayer = new WeakMap<LayerSpec, Promise<string>>();

/** The digest of a layer's tar file, worked out once per layer object. */
function diffIdOf(layer: LayerSpec): Promise<string> {
  let diffId = diffIdsByLayer.get(layer);
  if (diffId === undefined) {
    diffId = hashLayer(layer);
    diffIdsByLayer.set(layer, diffId);
  }
  return diffId;
}

async function hashLayer(layer: LayerSpec): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of writeTar(layer.entries)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** Works out the digests of an image. */
export async function buildImage(spec: ImageSpec): Promise<BuiltImage> {
  const created = spec.created ?? '2024-01-01T00:00:00Z';
  const diffIds = await Promise.all(spec.layers.map(diffIdOf));
  const history = [
    ...spec.layers.map((layer, index) => ({
      created,
      created_by: layer.createdBy ?? `/bin/sh -c #(nop) ADD layer ${index} in / `,
    })),
    ...(spec.emptyHistory ?? []).map((created_by) => ({ created, created_by, empty_layer: true })),
  ];
  const config = {
    architecture: spec.architecture ?? 'amd64',
    ...(spec.variant === undefined ? {} : { variant: spec.variant }),
    ...(spec.author === undefined ? {} : { author: spec.author }),
    ...(spec.comment === undefined ? {} : { comment: spec.comment }),
    config: spec.config ?? {},
    created,
    history,
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  const configJson = Buffer.from(JSON.stringify(config));
  const digest = createHash('sha256').update(configJson).digest('hex');
  return { configDigest: `sha256:${digest}`, diffIds, layers: spec.layers, configJson };
}

/** An archive for `docker load`: any number of images, each layer once, as a stream. */
export function imageArchive(
  images: readonly { readonly image: BuiltImage; readonly tags: readonly string[] }[],
): Readable {
  const entries = new Map<string, TarEntry>();
  const manifest = images.map(({ image, tags }) => {
    const Config = `${hexOf(image.configDigest)}.json`;
    entries.set(Config, { path: Config, content: image.configJson });
    const Layers = image.layers.map((layer, index) => {
      const path = `${hexOf(image.diffIds[index] ?? '')}/layer.tar`;
      const size = tarSize(layer.entries);
      entries.set(path, { path, content: { size, chunks: () => writeTar(layer.entries) } });
      return path;
    });
    return { Config, RepoTags: tags.length === 0 ? null : tags, Layers };
  });
  const content = Buffer.from(JSON.stringify(manifest));
  entries.set('manifest.json', { path: 'manifest.json', content });
  return Readable.from(writeTar(entries.values()), { objectMode: false });
}

function hexOf(digest: string): string {
  return digest.replace('sha256:', '');
}

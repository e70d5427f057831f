import { digestOf } from '../../src/common/digest.ts';
import type { FakeContent } from './fake-content.ts';

/** An image of a fake engine. The engine's JSON is made from it; share objects between engines. */
export interface FakeImage {
  /** `sha256:…` */
  id: string;
  tags: string[];
  repoDigests: string[];
  /** Milliseconds since the epoch. */
  createdAt: number;
  sizeBytes: number;
  labels: Record<string, string>;
  architecture: string;
  /** Of the architecture, such as `v8`; none when left out. */
  variant?: string;
  /** From the bottom up. */
  layers: { diffId: string; sizeBytes: number; createdBy: string }[];
  env: string[];
  /** Of images that can be saved. */
  content?: FakeContent;
}

/** What a fake image may be given; everything else follows from its name. */
export type FakeImageOptions = Partial<Omit<FakeImage, 'layers'>> & {
  /** Names of layers, such as `base/1`: the same name is the same layer in every image. */
  layers?: string[];
};

const MEBIBYTE = 1024 * 1024;

/** An image called `name`, such as `app:1`; the same name and options make the same image. */
export function fakeImage(name: string, options: FakeImageOptions = {}): FakeImage {
  const { layers = ['base/0', 'base/1', `${name}/top`], ...rest } = options;
  const made = layers.map((layer) => {
    const diffId = digestOf(`layer ${layer}`);
    const sizeBytes = (1 + (Number.parseInt(diffId.slice(7, 11), 16) % 64)) * MEBIBYTE;
    return { diffId, sizeBytes, createdBy: `COPY ${layer} / # buildkit` };
  });
  return {
    id: digestOf(`image ${name} ${layers.join(' ')}`),
    tags: [name],
    repoDigests: [],
    createdAt: Date.UTC(2024, 0, 1),
    sizeBytes: made.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    labels: {},
    architecture: 'amd64',
    env: ['PATH=/usr/bin', `NAME=${name}`],
    ...rest,
    layers: made,
  };
}

/** Many images that share bases, as a fleet's do: `name-0:1`, `name-1:1`, … */
export function fakeImages(count: number, name = 'app', bases = 5): FakeImage[] {
  return Array.from({ length: count }, (_, at) => {
    const base = at % bases;
    const below = [`base-${base}/0`, `base-${base}/1`, `base-${base}/2`];
    return fakeImage(`${name}-${at}:1`, { layers: [...below, `${name}-${at}/top`] });
  });
}

const rows = new WeakMap<FakeImage, string>();

/** The image's row in `/images/json`, made once however many engines hold it. */
export function listRow(image: FakeImage): string {
  let row = rows.get(image);
  if (row === undefined) {
    row = JSON.stringify({
      Containers: -1,
      Created: Math.floor(image.createdAt / 1000),
      Id: image.id,
      Labels: image.labels,
      ParentId: '',
      RepoDigests: image.repoDigests,
      RepoTags: image.tags,
      SharedSize: -1,
      Size: image.sizeBytes,
    });
    rows.set(image, row);
  }
  return row;
}

/** The image's `/images/{id}/json`. */
export function inspectJson(image: FakeImage): object {
  return {
    Id: image.id,
    RepoTags: image.tags,
    RepoDigests: image.repoDigests,
    Created: new Date(image.createdAt).toISOString(),
    Architecture: image.architecture,
    ...(image.variant !== undefined && { Variant: image.variant }),
    Os: 'linux',
    Size: image.sizeBytes,
    Author: '',
    Comment: 'buildkit.dockerfile.v0',
    Config: { Env: image.env, Cmd: ['serve'], WorkingDir: '/', Labels: image.labels },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
  };
}

/** The image's `/images/{id}/history`, newest first: its layers, and a `CMD` that made none. */
export function historyJson(image: FakeImage): object[] {
  const row = (createdBy: string, size: number) => ({
    Comment: 'buildkit.dockerfile.v0',
    Created: Math.floor(image.createdAt / 1000),
    CreatedBy: createdBy,
    Id: '<missing>',
    Size: size,
    Tags: null,
  });
  const layers = image.layers.map(({ createdBy, sizeBytes }) => row(createdBy, sizeBytes));
  return [...layers, row('CMD ["serve"]', 0)].toReversed();
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageArchiveReader } from '../../src/archive/image-archive-reader.ts';
import { canonicalReference, parseReference } from '../../src/registry/reference.ts';
import type { BuiltImage, ThrowAwayEngine } from '../lab/index.ts';
import type { Graph } from '../support/graph.ts';

/** What `docker inspect` tells of an image that must not differ between hosts. */
export interface Inspected {
  id: string;
  diffIds: string[];
  tags: string[];
  platform: string;
  config: Record<string, unknown>;
}

/** What the docker CLI tells of an image. */
export async function inspect(engine: ThrowAwayEngine, reference: string): Promise<Inspected> {
  const [image] = JSON.parse(await engine.docker(['image', 'inspect', reference])) as any[];
  const { Cmd, Entrypoint, Env, Labels, User, WorkingDir, ExposedPorts, Volumes } = image.Config;
  const config = { Cmd, Entrypoint, Env, Labels, User, WorkingDir, ExposedPorts, Volumes };
  return {
    id: image.Id,
    diffIds: image.RootFS.Layers,
    tags: image.RepoTags ?? [],
    platform: `${image.Os}/${image.Architecture}/${image.Variant ?? ''}`,
    // Empty is absent: engines write either.
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => !isEmpty(value))),
  };
}

function isEmpty(value: unknown): boolean {
  return value == null || value === '' || Object.keys(value).length === 0;
}

/** IDs of every image on an engine, with those in between. */
export async function allIds(engine: ThrowAwayEngine): Promise<string[]> {
  const ids = await engine.docker(['images', '--all', '--quiet', '--no-trunc']);
  return [...new Set(ids.split('\n').filter(Boolean))].toSorted();
}

/** Waits until the graph shows what was done to a host behind its back. */
export async function untilTagged(graph: Graph, host: string, ...tags: string[]): Promise<void> {
  await graph.until(host, ({ slot }) =>
    tags.every((tag) => slot.tags.has(canonicalReference(parseReference(tag)))),
  );
}

/** Waits until the graph shows that a tag has gone from a host. */
export async function untilGone(graph: Graph, host: string, tag: string): Promise<void> {
  await graph.until(host, ({ slot }) => !slot.tags.has(canonicalReference(parseReference(tag))));
}

/** Where copies are proven. */
export interface Provers {
  /** Another engine, that has nothing of the image. */
  third: ThrowAwayEngine;
  /** `host:port` of a registry; null where it is not to be pushed. */
  registry: string | null;
}

/**
 * The copy is all there: it can be run, be pushed, and be saved again so that an engine which has
 * nothing of it loads it.
 */
export async function proveUsable(
  engine: ThrowAwayEngine,
  tag: string,
  image: BuiltImage,
  { third, registry }: Provers,
): Promise<void> {
  assert.deepEqual(await hashesInContainer(engine, tag, image), hashesOf(image));
  if (registry !== null) {
    const pushed = `${registry}/${tag}`;
    await engine.docker(['tag', tag, pushed]);
    assert.match(await engine.docker(['push', pushed]), /digest: sha256:/);
    await engine.docker(['rmi', pushed]);
  }
  const file = join(engine.directory, 'saved.tar');
  await engine.docker(['save', `--output=${file}`, tag]);
  await third.docker(['load', `--input=${file}`]);
  await rm(file);
  const { diffIds } = await inspect(third, tag);
  assert.deepEqual(diffIds, image.diffIds);
  await third.docker(['rmi', '--force', tag]);
}

/** Diff IDs of the layers that an engine saves of an image, which is proven to be whole. */
export async function savedLayers(engine: ThrowAwayEngine, reference: string): Promise<string[]> {
  const { id, diffIds, platform } = await inspect(engine, reference);
  const [os, architecture, variant] = platform.split('/') as [string, string, string];
  const ignored = () => {};
  const visitor = { layerBegin: ignored, layerBytes: ignored, layerEnd: ignored };
  const expected = { id, diffIds, os, architecture, variant: variant || null };
  const reader = new ImageArchiveReader(expected, visitor);
  const file = join(engine.directory, 'saved.tar');
  await engine.docker(['save', `--output=${file}`, reference]);
  for await (const chunk of createReadStream(file)) reader.push(chunk as Buffer);
  await rm(file);
  const { layers } = reader.finish();
  return [...new Set(layers.map(({ diffId }) => diffId))].toSorted();
}

/** Digests of the image's files, as a container of it sees them: one line a file. */
async function hashesInContainer(
  engine: ThrowAwayEngine,
  tag: string,
  image: BuiltImage,
): Promise<string[]> {
  const paths = filesOf(image).map(({ path }) => `/${path}`);
  const run = ['run', '--rm', '--network=none', tag, 'sha256sum', ...paths];
  return (await engine.docker(run)).trim().split('\n');
}

function hashesOf(image: BuiltImage): string[] {
  return filesOf(image).map(({ path, content }) => {
    const hash = createHash('sha256');
    const chunks = content instanceof Uint8Array ? [content] : content.chunks();
    for (const chunk of chunks as Iterable<Uint8Array>) hash.update(chunk);
    return `${hash.digest('hex')}  /${path}`;
  });
}

function filesOf({ layers }: BuiltImage) {
  return layers.flatMap(({ entries }) => entries.filter((entry) => 'content' in entry));
}

import { ask } from './demo-client.ts';
import { bytes, heading, table } from './demo-text.ts';

/** The fleet that the queries are about. */
export async function showHosts(url: string): Promise<void> {
  const { hosts, fleet } = await ask(
    url,
    `{ fleet { imageCount hostImageCount layerCount tagCount logicalBytes storedBytes uniqueBytes }
       hosts { nodes { name transport state endpoint error { message }
         engine { version imageStore } images { totalCount } } } }`,
  );
  heading('Five real engines, one graph');
  table(
    ['host', 'transport', 'engine', 'store', 'state', 'images'],
    hosts.nodes.map((host: any) => [
      host.name,
      host.transport,
      host.engine?.version ?? '?',
      host.engine?.imageStore ?? '?',
      host.error ? `${host.state}: ${host.error.message}` : host.state,
      host.images.totalCount,
    ]),
  );
  console.log(
    `\n${fleet.imageCount} images (${fleet.hostImageCount} counted by host), ${fleet.layerCount} ` +
      `layers, ${fleet.tagCount} tags: ${bytes(fleet.logicalBytes)} if nothing were shared, ` +
      `${bytes(fleet.storedBytes)} on the hosts' disks, ${bytes(fleet.uniqueBytes)} of different content.`,
  );
}

/** Where is this image? */
export async function showWhereabouts(url: string): Promise<void> {
  const ref = 'app:2';
  const { image } = await ask(
    url,
    `query WhereIsImage($ref: String!) { image(ref: $ref) { shortId sizeBytes
       hosts { nodes { host { name } engineId inUse uniqueBytes tags { familiarName } } } } }`,
    { ref },
  );
  heading(`Where is ${ref}?`);
  console.log(`Image ${image.shortId}, ${bytes(image.sizeBytes)}, is on:\n`);
  table(
    ['host', 'tags there', 'ID there', 'in use', 'freed by removing it'],
    image.hosts.nodes.map((holder: any) => [
      holder.host.name,
      holder.tags.map((tag: any) => tag.familiarName).join(' ') || '(none)',
      holder.engineId.slice(7, 19),
      holder.inUse ? 'yes' : 'no',
      bytes(holder.uniqueBytes),
    ]),
  );
}

/** What drifted? */
export async function showDrift(url: string): Promise<void> {
  const { tags } = await ask(
    url,
    `query DriftedTags { tags(first: 50, filter: { drifted: true }) { totalCount nodes {
       familiarName contents { image { shortId createdAt } hosts { name } } } } }`,
  );
  heading('What drifted: one tag, different content');
  for (const tag of tags.nodes) {
    console.log(`${tag.familiarName} points at ${tag.contents.length} different images:\n`);
    table(
      ['image', 'made', 'on'],
      tag.contents.map(({ image, hosts }: any) => [
        image.shortId,
        image.createdAt ?? '?',
        hosts.map((host: any) => host.name).join(' '),
      ]),
    );
  }
}

/** Which layers are shared most, and what does that save? */
export async function showSharedLayers(url: string): Promise<void> {
  const { layers } = await ask(
    url,
    `query SharedLayers { layers(first: 5, orderBy: { field: SAVED_BYTES, direction: DESC }) { nodes {
       diffId sizeBytes savedBytes createdBy images { totalCount } hosts { totalCount } } } }`,
  );
  heading('Which layers are shared most, and how many bytes does that save?');
  table(
    ['layer', 'size', 'images', 'hosts', 'saved', 'made by'],
    layers.nodes.map((layer: any) => [
      layer.diffId.slice(7, 19),
      bytes(layer.sizeBytes),
      layer.images.totalCount,
      layer.hosts.totalCount,
      bytes(layer.savedBytes),
      (layer.createdBy ?? '?').replace(/^\/bin\/sh -c (#\(nop\)\s*)?/, '').slice(0, 40),
    ]),
  );
}

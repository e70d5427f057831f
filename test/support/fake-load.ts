import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { chainIds, digestOf } from '../../src/common/digest.ts';
import { TarWalk } from '../../src/archive/tar-walk.ts';
import { imageOf } from './fake-content.ts';
import type { FakeImage } from './fake-image.ts';

/** How a fake engine's load goes wrong. */
export type LoadFault =
  /** Takes so many bytes, and no more until it may: only then it sees whether anybody is there. */
  | { kind: 'STOP_READING'; bytes: number; until: Promise<void> }
  /** Takes so many bytes, then the connection breaks. */
  | { kind: 'BREAK_AFTER'; bytes: number }
  /** Takes all and unpacks when it may, whether or not anybody still waits for the answer. */
  | { kind: 'UNPACK_LATER'; until: Promise<void> }
  /** Takes so many bytes and complains; null for all. Only the next load where it is `once`. */
  | { kind: 'COMPLAIN_AFTER'; bytes: number | null; message: string; once?: boolean }
  /** Takes all, keeps nothing and says that it did. */
  | { kind: 'KEEP_NOTHING' };

/** What a load needs of its engine. */
export interface FakeStore {
  images: ReadonlyMap<string, FakeImage>;
  store: 'CLASSIC' | 'CONTAINERD';
  add(image: FakeImage): void;
}

/** Answers `POST /images/load`; resolves with the bytes that came. */
export async function playLoad(
  engine: FakeStore,
  request: IncomingMessage,
  response: ServerResponse,
  fault: LoadFault | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const body = await receive(request, fault, onBytes);
  // Whoever left in the middle of the upload gets nothing, and nothing is kept.
  if (body === null) return;
  response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
  const say = (line: object) => void response.write(`${JSON.stringify(line)}\r\n`);
  const complain = (message: string) => say({ errorDetail: { message }, error: message });
  if (fault?.kind === 'COMPLAIN_AFTER') complain(fault.message);
  else {
    if (fault?.kind === 'UNPACK_LATER') await fault.until;
    try {
      const image = unpack(engine, body);
      if (fault?.kind !== 'KEEP_NOTHING') engine.add(image);
      say({ stream: `Loaded image ID: ${image.id}\n` });
    } catch (error) {
      complain((error as Error).message);
    }
  }
  response.end();
}

async function receive(
  request: IncomingMessage,
  fault: LoadFault | undefined,
  onBytes: (bytes: number) => void,
): Promise<Buffer | null> {
  const most = fault && 'bytes' in fault ? (fault.bytes ?? Infinity) : Infinity;
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request
      .on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        onBytes(chunk.length);
        if (size < most) return;
        if (fault!.kind === 'BREAK_AFTER') request.socket.destroy();
        else if (fault!.kind === 'STOP_READING') {
          request.pause();
          void fault!.until.then(() => request.resume());
        } else resolve(Buffer.concat(chunks));
      })
      .once('end', () => resolve(Buffer.concat(chunks)))
      .once('error', () => resolve(null))
      .once('close', () => resolve(null));
  });
}

/** Makes an image of an archive as engines do: in their order, with their complaints. */
function unpack(engine: FakeStore, body: Buffer): FakeImage {
  const files = filesOf(body);
  const text = (path: string) => files.get(path)?.toString('utf8');
  if (engine.store === 'CONTAINERD') {
    const index = text('index.json');
    if (index === undefined || !files.has('oci-layout')) throw new Error('no index.json');
    return unpackManifest(engine, files, index);
  }
  const manifest = text('manifest.json');
  if (manifest === undefined) throw new Error('open manifest.json: no such file or directory');
  const [item] = JSON.parse(manifest) as { Config: string; Layers: string[] }[];
  if (item === undefined) throw new Error('nothing to load');
  const config = files.get(item.Config);
  if (config === undefined) throw new Error(`open ${item.Config}: no such file or directory`);
  const { rootfs } = JSON.parse(config.toString()) as { rootfs: { diff_ids: string[] } };
  const held = heldLayers(engine.images.values());
  const chains = chainIds(rootfs.diff_ids);
  const layers = item.Layers.map((path, at) => {
    const known = held.get(chains[at]!);
    if (known) return known;
    const file = files.get(path);
    if (file === undefined) throw new Error(`open ${path}: no such file or directory`);
    const layer = file[0] === 0x1f ? gunzipSync(file) : file;
    const expected = rootfs.diff_ids[at]!;
    if (digestOf(layer) === expected) return layer;
    throw new Error(
      `invalid diffID for layer ${at}: expected "${expected}", got "${digestOf(layer)}"`,
    );
  });
  return imageOf(config, layers, layers, 'CLASSIC');
}

function unpackManifest(
  { images }: FakeStore,
  files: ReadonlyMap<string, Buffer>,
  index: string,
): FakeImage {
  const held = new Map(
    Array.from(images.values()).flatMap(({ content }) => [...(content?.blobs ?? [])]),
  );
  const blob = (digest: string) => {
    const bytes = files.get(`blobs/${digest.replace(':', '/')}`) ?? held.get(digest);
    if (bytes === undefined) throw new Error(`content digest ${digest}: not found`);
    if (digestOf(bytes) === digest) return bytes;
    throw new Error(`unexpected commit digest ${digestOf(bytes)}, expected ${digest}`);
  };
  const { manifests } = JSON.parse(index) as { manifests: { digest: string }[] };
  const root = manifests[0]!.digest;
  const bytes = blob(root);
  const manifest = JSON.parse(bytes.toString()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  const stored = manifest.layers.map(({ digest }) => blob(digest));
  const layers = stored.map((layer) => (layer[0] === 0x1f ? gunzipSync(layer) : layer));
  const image = imageOf(blob(manifest.config.digest), layers, stored, 'CONTAINERD');
  const blobs = new Map([...image.content!.blobs, [root, bytes]]);
  // The archive's own manifest, whatever else one could be made.
  return { ...image, id: root, content: { ...image.content!, blobs, manifestDigest: root } };
}

/** Layers by chain ID. */
function heldLayers(images: Iterable<FakeImage>): Map<string, Buffer> {
  const held = new Map<string, Buffer>();
  for (const { layers, content } of images) {
    const chains = chainIds(layers.map(({ diffId }) => diffId));
    chains.forEach((chain, at) => content && held.set(chain, content.layers[at]!));
  }
  return held;
}

/** Go's reader takes a tar that ends between two entries for a whole one, and so does this. */
function filesOf(body: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let parts: Buffer[] = [];
  let path = '';
  const walk = new TarWalk({
    begin: (head) => {
      parts = [];
      ({ path } = head);
    },
    content: (bytes) => void parts.push(bytes),
    end: () => files.set(path, Buffer.concat(parts)),
  });
  walk.push(inflated(body));
  return files;
}

function inflated(body: Buffer): Buffer {
  if (body.readUInt16BE(0) === 0x1f8b) return gunzipSync(body);
  return body.readUInt32BE(0) === 0x28b52ffd ? zstdDecompressSync(body) : body;
}

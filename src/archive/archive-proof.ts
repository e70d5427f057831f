import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { BadUserInputError, DigestMismatchError } from '../common/errors.ts';
import { FileStart } from './archived-files.ts';
import type { TarHead } from './tar-walk.ts';

/** A few for each layer; what has more is no image archive, and its names would fill our memory. */
const MAX_ENTRIES = 50_000;
const MAX_JSON_BYTES = 8 * 1024 * 1024;

/**
 * Proves an archive of images as it passes: every file that is named by its digest has it, every
 * layer of the older layout is the one that its image's configuration names. Engines with the
 * containerd store keep a damaged image, and those of 20.10 to 28 make strange ones out of an
 * archive without a manifest: so neither may reach them whole.
 */
export class ArchiveProof {
  readonly #digests = new Map<string, string>();
  /** The small files that say how the others belong together. */
  readonly #texts = new Map<string, Buffer>();
  #entry: { path: string; hash: Hash; start: FileStart; kept: Buffer[] | null } | null = null;
  #count = 0;

  begin({ path, size, isFile }: TarHead): void {
    if (++this.#count > MAX_ENTRIES) {
      throw new BadUserInputError(`the archive has more than ${MAX_ENTRIES} entries`);
    }
    this.#digests.delete(path);
    if (!isFile) return;
    const isText = path === 'manifest.json' || /^[0-9a-f]{64}\.json$/.test(path);
    if (isText && size > MAX_JSON_BYTES) {
      throw new BadUserInputError(`${path} in the archive is larger than ${MAX_JSON_BYTES} bytes`);
    }
    this.#entry = {
      path,
      hash: createHash('sha256'),
      start: new FileStart(),
      kept: isText ? [] : null,
    };
  }

  content(bytes: Buffer): void {
    const entry = this.#entry;
    if (entry === null) return;
    entry.start.take(bytes);
    entry.kept?.push(Buffer.from(bytes));
    entry.hash.update(bytes);
  }

  end(): void {
    const entry = this.#entry;
    this.#entry = null;
    if (entry === null) return;
    const { path, start, kept } = entry;
    const digest = entry.hash.digest('hex');
    const expected = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(path);
    assertDigest(path, digest, expected?.[1] ?? expected?.[2]);
    if (kept !== null) this.#texts.set(path, Buffer.concat(kept));
    // A layer may be compressed in the archive; images name it by its digest without that.
    this.#digests.set(path, start.isCompressed ? '' : digest);
  }

  /** To be called at the end: proves what only the whole can tell. */
  finish(): void {
    const manifest = this.#texts.get('manifest.json');
    if (manifest === undefined) {
      if (this.#digests.has('index.json') && this.#digests.has('oci-layout')) return;
      throw new BadUserInputError(
        'the archive holds no images: it has neither a manifest.json nor an index.json',
      );
    }
    const images = parse(manifest, 'manifest.json');
    if (!Array.isArray(images))
      throw new BadUserInputError('manifest.json holds no list of images');
    for (const image of images) this.#proveLayers(image as ManifestItem | null);
  }

  #proveLayers(image: ManifestItem | null): void {
    const config = this.#texts.get(String(image?.Config));
    // Layouts whose files are all named by their digest were proven already.
    if (config === undefined) return;
    const diffIds = (parse(config, String(image?.Config)) as ConfigJson | null)?.rootfs?.diff_ids;
    image?.Layers?.forEach((path, index) => {
      const digest = this.#digests.get(path);
      const expected = diffIds?.[index]?.replace('sha256:', '');
      if (digest) assertDigest(path, digest, expected);
    });
  }
}

interface ManifestItem {
  Config?: string;
  Layers?: string[];
}

interface ConfigJson {
  rootfs?: { diff_ids?: string[] };
}

function assertDigest(path: string, digest: string, expected: string | undefined): void {
  if (expected === undefined || digest === expected) return;
  throw new DigestMismatchError(
    `${path} in the archive is damaged: its digest is sha256:${digest}, not sha256:${expected}`,
    { details: { entry: path, expected: `sha256:${expected}`, actual: `sha256:${digest}` } },
  );
}

function parse(json: Buffer, path: string): unknown {
  try {
    return JSON.parse(json.toString('utf8')) as unknown;
  } catch {
    throw new BadUserInputError(`${path} in the archive is not JSON`);
  }
}

import { Readable } from 'node:stream';
import { EngineError } from '../common/errors.ts';
import { isObject } from './oci-documents.ts';
import { TAR_END, tarFile } from './tar-header.ts';
import { TarWalk } from './tar-walk.ts';

/** What each save says of its own images, and the merged archive of all. */
const JOINED = ['manifest.json', 'index.json', 'repositories'] as const;

type Joined = (typeof JOINED)[number];

/**
 * Several saves, one after the other, as one archive: every file once, and the lists of images
 * joined. For layouts whose files are named by their digests, as engines since 25 save them.
 */
export function mergeSaves(host: string, saves: (() => Promise<Readable>)[]): Readable {
  return Readable.from(merged(host, saves), { objectMode: false });
}

async function* merged(
  host: string,
  saves: (() => Promise<Readable>)[],
): AsyncGenerator<Buffer, void, void> {
  const merge = new ArchiveMerge();
  try {
    for (const open of saves) {
      const walk = merge.next();
      // Leaving the loop early destroys the save, and so stops the engine.
      for await (const chunk of await open()) {
        walk.push(chunk as Buffer);
        yield* merge.taken();
      }
      walk.finish();
    }
    yield* merge.end();
  } catch (error) {
    // A TarError or JSON that is none; what engines complain of is understood already.
    if (error instanceof Error && 'code' in error) throw error;
    const message = `${host} saved an archive that cannot be joined with others`;
    throw new EngineError(message, { host, cause: error, retryable: false });
  }
}

class ArchiveMerge {
  readonly #seen = new Set<string>();
  readonly #joined = new Map<Joined, unknown>();
  #out: Buffer[] = [];

  /** Begins another archive. */
  next(): TarWalk {
    let mode: 'PASS' | 'DROP' | 'JOIN' = 'PASS';
    let path = '';
    let text: Buffer[] = [];
    return new TarWalk({
      begin: (head) => {
        ({ path } = head);
        text = [];
        mode = isJoined(path) ? 'JOIN' : this.#seen.has(path) ? 'DROP' : 'PASS';
        this.#seen.add(path);
      },
      raw: (bytes) => {
        if (mode === 'PASS') this.#out.push(bytes);
      },
      content: (bytes) => {
        if (mode === 'JOIN') text.push(Buffer.from(bytes));
      },
      end: () => {
        if (mode !== 'JOIN') return;
        const name = path as Joined;
        const json = JSON.parse(Buffer.concat(text).toString('utf8')) as unknown;
        this.#joined.set(name, this.#joined.has(name) ? join(this.#joined.get(name), json) : json);
      },
    });
  }

  /** What is to be passed on by now. */
  taken(): Buffer[] {
    return this.#out.splice(0);
  }

  /** The joined files, and the end. */
  end(): Buffer[] {
    const files = [...this.#joined].map(([path, json]) =>
      tarFile(path, Buffer.from(JSON.stringify(json))),
    );
    return [...files, TAR_END];
  }
}

function isJoined(path: string): boolean {
  return (JOINED as readonly string[]).includes(path);
}

/** Lists one after the other, objects key by key; of anything else, the first. */
function join(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) return [...(one as unknown[]), ...other];
  if (!isObject(one) || !isObject(other)) return one;
  const joined = { ...one };
  for (const [key, value] of Object.entries(other)) {
    joined[key] = key in joined ? join(joined[key], value) : value;
  }
  return joined;
}

import type { Readable } from 'node:stream';
import { imageId } from './image-id.ts';
import type { LoadOptions, LoadResult } from './image-verbs.ts';
import { readMessages } from './message-stream.ts';
import { withoutEnd } from './pull-image.ts';
import type { VerbCalls } from './verb-calls.ts';
import { complaintError, refusalOf } from './verb-errors.ts';

/** `docker load`: what the engine says it loaded. It also says so of tags that it could not set. */
export async function loadImages(
  calls: VerbCalls,
  archive: Readable,
  { signal, onProgress, onSent }: LoadOptions,
): Promise<LoadResult> {
  const { host } = calls;
  const what = 'the load of an archive';
  const errorOf = complaintError({ host });
  return calls.stream(
    {
      name: 'loadImages',
      what,
      method: 'POST',
      // Quiet, an engine would say nothing until its end.
      path: '/images/load?quiet=0',
      body: archive,
      onSent,
      errorOf: refusalOf({ host }),
      signal,
    },
    async ({ response, life }) => {
      const loaded: LoadResult = { references: [], ids: [] };
      await readMessages(response, {
        host,
        what,
        onMove: life.moved,
        errorOf,
        take: (json, progress) => {
          if (typeof json.stream === 'string') {
            // Containerd stores of 28 say it as a line like any other, after "Loaded image".
            if (/^Error unpacking image/m.test(json.stream)) throw errorOf(json.stream);
            takeLoaded(json.stream, loaded);
          }
          if (progress !== null) onProgress?.(progress);
        },
      });
      if (loaded.references.length + loaded.ids.length === 0) throw withoutEnd(host, what);
      return loaded;
    },
  );
}

/**
 * `Loaded image: r:t` or `Loaded image ID: sha256:…`; podman puts several into one, and IDs where
 * names are.
 */
function takeLoaded(text: string, { references, ids }: LoadResult): void {
  const said = /^Loaded image(?: ID)?(?:\(s\))?: ([^]*)$/.exec(text.trim())?.[1] ?? '';
  for (const name of said.split(/[\s,]+/).filter((part) => part !== '')) {
    const id = imageId(name);
    if (id === null) references.push(name);
    else ids.push(id);
  }
}

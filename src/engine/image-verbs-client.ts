import type { Readable } from 'node:stream';
import { buildImage } from './build-image.ts';
import { checkAuth } from './check-auth.ts';
import { commitContainer } from './commit-container.ts';
import type { ImageVerbs } from './image-verbs.ts';
import { importImage } from './import-image.ts';
import { loadImages } from './load-images.ts';
import { takeContent } from './layers/take-content.ts';
import { takeLayers } from './layers/take-layers.ts';
import type { Takes } from './layers/takes.ts';
import { pullImage } from './pull-image.ts';
import { pushImage } from './push-image.ts';
import { removeImage } from './remove-image.ts';
import { saveImages } from './save-images.ts';
import { searchImages } from './search-images.ts';
import { tagImage } from './tag-image.ts';
import { VerbCalls } from './verb-calls.ts';
import type { VerbCallsOptions } from './verb-calls.ts';

/** The verbs of one engine. Each is in a file of its own. */
export function openImageVerbs(options: VerbCallsOptions, takes: Takes): ImageVerbs {
  const calls = new VerbCalls(options);
  return {
    pullImage: (reference, more) => pullImage(calls, reference, more),
    pushImage: (reference, more) => pushImage(calls, reference, more),
    tagImage: (source, target, more = {}) => tagImage(calls, source, target, more),
    removeImage: (nameOrId, more = {}) => removeImage(calls, nameOrId, more),
    commitContainer: (container, more) => commitContainer(calls, container, more),
    importImage: (source, more) =>
      owning('archive' in source ? source.archive : undefined, () =>
        importImage(calls, source, more),
      ),
    buildImage: (more) => owning(more.context, () => buildImage(calls, more)),
    searchImages: (term, more = {}) => searchImages(calls, term, more),
    saveImages: (references, more) => saveImages(calls, references, more),
    takeLayers: (image, more) =>
      takes.run(more.signal, (signal) => takeLayers(calls, image, { ...more, signal })),
    takeContent: (image, more) =>
      takes.run(more.signal, (signal) => takeContent(calls, image, { ...more, signal })),
    loadImages: (archive, more) => owning(archive, () => loadImages(calls, archive, more)),
    checkAuth: (auth, more = {}) => checkAuth(calls, auth, more),
  };
}

/** Whatever comes of it, the stream that a verb was given is not left half read and open. */
async function owning<T>(stream: Readable | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    stream?.destroy();
  }
}

import type { ContentWish, TakenContent, TakenImage } from '../image-verbs.ts';
import type { VerbCalls } from '../verb-calls.ts';
import { borrowPush } from './borrow-push.ts';
import { ContentEndpoint } from './content-endpoint.ts';

/**
 * Takes the documents and some blobs of an image out of a containerd store. The engine is made to push
 * the image to us twice: once for the manifests, which say what the blobs are, and once more for those
 * of them that are wanted.
 */
export async function takeContent(
  calls: VerbCalls,
  image: TakenImage,
  { choose, maxBytes, signal }: ContentWish & { signal: AbortSignal },
): Promise<TakenContent> {
  return borrowPush(calls, {
    image,
    signal,
    open: (repository) => new ContentEndpoint(calls.host, repository, maxBytes),
    use: async ({ endpoint, push }) => {
      const documents = await push(endpoint.documents);
      const taken = endpoint.want(choose(documents));
      return { ...documents, blobs: await push(taken) };
    },
  });
}

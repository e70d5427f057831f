import { digestOf } from '../../common/digest.ts';
import { DigestMismatchError } from '../../common/errors.ts';
import type { LayerWish, TakenImage, TakenLayers } from '../image-verbs.ts';
import type { VerbCalls } from '../verb-calls.ts';
import { borrowPush } from './borrow-push.ts';
import { imageConfig } from './image-config.ts';
import { LayerEndpoint } from './layer-endpoint.ts';

/**
 * Takes some layers of an image out of a classic store: the engine is made to push the image to us,
 * and is cut off when the wanted layers have come. It pushes from the top, which is where images
 * differ.
 */
export async function takeLayers(
  calls: VerbCalls,
  image: TakenImage,
  { signal, ...wish }: LayerWish & { signal: AbortSignal },
): Promise<TakenLayers> {
  const { host } = calls;
  return borrowPush(calls, {
    image,
    signal,
    open: (repository) => new LayerEndpoint(host, repository, wish),
    use: async ({ endpoint, tag, push, signal: until }) => {
      const config = await imageConfig(calls, tag, until);
      const digest = digestOf(config);
      if (digest !== image.id) {
        const message = `${host} gave the config ${digest} for the image ${image.id}`;
        throw new DigestMismatchError(message, { host });
      }
      if (wish.diffIds.size === 0) return { config, layers: [] };
      const layers = await push(endpoint.taken, ({ id, status }) => {
        if (status === 'Pushing') endpoint.pushing(id);
      });
      return { config, layers };
    },
  });
}

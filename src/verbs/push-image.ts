import { NotFoundError } from '../common/errors.ts';
import type { Verb } from '../operations/operation.ts';
import { familiarReference, parseReference, toFamiliar } from '../registry/reference.ts';
import { LayerProgress } from './layer-progress.ts';
import { liveHost } from '../fleet/live-host.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { RequestCredentials, VerbEnvironment } from './verb-environment.ts';

/** What `pushImage` is asked for, as it is stored. */
export type PushInput = {
  /** Canonical, with tag. */
  references: string[];
  /** Canonical; the one of `references` gets this tag first, and it is what is pushed. */
  as: string | null;
};

/** What a push did on one host. */
export type PushOutcome = { pushed: { reference: string; digest: string }[] };

/** docker push, reference by reference. */
export function pushVerb({
  fleet,
  authFor,
}: VerbEnvironment): Verb<PushInput, PushOutcome, RequestCredentials> {
  return {
    kind: 'PUSH_IMAGE',
    run: async ({ references, as }, context, requested) => {
      const { engine, slot } = await liveHost(fleet, context.host, context.signal);
      const { signal, host } = context;
      const pushed: PushOutcome['pushed'] = [];
      for (const source of references) {
        const image = slot.tags.get(source);
        if (!image) {
          const name = toFamiliar(source);
          throw new NotFoundError(`${host} has no image called ${name}`, { host });
        }
        const reference = as ?? source;
        if (as !== null) {
          await engine.verbs.tagImage(image.id, as, { signal });
          await untilShown(fleet, host, signal, ({ tags }) => tags.get(as)?.id === image.id);
        }
        const parsed = parseReference(reference);
        const auth = await authFor(parsed.registry, requested);
        const layers = new LayerProgress(context, { unpacks: false });
        const { digest } = await engine.verbs.pushImage(reference, {
          signal,
          onProgress: (message) => layers.take(message),
          ...(auth && { auth }),
        });
        // The push gives the image its digest in that repository; podman does not keep it.
        if (slot.imageStore !== 'PODMAN') {
          await untilShown(fleet, host, signal, ({ tags }) => {
            const digests = tags.get(reference)?.repoDigests ?? [];
            return digests.some((repoDigest) => repoDigest.endsWith(`@${digest}`));
          });
        }
        pushed.push({ reference: familiarReference(parsed), digest });
      }
      return { pushed };
    },
  };
}

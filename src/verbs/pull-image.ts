import type { ProgressMessage, PullResult } from '../engine/image-verbs.ts';
import type { Verb } from '../operations/operation.ts';
import {
  canonicalName,
  canonicalReference,
  familiarReference,
  parseReference,
} from '../registry/reference.ts';
import type { ImageReference } from '../registry/reference.ts';
import type { HostImageRecord, HostSlot } from '../fleet/records.ts';
import { LayerProgress } from './layer-progress.ts';
import { SharedWork } from '../common/shared-work.ts';
import { liveHost } from '../fleet/live-host.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { RequestCredentials, VerbEnvironment } from './verb-environment.ts';

/** What `pullImage` is asked for, as it is stored. */
export type PullInput = {
  /** Canonical, with tag or digest. */
  references: string[];
  platform: string | null;
};

/** What came of one reference. */
export type PulledReference = {
  /** As docker prints it. */
  reference: string;
  digest: string | null;
  isNew: boolean;
  /** The host's ID for the image; null where the inventory did not show it in time. */
  engineId: string | null;
};

/** What a pull did on one host. */
export type PullOutcome = { pulled: PulledReference[] };

/** docker pull, reference by reference. Equal pulls at the same time are one. */
export function pullVerb({
  fleet,
  authFor,
}: VerbEnvironment): Verb<PullInput, PullOutcome, RequestCredentials> {
  const pulls = new SharedWork<ProgressMessage, PullResult>();
  return {
    kind: 'PULL_IMAGE',
    run: async ({ references, platform }, context, requested) => {
      const { engine, slot } = await liveHost(fleet, context.host, context.signal);
      const pulled: PulledReference[] = [];
      for (const text of references) {
        const reference = parseReference(text);
        const auth = await authFor(reference.registry, requested);
        const layers = new LayerProgress(context, { unpacks: true });
        // Equal for those who may see the same: what credentials open is not for others.
        const key = JSON.stringify([context.host, text, platform, auth]);
        const before = holder(slot, reference)?.id;
        const { digest, isNew, imageId } = await pulls.run(
          key,
          context.signal,
          (message) => layers.take(message),
          (signal, onProgress) =>
            engine.verbs.pullImage(text, {
              signal,
              onProgress,
              ...(platform !== null && { platform }),
              ...(auth && { auth }),
            }),
        );
        await untilShown(fleet, context.host, context.signal, (slot) =>
          imageId === undefined
            ? holds(slot, reference, digest)
            : holder(slot, reference)?.id === imageId,
        );
        const engineId = holder(slot, reference)?.id ?? null;
        pulled.push({
          reference: familiarReference(reference),
          digest,
          isNew: isNew ?? before !== engineId,
          engineId,
        });
      }
      return { pulled };
    },
    recover: async ({ references }, { host, signal }) => {
      // Whether a tag is new cannot be told afterwards; that the digests are there can.
      const { slot } = await liveHost(fleet, host, signal);
      const pulled: PulledReference[] = [];
      for (const text of references) {
        const reference = parseReference(text);
        const image = reference.digest === null ? undefined : holder(slot, reference);
        if (!image) return null;
        const { digest } = reference;
        pulled.push({
          reference: familiarReference(reference),
          digest,
          isNew: true,
          engineId: image.id,
        });
      }
      return { pulled };
    },
  };
}

/** Whether the host has the reference, at the digest that the pull ended with if it named one. */
function holds(slot: HostSlot, reference: ImageReference, digest: string | null): boolean {
  const image = holder(slot, reference);
  if (!image || digest === null) return image !== undefined;
  return image.repoDigests.some((repoDigest) => repoDigest.endsWith(`@${digest}`));
}

function holder(slot: HostSlot, reference: ImageReference): HostImageRecord | undefined {
  if (reference.digest === null) return slot.tags.get(canonicalReference(reference));
  const key = `${canonicalName(reference)}@${reference.digest}`;
  for (const image of slot.images.values()) {
    for (const repoDigest of image.repoDigests) {
      const parsed = parseReference(repoDigest);
      if (`${canonicalName(parsed)}@${parsed.digest}` === key) return image;
    }
  }
  return undefined;
}

import { HostUnreachableError } from '../common/errors.ts';
import type { Verb } from '../operations/operation.ts';
import { untilShown } from '../fleet/until-shown.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** What looking anew found on one host. */
export type RefreshOutcome = {
  /** Milliseconds since the epoch. */
  inventoryAt: number;
  imageCount: number;
};

/** Looks at a host at once, without waiting for events or a back-off. */
export function refreshVerb({ fleet }: VerbEnvironment): Verb<null, RefreshOutcome> {
  return {
    kind: 'REFRESH_HOSTS',
    run: async (_, { host: name, signal }) => {
      const host = fleet.host(name);
      const look = fleet.refresh(name);
      const isNew = () => host.status.state === 'ONLINE' && host.status.inventoryLook >= look;
      await untilShown(fleet, name, signal, isNew);
      const { inventoryAt, state, error } = host.status;
      if (!isNew() || inventoryAt === null) {
        throw new HostUnreachableError(
          `${name} is ${state}: ${error?.message ?? 'no answer yet'}`,
          {
            host: name,
          },
        );
      }
      return { inventoryAt, imageCount: host.slot.images.size };
    },
  };
}

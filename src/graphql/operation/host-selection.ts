import { BadUserInputError, NotFoundError } from '../../common/errors.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { selectHosts } from '../../fleet/host-query.ts';
import type { HostSelector } from '../resolver-types.ts';

/** The names of the hosts that a selector chooses; never none. */
export function selectedHosts(fleet: Fleet, { names, labels, all }: HostSelector): string[] {
  if (all === false) {
    throw new BadUserInputError('`all` is false; expected true, or `names` or `labels` instead');
  }
  if (names?.length === 0) {
    throw new BadUserInputError('`names` is empty; expected at least one name of a host');
  }
  const filter = { ...(names && { names }), ...(labels != null && { labels }) };
  const chosen = Array.from(selectHosts(fleet, filter), ({ config }) => config.name);
  if (chosen.length > 0) return chosen;
  throw new NotFoundError(
    labels == null ? 'no hosts are configured' : `no host has labels that fit "${labels}"`,
  );
}

import { ConflictError } from '../common/errors.ts';

/** What stands in the way of a removal, read off the engine's sentence. */
export interface ConflictFacts {
  /** ID of the container that uses the image, as short as the engine gives it. */
  container: string | null;
  /** `running` or `stopped`; null where the engine does not say. */
  state: string | null;
  /** Whether the same with `force` would go through; null where the engine does not say. */
  forcible: boolean | null;
}

/** The sentences of docker, of both image stores, from 20.10 on, and of podman. */
export function conflictFacts(text: string): ConflictFacts {
  const used = /image is being used by (running|stopped) container (\w+)/i.exec(text);
  const referenced =
    /container (\w+) is using its referenced image|image used by (\w+): image is in use/i.exec(
      text,
    );
  const force = /\((must force|must be forced|cannot be forced)\)/i.exec(text)?.[1];
  return {
    container: used?.[2] ?? referenced?.[1] ?? referenced?.[2] ?? null,
    state: used?.[1]?.toLowerCase() ?? null,
    forcible: force === undefined ? null : force.toLowerCase() !== 'cannot be forced',
  };
}

/** A conflict with what stands in the way, and what to do about it. */
export function conflictError(text: string, host: string, message: string): ConflictError {
  const facts = conflictFacts(text);
  const hint = hintFor(text, facts);
  return new ConflictError(message, { host, details: { ...facts, ...(hint && { hint }) } });
}

function hintFor(text: string, { container, state, forcible }: ConflictFacts): string | undefined {
  if (container !== null) {
    const stop = state === 'running' ? 'stop and remove' : 'remove';
    const force = forcible === true ? ', or force the removal' : '';
    return `${stop} the container ${container} first${force}`;
  }
  if (/dependent child images/i.test(text)) return 'remove the images that were built on it first';
  if (/referenced in multiple repositories|with more than one tag/i.test(text)) {
    return 'remove its tags by name, or force the removal';
  }
  if (/already running/i.test(text)) return 'wait until the other one has ended';
  return forcible === true ? 'force the removal' : undefined;
}

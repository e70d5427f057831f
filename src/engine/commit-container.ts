import { BadReferenceError, EngineError } from '../common/errors.ts';
import type { CallOptions } from './engine.ts';
import { imageId } from './image-id.ts';
import { splitTagged } from './split-reference.ts';
import type { VerbCalls } from './verb-calls.ts';
import { refusalOf } from './verb-errors.ts';

/** The engine packs all that the container wrote before it answers. */
const TIMEOUT_MS = 15 * 60_000;

/** What `docker commit` takes. */
export interface CommitOptions extends CallOptions {
  /** A name with a tag; the image has no name without it. */
  reference?: string;
  author?: string;
  message?: string;
  /** Dockerfile instructions, such as `ENV A=b`. */
  changes?: string[];
  /** Whether the container stands still meanwhile; true by default. */
  pause?: boolean;
}

/** `docker commit`: the new image's ID. */
export async function commitContainer(
  calls: VerbCalls,
  container: string,
  { signal, reference, author, message, changes, pause }: CommitOptions,
): Promise<string> {
  const { host } = calls;
  if (!/^[\w][\w.-]*$/.test(container)) {
    const what = `"${container.slice(0, 100)}" is not a container's name or ID`;
    throw new BadReferenceError(what, { host });
  }
  const target = reference === undefined ? null : splitTagged(reference, host);
  const query = {
    container,
    repo: target?.name,
    tag: target?.tag,
    author,
    comment: message,
    changes,
    pause: pause ?? true,
  };
  return calls.plain({
    name: 'commitContainer',
    what: `committing ${container} on ${host}`,
    timeoutMs: TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: async (docker) => {
      // A body would be taken for the image's whole configuration.
      const options = { _query: query, _body: {} };
      const answer = (await docker.getContainer(container).commit(options)) as { Id?: unknown };
      const id = imageId(answer?.Id);
      if (id !== null) return id;
      throw new EngineError(`${host} committed ${container} without saying the image's ID`, {
        host,
      });
    },
  });
}

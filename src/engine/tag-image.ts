import type { CallOptions } from './engine.ts';
import { pathName } from './remote-image.ts';
import { splitTagged } from './split-reference.ts';
import type { VerbCalls } from './verb-calls.ts';
import { refusalOf } from './verb-errors.ts';

const TIMEOUT_MS = 30_000;

/** `docker tag`: `source` is a reference or ID, `target` a name with a tag. */
export async function tagImage(
  calls: VerbCalls,
  source: string,
  target: string,
  { signal }: CallOptions,
): Promise<void> {
  const { host } = calls;
  const { name, tag } = splitTagged(target, host);
  const image = pathName(source, host);
  await calls.plain({
    name: 'tagImage',
    what: `tagging ${source} as ${target} on ${host}`,
    timeoutMs: TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: async (docker): Promise<unknown> => docker.getImage(image).tag({ repo: name, tag }),
  });
}

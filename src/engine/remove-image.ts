import type { CallOptions } from './engine.ts';
import { fullImageId } from './image-id.ts';
import type { RemovalResult } from './image-verbs.ts';
import { pathName } from './remote-image.ts';
import type { VerbCalls } from './verb-calls.ts';
import { refusalOf } from './verb-errors.ts';

/** Many large layers take a while, and an engine goes on when we leave. */
const TIMEOUT_MS = 10 * 60_000;

/** A row of the answer: one of the two. */
interface EngineRemovalJson {
  Untagged?: string | null;
  Deleted?: string | null;
}

/** `docker rmi` of one name or ID. */
export async function removeImage(
  calls: VerbCalls,
  nameOrId: string,
  { signal, force, noPrune }: CallOptions & { force?: boolean; noPrune?: boolean },
): Promise<RemovalResult> {
  const { host } = calls;
  const image = pathName(nameOrId, host);
  return calls.plain({
    name: 'removeImage',
    what: `removing ${nameOrId} from ${host}`,
    timeoutMs: TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: async (docker) => {
      const query = { force: force ?? false, noprune: noPrune ?? false };
      const rows: unknown = await docker.getImage(image).remove(query);
      return removalResult((rows ?? []) as EngineRemovalJson[]);
    },
  });
}

function removalResult(rows: EngineRemovalJson[]): RemovalResult {
  const isText = (value: string | null | undefined): value is string => typeof value === 'string';
  return {
    untagged: rows
      .map(({ Untagged }) => Untagged)
      .filter(isText)
      .map(familiar),
    deleted: rows
      .map(({ Deleted }) => Deleted)
      .filter(isText)
      .map(fullImageId),
  };
}

/** As docker prints names: podman spells Docker Hub's out. */
function familiar(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/(?=[^/]*$))?/, '');
}

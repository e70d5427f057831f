import { withDeadline } from '../../common/abort.ts';
import { EngineUnsupportedError, messageOf, NotFoundError } from '../../common/errors.ts';
import type { ProgressMessage, TakenImage } from '../image-verbs.ts';
import { pushImage } from '../push-image.ts';
import { pathName } from '../remote-image.ts';
import { removeImage } from '../remove-image.ts';
import { tagImage } from '../tag-image.ts';
import type { VerbCalls } from '../verb-calls.ts';
import { refusalOf } from '../verb-errors.ts';
import type { PushEndpoint } from './push-endpoint.ts';
import { transferRepository, transferTag } from './transfer-tag.ts';

/** An engine that is not done by then has a reason that a save does not have. */
const TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 2_000;
const INSPECT_TIMEOUT_MS = 30_000;
/** Less than a cancelled task is waited for. What takes longer goes on by itself. */
const CLEAN_UP_MS = 3_000;

/** What an engine is to push, and to whom. */
export interface PushWish<E extends PushEndpoint, T> {
  image: TakenImage;
  /** Makes what the engine pushes to, which serves a repository of that name and is closed at the end. */
  open: (repository: string) => E;
  /** Has it pushed. The image has its tag, and the endpoint is reached, until this settles. */
  use: (borrowed: BorrowedPush<E>) => Promise<T>;
  /** Ends it; so does a deadline of 30 s. */
  signal: AbortSignal;
}

/** A push to us that may be begun. */
export interface BorrowedPush<E extends PushEndpoint> {
  endpoint: E;
  /** The image's tag while it lasts. */
  tag: string;
  /** Aborts when it must end. */
  signal: AbortSignal;
  /** Pushes until `enough` settles, which a push that fails by itself may never do. */
  readonly push: <T>(
    enough: Promise<T>,
    onProgress?: (message: ProgressMessage) => void,
  ) => Promise<T>;
}

/**
 * Gets an engine ready to push an image to us: with a way by which it reaches us, and a tag that leads
 * there for as long as `use` runs. Stores only save images whole, but push part by part.
 */
export async function borrowPush<E extends PushEndpoint, T>(
  calls: VerbCalls,
  wish: PushWish<E, T>,
): Promise<T> {
  const { host } = calls;
  const what = `taking parts of ${wish.image.id} from ${host}`;
  let work: Promise<T> | null = null;
  try {
    return await withDeadline({ what, ms: TIMEOUT_MS, host, signals: [wish.signal] }, (signal) => {
      work = borrow(calls, { ...wish, signal });
      return work;
    });
  } finally {
    // Who hears that it is over may close the engine next, or take from it again.
    await withDeadline({ what, ms: CLEAN_UP_MS, host }, async () => work).catch(() => {});
  }
}

async function borrow<E extends PushEndpoint, T>(
  calls: VerbCalls,
  { image, open, use, signal }: PushWish<E, T>,
): Promise<T> {
  const repository = transferRepository();
  const endpoint = open(repository);
  try {
    const port = await calls.listen(endpoint.take, signal);
    try {
      const tag = transferTag(port.port, repository, Date.now());
      await reach(calls, tag, endpoint, signal);
      return await tagged(calls, image, tag, () =>
        use({
          endpoint,
          tag,
          signal,
          push: (enough, onProgress) => push(calls, tag, { enough, onProgress, signal }),
        }),
      );
    } finally {
      port.close();
    }
  } finally {
    endpoint.close();
  }
}

/** Has the engine ask us something harmless: what it pushes must not go to whoever is there else. */
async function reach(
  calls: VerbCalls,
  tag: string,
  endpoint: PushEndpoint,
  signal: AbortSignal,
): Promise<void> {
  const { host } = calls;
  const asked = calls.plain({
    name: 'remoteImage',
    what: `asking ${host} to ask us`,
    timeoutMs: ASK_TIMEOUT_MS,
    signal,
    errorOf: refusalOf({ host }),
    ask: async (docker): Promise<unknown> => docker.getImage(pathName(tag, host)).distribution(),
  });
  // It fails in any case, since nothing of that name is here yet.
  const said = await asked.then(() => '', messageOf);
  signal.throwIfAborted();
  if (endpoint.wasAsked) return;
  throw new EngineUnsupportedError(`${host} cannot connect to us: ${said}`, { host });
}

async function push<T>(
  calls: VerbCalls,
  tag: string,
  {
    enough,
    onProgress,
    signal,
  }: {
    enough: Promise<T>;
    onProgress: ((message: ProgressMessage) => void) | undefined;
    signal: AbortSignal;
  },
): Promise<T> {
  const cut = new AbortController();
  const pushing = pushImage(calls, tag, {
    signal: AbortSignal.any([signal, cut.signal]),
    ...(onProgress && { onProgress }),
  });
  try {
    // One that fails says why; one that is over well may be so before we have read all of it.
    return await Promise.race([enough, pushing.then(() => enough)]);
  } finally {
    cut.abort();
    await pushing.catch(() => {});
  }
}

/** Does something while the image has that tag. */
async function tagged<T>(
  calls: VerbCalls,
  { id, name }: TakenImage,
  tag: string,
  work: () => Promise<T>,
): Promise<T> {
  // Neither this nor the untag is broken off: nobody would know then whether the tag is there.
  await tagImage(calls, id, tag, {});
  try {
    return await work();
  } finally {
    await untag(calls, { id, name }, tag);
  }
}

/**
 * Takes the tag away and leaves the image where it was. Without its last tag an image is removed: one
 * whose own name went to another image meanwhile would not have been, so our tag goes there first.
 */
async function untag(calls: VerbCalls, { id, name }: TakenImage, tag: string): Promise<void> {
  const tagged = await inspect(calls, tag);
  // Somebody else has taken it away.
  if (tagged === null) return;
  if (tagged.Id === id && (tagged.RepoTags ?? []).every((other) => other === tag)) {
    const heir = await inspect(calls, name);
    if (heir !== null) await tagImage(calls, heir.Id, tag, {});
  }
  await removeImage(calls, tag, { noPrune: true });
}

/** Null where there is no such image. */
async function inspect(calls: VerbCalls, reference: string): Promise<EngineTagsJson | null> {
  const { host } = calls;
  const inspected = calls.plain({
    name: 'imageId',
    what: `inspecting ${reference} on ${host}`,
    timeoutMs: INSPECT_TIMEOUT_MS,
    signal: undefined,
    errorOf: refusalOf({ host }),
    ask: async (docker): Promise<EngineTagsJson> =>
      docker.getImage(pathName(reference, host)).inspect(),
  });
  return inspected.catch((error: unknown) => {
    if (error instanceof NotFoundError) return null;
    throw error;
  });
}

/** As much of `/images/{name}/json`. */
interface EngineTagsJson {
  Id: string;
  RepoTags?: string[] | null;
}

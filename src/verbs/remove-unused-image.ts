import { ConflictError, NotFoundError } from '../common/errors.ts';
import type { RemovalResult } from '../engine/image-verbs.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { HostImageRecord } from '../fleet/records.ts';
import { toFamiliar } from '../registry/reference.ts';

/** An image that is to go, if it is still as it was. */
export type UnusedImage = {
  engineId: string;
  /** Canonical: all that it had. */
  tags: string[];
};

/** What came of it. */
export type UnusedRemoval =
  | ({ kind: 'GONE' } & RemovalResult)
  | { kind: 'SKIPPED'; reason: string }
  /** Others are built on it; worth another try once they have gone. */
  | { kind: 'HAS_CHILDREN'; reason: string };

const NOT_THERE = 'it is not there any more';

/**
 * Removes an image of a host that was just looked at, unless it is used or tagged otherwise by now:
 * then it stays as it is. Never forces anything, so that the engine refuses what we cannot see.
 * Rejects only where the engine cannot do its work.
 */
export async function removeUnusedImage(
  host: HostRecord,
  wanted: UnusedImage,
  signal: AbortSignal,
): Promise<UnusedRemoval> {
  const { engine, slot } = host;
  const image = slot.images.get(wanted.engineId);
  if (!image) return skipped(NOT_THERE);
  const change = tagChange(wanted, image);
  if (change !== null) return skipped(change);
  const containers = await engine.listContainers({ signal });
  const user = containers.find(({ imageId }) => imageId === image.id);
  if (user) return skipped(`container ${user.name || user.id} (${user.state}) uses it`);
  return new Removal(host, wanted, image).run();
}

/** A tag that would have gone with an image which it does not name any more. */
class MovedTagError extends ConflictError {}

/** The steps that take one image away, and the way back when they lead nowhere. */
class Removal {
  readonly #host: HostRecord;
  readonly #wanted: UnusedImage;
  readonly #repoDigests: readonly string[];
  readonly #done: RemovalResult = { untagged: [], deleted: [] };
  readonly #untaggedByName: string[] = [];

  constructor(host: HostRecord, wanted: UnusedImage, image: HostImageRecord) {
    this.#host = host;
    this.#wanted = wanted;
    this.#repoDigests = [...image.repoDigests];
  }

  async run(): Promise<UnusedRemoval> {
    const { engineId, tags } = this.#wanted;
    try {
      // With the ID goes one tag at most, and only of an image that nothing uses: by name a tag
      // would go that another image has got meanwhile. So the last one is left to the ID.
      for (const tag of tags.slice(1)) await this.#untag(tag);
      await this.#take(engineId);
      return this.#gone();
    } catch (error) {
      if (error instanceof NotFoundError) {
        return this.#done.untagged.length > 0 ? this.#gone() : skipped(NOT_THERE);
      }
      if (!(error instanceof ConflictError)) return this.#fail(error);
      if (isUse(error) || error instanceof MovedTagError) return this.#giveUp(error.message);
      return this.#byName(error);
    }
  }

  /**
   * For images that the engine does not remove by ID: those that were pulled from or pushed to
   * several repositories, and those that others are built on, which `docker image prune` untags.
   */
  async #byName(refusal: ConflictError): Promise<UnusedRemoval> {
    const { engineId, tags } = this.#wanted;
    if (tags.length === 0 && isParent(refusal)) {
      return { kind: 'HAS_CHILDREN', reason: refusal.message };
    }
    try {
      const [last] = tags;
      if (last !== undefined) await this.#untag(last);
      for (const repoDigest of this.#repoDigests) {
        if (this.#done.deleted.includes(engineId)) break;
        // Went with the tag of the same repository.
        await this.#take(repoDigest).catch(unlessNotFound);
      }
    } catch (error) {
      return error instanceof ConflictError ? this.#giveUp(error.message) : this.#fail(error);
    }
    if (this.#done.deleted.includes(engineId)) return this.#gone();
    const left = (await this.#host.engine.listImages()).find(({ id }) => id === engineId);
    if (!left) return this.#gone();
    return this.#giveUp(
      left.tags.length > 0 ? `it was tagged ${left.tags[0]} since` : refusal.message,
    );
  }

  async #untag(tag: string): Promise<void> {
    const { slot } = this.#host;
    if (slot.tags.get(tag)?.id !== this.#wanted.engineId) {
      throw new MovedTagError(`${toFamiliar(tag)} points at another image by now`);
    }
    await this.#take(tag);
    this.#untaggedByName.push(tag);
  }

  /** Without a signal: what became of it would not be known. */
  async #take(nameOrId: string): Promise<void> {
    const { untagged, deleted } = await this.#host.engine.verbs.removeImage(nameOrId);
    this.#done.untagged.push(...untagged);
    this.#done.deleted.push(...deleted);
  }

  async #giveUp(reason: string): Promise<UnusedRemoval> {
    await this.#putTagsBack();
    return skipped(reason);
  }

  async #fail(error: unknown): Promise<never> {
    try {
      await this.#putTagsBack();
    } catch {
      // The engine answers no more: its first error is what is to be told.
    }
    throw error;
  }

  /** Leaves the image with the tags that it had. */
  async #putTagsBack(): Promise<void> {
    const { engine, slot } = this.#host;
    const { engineId } = this.#wanted;
    for (const tag of this.#untaggedByName) {
      // Somebody has taken the name meanwhile.
      if ((slot.tags.get(tag)?.id ?? engineId) !== engineId) continue;
      await engine.verbs.tagImage(engineId, tag).catch(unlessNotFound);
    }
  }

  #gone(): UnusedRemoval {
    return { kind: 'GONE', ...this.#done };
  }
}

/** How the tags differ from those that it had; null where they do not. */
function tagChange({ tags: before }: UnusedImage, { tags }: HostImageRecord): string | null {
  const now = tags.map(({ reference }) => reference);
  const come = now.find((tag) => !before.includes(tag));
  if (come !== undefined) return `it was tagged ${toFamiliar(come)} since`;
  const lost = before.find((tag) => !now.includes(tag));
  return lost === undefined ? null : `it has lost the tag ${toFamiliar(lost)} since`;
}

function isUse({ details }: ConflictError): boolean {
  return details?.['container'] != null;
}

function isParent({ message }: ConflictError): boolean {
  return /dependent child|has children/i.test(message);
}

function unlessNotFound(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}

function skipped(reason: string): UnusedRemoval {
  return { kind: 'SKIPPED', reason };
}

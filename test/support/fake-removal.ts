import type { FakeContainer } from './fake-engine.ts';
import type { FakeImage } from './fake-image.ts';

/** What a fake engine answers to `DELETE /images/{name}`, and what becomes of the image. */
export interface FakeRemoval {
  status: number;
  body: string;
  /** Null where it is gone. */
  image?: { id: string; left: FakeImage | null };
}

/** Removes by docker's rules, without force. */
export function fakeRemoval(
  name: string,
  images: ReadonlyMap<string, FakeImage>,
  containers: Iterable<FakeContainer>,
): FakeRemoval {
  const byId = images.get(name);
  const tag = name.replace(/^docker\.io\/(?:library\/)?/, '');
  const image = byId ?? Array.from(images.values()).find(({ tags }) => tags.includes(tag));
  if (!image) return refused(404, `No such image: ${name}`);
  const { id, tags } = image;
  if (!byId && tags.length > 1) {
    const left = { ...image, tags: tags.filter((other) => other !== tag) };
    return { status: 200, body: JSON.stringify([{ Untagged: tag }]), image: { id, left } };
  }
  const short = id.slice(7, 19);
  if (byId && tags.length > 1) {
    const why = 'image is referenced in multiple repositories';
    return refused(409, `conflict: unable to delete ${short} (must be forced) - ${why}`);
  }
  const user = Array.from(containers).find(({ imageId }) => imageId === id);
  if (user) {
    const why = `image is being used by stopped container ${user.id}`;
    return refused(409, `conflict: unable to delete ${short} (must be forced) - ${why}`);
  }
  const rows = [...tags.map((Untagged) => ({ Untagged })), { Deleted: id }];
  return { status: 200, body: JSON.stringify(rows), image: { id, left: null } };
}

function refused(status: number, message: string): FakeRemoval {
  return { status, body: JSON.stringify({ message }) };
}

/*
 * What a simulated fleet holds, made up as real fleets are: most images are on many hosts, few on
 * one only; about ten layers each, of which the lower ones are shared; some tags have drifted.
 * The same numbers give the same fleet.
 */
import { fakeImage } from '../../test/support/fake-image.ts';
import type { FakeImage } from '../../test/support/fake-image.ts';

export const IMAGES_PER_HOST = 200;
/** On every host. */
const EVERYWHERE = 60;
/** Tags that point at one of two images, depending on the host; each on one host in five. */
const DRIFTING = 50;
const DRIFTING_PER_HOST = 10;
/** The rest of the pool of 1,000. */
const COMMON = 1_000 - EVERYWHERE - 2 * DRIFTING;
/** On one host only, a fifth of them without a tag. */
const OWN_PER_HOST = 10;
const COMMON_PER_HOST = IMAGES_PER_HOST - EVERYWHERE - DRIFTING_PER_HOST - OWN_PER_HOST;

/** The images that hosts share. */
export class FleetModel {
  readonly #everywhere = Array.from({ length: EVERYWHERE }, (_, at) =>
    image(`ops/agent-${at}`, at),
  );
  readonly #common = Array.from({ length: COMMON }, (_, at) =>
    image(`team-${at % 12}/service-${at >> 2}`, at, [`1.${at & 3}.${at % 7}`]),
  );
  readonly #drifting = Array.from({ length: DRIFTING }, (_, at) => {
    const versions = ['old', 'new'] as const;
    return versions.map((version) =>
      image(`shop/app-${at}`, at, [`stable`, ...(version === 'new' ? ['2.0.1'] : [])], version),
    );
  });

  /** The images of the host with that number. */
  imagesOf(host: number): FakeImage[] {
    const random = randomFrom(host + 1);
    const drifting = pick(this.#drifting, DRIFTING_PER_HOST, random).map(
      ([older, newer]) => (random() < 0.2 ? older : newer)!,
    );
    const own = Array.from({ length: OWN_PER_HOST }, (_, at) =>
      image(`build/host-${host}-${at}`, at, at % 5 === 0 ? [] : ['dev']),
    );
    const common = pick(this.#common, COMMON_PER_HOST, random);
    return [...this.#everywhere, ...common, ...drifting, ...own];
  }
}

/** An image of ten layers: a base of three, a runtime of three on it, four of its own. */
function image(repository: string, at: number, tags = ['1.0.0'], version = ''): FakeImage {
  const base = at % 8;
  const runtime = at % 40;
  const own = `${repository}${version} ${tags.join()}`;
  return fakeImage(own, {
    tags: tags.map((tag) => `registry.example.com/${repository}:${tag}`),
    createdAt: Date.UTC(2026, 0, 1) + at * 3_600_000,
    labels: { 'org.opencontainers.image.title': repository, maintainer: 'team@example.com' },
    layers: [
      ...[0, 1, 2].map((layer) => `base-${base}/${layer}`),
      ...[0, 1, 2].map((layer) => `runtime-${runtime}/${layer}`),
      ...[0, 1, 2, 3].map((layer) => `${own}/${layer}`),
    ],
  });
}

function pick<T>(from: readonly T[], count: number, random: () => number): T[] {
  const rest = [...from];
  return Array.from({ length: count }, () => {
    const at = Math.floor(random() * rest.length);
    const [picked] = rest.splice(at, 1);
    return picked!;
  });
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

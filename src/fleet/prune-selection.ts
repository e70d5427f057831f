import { BadUserInputError } from '../common/errors.ts';
import {
  canonicalName,
  canonicalReference,
  familiarReference,
  parseReference,
} from '../registry/reference.ts';
import { createdAt, parseLabel } from './image-query.ts';
import { parseReferenceGlobs } from './reference-glob.ts';
import type { HostImageRecord, HostSlot, TagRecord } from './records.ts';
import { parseTimeExpression } from './time-expression.ts';

const MAX_LABELS = 20;

/** Which unused images a prune takes; all that is given must hold. The SDL describes each. */
export type PruneFilter = {
  /** Tagged ones too. */
  all: boolean;
  label: string[];
  labelNot: string[];
  until: string | null;
  reference: string[];
  keepNewest: number | null;
};

/** The images of a host that go, those first that may have been built on others of them. */
export type PruneSelector = (slot: HostSlot) => HostImageRecord[];

/**
 * Reads a filter. What containers use never goes; whoever calls the selector has to see to it that
 * the use is known.
 * @throws BadUserInputError
 */
export function pruneSelector(filter: PruneFilter, now: number): PruneSelector {
  const { all, keepNewest } = filter;
  if (keepNewest !== null && !(keepNewest >= 1)) {
    throw new BadUserInputError(`\`keepNewest\` is ${keepNewest}; expected 1 or more`);
  }
  const tests = [...labelTests(filter)];
  if (filter.until !== null) {
    const limit = parseTimeExpression(filter.until, now);
    tests.push(({ image }) => createdAt(image) < limit);
  }
  if (filter.reference.length > 0) {
    const fits = parseReferenceGlobs(filter.reference);
    tests.push((hostImage) => {
      const names = namesOf(hostImage);
      // One name that does not fit is reason enough to stay: it would go as well.
      return names.length > 0 && names.every(fits);
    });
  }
  return (slot) => {
    const kept = keepNewest === null ? new Set() : newestOf(slot, keepNewest);
    return Array.from(slot.images.values())
      .filter((hostImage) => hostImage.containerCount === 0)
      .filter((hostImage) => all || hostImage.tags.length === 0)
      .filter((hostImage) => !kept.has(hostImage) && tests.every((test) => test(hostImage)))
      .toSorted(childrenFirst);
  };
}

function labelTests({ label, labelNot }: PruneFilter): ((image: HostImageRecord) => boolean)[] {
  const wanted = labels('label', label);
  const unwanted = labels('labelNot', labelNot);
  return [
    (image) => wanted.every((test) => test(image)),
    (image) => !unwanted.some((test) => test(image)),
  ];
}

function labels(name: string, texts: readonly string[]) {
  if (texts.length > MAX_LABELS) {
    throw new BadUserInputError(
      `\`${name}\` has ${texts.length} entries; expected at most ${MAX_LABELS}`,
    );
  }
  return texts.map((text) => {
    const { key, value } = parseLabel(text);
    // An empty key fits nothing: in `labelNot` it would protect nothing, unnoticed.
    if (key === '') {
      throw new BadUserInputError(`"${text}" in \`${name}\` has no key; expected key or key=value`);
    }
    return ({ image, labels: listed }: HostImageRecord) => {
      const has = image.facts?.config.labels ?? listed;
      return Object.hasOwn(has, key) && (value === undefined || has[key] === value);
    };
  });
}

/**
 * The newest images of each repository, used ones counted: those of one age are not told apart, so
 * all of them stay.
 */
function newestOf(slot: HostSlot, count: number): ReadonlySet<unknown> {
  const byRepository = new Map<string, HostImageRecord[]>();
  for (const hostImage of slot.images.values()) {
    for (const repository of new Set(
      namesOf(hostImage).map(({ parsed }) => canonicalName(parsed)),
    )) {
      const images = byRepository.get(repository);
      if (images) images.push(hostImage);
      else byRepository.set(repository, [hostImage]);
    }
  }
  const kept = new Set<HostImageRecord>();
  for (const images of byRepository.values()) {
    const times = images.map(({ image }) => createdAt(image)).toSorted((a, b) => b - a);
    const oldestKept = times[Math.min(count, times.length) - 1]!;
    for (const hostImage of images)
      if (createdAt(hostImage.image) >= oldestKept) kept.add(hostImage);
  }
  return kept;
}

type Name = Pick<TagRecord, 'reference' | 'familiarName' | 'parsed'>;

/** Its tags; where it has none any more, what it was pulled as. */
function namesOf({ tags, repoDigests }: HostImageRecord): TagRecord[] {
  if (tags.length > 0) return [...tags];
  return repoDigests.flatMap((repoDigest) => {
    const name = nameOf(repoDigest);
    return name ? [{ ...name, targets: new Map(), contents: new Map() }] : [];
  });
}

/** Undefined for what an engine lists and is no reference by the grammar. */
function nameOf(repoDigest: string): Name | undefined {
  try {
    const parsed = parseReference(repoDigest);
    return {
      reference: canonicalReference(parsed),
      familiarName: familiarReference(parsed),
      parsed,
    };
  } catch {
    return undefined;
  }
}

/** What is built on an image has all of its history and more. */
function childrenFirst(a: HostImageRecord, b: HostImageRecord): number {
  const steps = ({ image }: HostImageRecord) => image.facts?.history.length ?? 0;
  return steps(b) - steps(a) || (a.id < b.id ? -1 : 1);
}

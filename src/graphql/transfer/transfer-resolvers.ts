import { BadUserInputError, ConflictError } from '../../common/errors.ts';
import { freeBytes } from '../../fleet/free-bytes.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { findHostImage, findImage } from '../../fleet/image-lookup.ts';
import type { ImageRecord, TagRecord } from '../../fleet/records.ts';
import { toFamiliar } from '../../registry/reference.ts';
import type { TransferPlan as TransferPlanRecord } from '../../transfer/transfer-plan.ts';
import type { TransferInput, TransferItem } from '../../transfer/transfer-request.ts';
import { transferable } from '../../transfer/transfer-source.ts';
import type { GraphqlContext } from '../context.ts';
import { selectedHosts } from '../operation/host-selection.ts';
import { imageOn } from '../operation/operation-resolvers.ts';
import { operationOfPlan } from '../operation/plan-operation.ts';
import { atMost, canonicalTag, startOperation } from '../operation/start-operation.ts';
import type {
  MovedTagResolvers,
  MutationResolvers,
  QueryResolvers,
  TransferImageInput,
  TransferImageResultResolvers,
  TransferPlanCopyResolvers,
  TransferPlanImageResolvers,
  TransferPlanInput,
  TransferPlanTargetResolvers,
  TransferredImageResolvers,
  TransferTagConflictResolvers,
} from '../resolver-types.ts';

const MAX_REFERENCES = 50;
const MAX_TAGS = 50;
/** One chunk of a stream: a lower limit could not be kept. */
const MIN_BYTES_PER_SECOND = 65_536;

export const transferQueries: Pick<QueryResolvers, 'transferPlan'> = {
  transferPlan: (_, { input }, { fleet, transfers, transferPlans }) =>
    transferPlans.make(transfers, itemsOf(fleet, input), selectedHosts(fleet, input.targets)),
};

export const transferMutations: Pick<MutationResolvers, 'transferImage'> = {
  transferImage: (_, { input }, context) => {
    const { plan, targets, references, maxBytesPerSecond } = input;
    if (maxBytesPerSecond != null && maxBytesPerSecond < MIN_BYTES_PER_SECOND) {
      throw new BadUserInputError(
        `\`maxBytesPerSecond\` is ${maxBytesPerSecond}; expected ${MIN_BYTES_PER_SECOND} or more`,
      );
    }
    if (plan != null) return runPlan(plan, input, context);
    if (references == null || targets == null) {
      const missing = references == null ? 'references' : 'targets';
      throw new BadUserInputError(
        `\`${missing}\` was not given; expected \`plan\`, or both \`references\` and \`targets\``,
      );
    }
    const { source = null, renames = null } = input;
    const tags = input.tags ?? 'KEEP';
    const images = itemsOf(context.fleet, { references, source, tags, renames });
    const work = { ...howOf(input), plan: null, images, planned: null };
    return startOperation(context, 'TRANSFER_IMAGE', work, { ...input, hosts: targets });
  },
};

export const TransferPlanImage: TransferPlanImageResolvers = {
  reference: ({ item }) => item.reference,
  sourceName: ({ item }) => item.source,
  source: ({ item }, _, { fleet }) => fleet.hosts.get(item.source) ?? null,
  engineId: ({ item }) => item.engineId,
  image: ({ item }, _, { fleet }) => imageOn(fleet, item.source, item.engineId),
  tags: ({ item }) => item.tags.map(toFamiliar),
};

export const TransferPlanTarget: TransferPlanTargetResolvers = {
  hostName: ({ host }) => host,
  host: ({ host }, _, { fleet }) => fleet.hosts.get(host) ?? null,
  images: ({ copies }) => copies,
  missingLayers: ({ copies }) => copies.flatMap(({ missingLayers }) => missingLayers),
  freeBytes: ({ host }, _, { fleet }) => freeBytes(fleet.hosts.get(host)),
};

export const TransferPlanCopy: TransferPlanCopyResolvers = {
  reference: ({ planned }) => planned.item.reference,
  tagConflicts: ({ host, conflicts }) =>
    conflicts.map(({ tag, engineId }) => ({ tag: toFamiliar(tag), engineId, host })),
};

export const TransferTagConflict: TransferTagConflictResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

export const TransferImageResult: TransferImageResultResolvers = {
  images: ({ host, images }) => images.map((image) => ({ ...image, host })),
};

export const TransferredImage: TransferredImageResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
  kept: ({ host, kept }) => kept.map((conflict) => ({ ...conflict, host })),
};

export const MovedTag: MovedTagResolvers = {
  previousEngineId: ({ previous }) => previous,
};

function runPlan(id: string, input: TransferImageInput, context: GraphqlContext) {
  const names = ['references', 'source', 'targets', 'tags', 'renames'] as const;
  const said = names.find((name) => input[name] != null);
  if (said !== undefined) {
    throw new BadUserInputError(
      `\`${said}\` was given with \`plan\`; a plan has its own images, tags and hosts`,
    );
  }
  const plan = context.transferPlans.find(id);
  if (!plan) {
    const wanted = { kind: 'TRANSFER_IMAGE', plan: id, query: 'transferPlan' } as const;
    return operationOfPlan(context, wanted, input);
  }
  const targets = plan.targets.filter(({ isPlanned }) => isPlanned);
  if (targets.length === 0) {
    const [first] = plan.targets;
    throw new ConflictError(`the plan has no target that could be looked at: ${first?.reason}`);
  }
  const work: TransferInput = {
    ...howOf(input),
    plan: id,
    images: plan.images.map(({ item }) => item),
    planned: plannedOf(plan),
  };
  const hosts = { names: targets.map(({ host }) => host) };
  return startOperation(context, 'TRANSFER_IMAGE', work, { ...input, hosts });
}

function plannedOf({ targets }: TransferPlanRecord): TransferInput['planned'] {
  return Object.fromEntries(
    targets.map(({ host, copies }) => [
      host,
      copies.map(({ isThere, missing, owners }) => ({ isThere, missing, owners })),
    ]),
  );
}

function howOf(input: TransferImageInput) {
  const { onTagConflict, compression, verify, maxBytesPerSecond } = input;
  return { onTagConflict, compression, verify, maxBytesPerSecond: maxBytesPerSecond ?? null };
}

/** The images that are meant, as the inventory has them now. */
function itemsOf(
  fleet: Fleet,
  input: Pick<TransferPlanInput, 'references' | 'source' | 'tags' | 'renames'>,
): TransferItem[] {
  const references = atMost(MAX_REFERENCES, 'references', input.references);
  const renames = renamesOf(references, input);
  const items = references.map((reference): TransferItem => {
    const { image, engineId, named } = lookUp(fleet, reference, input.source ?? null);
    const tag = named.find((one) => namesTag(reference, one))?.reference ?? null;
    const kept = tag === null ? [] : [tag];
    const item = {
      reference,
      tag,
      content: image.key,
      source: input.source ?? null,
      engineId,
      tags: input.tags === 'KEEP' ? kept : (renames.get(reference) ?? []),
    };
    transferable(fleet, item);
    return item;
  });
  refuseTwice(items);
  return items;
}

function lookUp(fleet: Fleet, reference: string, source: string | null) {
  if (source === null) {
    const image: ImageRecord = findImage(fleet.inventory, reference);
    const named = [...image.holders.values()].flatMap(({ tags }) => tags);
    return { image, engineId: null, named };
  }
  const { id, image, tags } = findHostImage(fleet.host(source).slot, reference);
  return { image, engineId: id, named: tags };
}

/** Whether it was by this tag that the image was asked for. */
function namesTag(reference: string, { reference: canonical }: TagRecord): boolean {
  try {
    return canonicalTag(reference) === canonical;
  } catch {
    // A digest, or the beginning of an ID that is no reference.
    return false;
  }
}

function renamesOf(
  references: readonly string[],
  { tags, renames }: Pick<TransferPlanInput, 'tags' | 'renames'>,
): Map<string, string[]> {
  const byReference = new Map<string, string[]>();
  if (tags !== 'RENAME') {
    if (renames == null) return byReference;
    throw new BadUserInputError(`\`renames\` was given with \`tags: ${tags}\`; expected RENAME`);
  }
  if (renames == null || renames.length === 0) {
    throw new BadUserInputError('`tags` is RENAME without `renames`; expected at least one');
  }
  for (const { from, to } of renames) {
    if (!references.includes(from)) {
      throw new BadUserInputError(`\`from: "${from.slice(0, 100)}"\` is none of \`references\``);
    }
    const more = atMost(MAX_TAGS, 'to', to).map(canonicalTag);
    byReference.set(from, [...(byReference.get(from) ?? []), ...more]);
  }
  return byReference;
}

/** One tag cannot be two images. */
function refuseTwice(items: readonly TransferItem[]): void {
  const owners = new Map<string, TransferItem>();
  for (const item of items) {
    for (const tag of item.tags) {
      const owner = owners.get(tag);
      if (owner && owner.content !== item.content) {
        throw new BadUserInputError(
          `${toFamiliar(tag)} would be both ${owner.reference} and ${item.reference} on the targets`,
        );
      }
      owners.set(tag, item);
    }
  }
}

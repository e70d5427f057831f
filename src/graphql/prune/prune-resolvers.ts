import { BadUserInputError, ConflictError } from '../../common/errors.ts';
import type { PlannedImage as PlannedImageRecord } from '../../fleet/prune-plan.ts';
import { pruneSelector } from '../../fleet/prune-selection.ts';
import type { PruneFilter } from '../../fleet/prune-selection.ts';
import { toFamiliar } from '../../registry/reference.ts';
import type { PruneInput } from '../../verbs/prune-images.ts';
import type { GraphqlContext } from '../context.ts';
import { selectedHosts } from '../operation/host-selection.ts';
import { imageOn } from '../operation/operation-resolvers.ts';
import { operationOfPlan } from '../operation/plan-operation.ts';
import { startOperation } from '../operation/start-operation.ts';
import type {
  MutationResolvers,
  PlannedImageResolvers,
  PruneImagesInput,
  PrunePlanHostResolvers,
  PrunePlanInput,
  QueryResolvers,
} from '../resolver-types.ts';

export const pruneQueries: Pick<QueryResolvers, 'prunePlan'> = {
  prunePlan: (_, { input }, { fleet, prunePlans }) =>
    prunePlans.make(fleet, selectedHosts(fleet, input.hosts), filterOf(input)),
};

export const pruneMutations: Pick<MutationResolvers, 'pruneImages'> = {
  pruneImages: (_, { input }, context) => {
    if (input.plan != null) return applyPlan(input.plan, input, context);
    const { hosts } = input;
    if (hosts == null) {
      throw new BadUserInputError('neither `plan` nor `hosts` was given; expected one of them');
    }
    const filter = filterOf(input);
    // A mistake in it is told now, not by each host.
    pruneSelector(filter, Date.now());
    const work: PruneInput = { ...filter, plan: null };
    return startOperation(context, 'PRUNE_IMAGES', work, { ...input, hosts });
  },
};

export const PrunePlanHost: PrunePlanHostResolvers = {
  hostName: ({ host }) => host,
  host: ({ host }, _, { fleet }) => fleet.hosts.get(host) ?? null,
};

export const PlannedImage: PlannedImageResolvers = {
  tags: ({ tags }) => tags.map(toFamiliar),
  createdAt: ({ createdAt }) => createdAt || null,
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

function applyPlan(id: string, input: PruneImagesInput, context: GraphqlContext) {
  const said = (['hosts', 'label', 'labelNot', 'until', 'reference', 'keepNewest'] as const).find(
    (name) => input[name] != null,
  );
  if (said !== undefined || input.all) {
    throw new BadUserInputError(
      `\`${said ?? 'all'}\` was given with \`plan\`; a plan has its own hosts and images`,
    );
  }
  const plan = context.prunePlans.find(id);
  if (!plan) {
    const wanted = { kind: 'PRUNE_IMAGES', plan: id, query: 'prunePlan' } as const;
    return operationOfPlan(context, wanted, input);
  }
  const planned = plan.hosts.filter(({ reason }) => reason === null);
  if (planned.length === 0) {
    const [first] = plan.hosts;
    throw new ConflictError(`the plan has no host that could be looked at: ${first?.reason}`);
  }
  const images = planned.map(({ host, images }) => [host, images.map(toGo)] as const);
  const work: PruneInput = { plan: id, images: Object.fromEntries(images) };
  const hosts = { names: planned.map(({ host }) => host) };
  return startOperation(context, 'PRUNE_IMAGES', work, { ...input, hosts });
}

function toGo({ engineId, tags }: PlannedImageRecord) {
  return { engineId, tags };
}

function filterOf(input: Omit<PrunePlanInput, 'hosts'>): PruneFilter {
  const { all, label, labelNot, until, reference, keepNewest } = input;
  return {
    all,
    label: [...(label ?? [])],
    labelNot: [...(labelNot ?? [])],
    until: until ?? null,
    reference: [...(reference ?? [])],
    keepNewest: keepNewest ?? null,
  };
}

import { BadUserInputError } from '../../common/errors.ts';
import type { CheckInput } from '../../verbs/check-credentials.ts';
import type { PullInput } from '../../verbs/pull-image.ts';
import type { PushInput } from '../../verbs/push-image.ts';
import type { RemoveInput } from '../../verbs/remove-image.ts';
import type { TagInput } from '../../verbs/tag-image.ts';
import type { UntagInput } from '../../verbs/untag-image.ts';
import { registryName } from '../../registry/reference.ts';
import type { MutationResolvers } from '../resolver-types.ts';
import { credentialsOf } from './request-credentials.ts';
import {
  atMost,
  canonicalImage,
  canonicalTag,
  operationId,
  startOperation,
  waitMs,
} from './start-operation.ts';

const MAX_REFERENCES = 50;
const MAX_REMOVALS = 100;
const MAX_REGISTRIES = 20;

/** The mutations on single images, and those on operations. */
export const operationMutations: Pick<
  MutationResolvers,
  | 'pullImage'
  | 'pushImage'
  | 'tagImage'
  | 'untagImage'
  | 'removeImage'
  | 'checkRegistryCredentials'
  | 'refreshHosts'
  | 'cancelOperation'
  | 'retryOperation'
> = {
  pullImage: (_, { input }, context) => {
    const work: PullInput = {
      references: atMost(MAX_REFERENCES, 'references', input.references).map(canonicalImage),
      platform: input.platform ?? null,
    };
    return startOperation(context, 'PULL_IMAGE', work, input, credentialsOf(input.credentials));
  },
  pushImage: (_, { input }, context) => {
    const references = atMost(MAX_REFERENCES, 'references', input.references).map(canonicalTag);
    if (input.as != null && references.length !== 1) {
      throw new BadUserInputError(
        `\`as\` was given with ${references.length} references; expected exactly one`,
      );
    }
    const work: PushInput = { references, as: input.as == null ? null : canonicalTag(input.as) };
    return startOperation(context, 'PUSH_IMAGE', work, input, credentialsOf(input.credentials));
  },
  tagImage: (_, { input }, context) => {
    const tags = atMost(MAX_REFERENCES, 'tags', input.tags).map(canonicalTag);
    const work: TagInput = { image: input.image, tags };
    return startOperation(context, 'TAG_IMAGE', work, input);
  },
  untagImage: (_, { input }, context) => {
    const tags = atMost(MAX_REFERENCES, 'tags', input.tags).map(canonicalTag);
    const work: UntagInput = { tags, keepImage: input.keepImage };
    return startOperation(context, 'UNTAG_IMAGE', work, input);
  },
  removeImage: (_, { input }, context) => {
    const { force, noPrune } = input;
    const images = atMost(MAX_REMOVALS, 'images', input.images);
    const work: RemoveInput = { images, force, noPrune };
    return startOperation(context, 'REMOVE_IMAGE', work, input);
  },
  checkRegistryCredentials: (_, { input }, context) => {
    const registries = atMost(MAX_REGISTRIES, 'registries', input.registries).map(registryName);
    const work: CheckInput = { registries };
    const secret = credentialsOf(input.credentials);
    return startOperation(context, 'CHECK_REGISTRY_CREDENTIALS', work, input, secret);
  },
  refreshHosts: (_, { input }, context) => startOperation(context, 'REFRESH_HOSTS', null, input),
  cancelOperation: async (_, { input }, { operations, viewer }) => ({
    operation: await operations.cancel(operationId(input.id), viewer.name),
  }),
  retryOperation: async (_, { input }, { operations, viewer, signal }) => {
    const id = operationId(input.id);
    const secret = credentialsOf(input.credentials);
    await operations.retry(id, { by: viewer.name, ...(secret && { secret }) });
    return { operation: await operations.wait(id, waitMs(input.waitSeconds), signal) };
  },
};

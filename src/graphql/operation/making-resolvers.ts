import { BadUserInputError, LimitExceededError } from '../../common/errors.ts';
import { fetchableUrl } from '../../verbs/allowed-url.ts';
import type { BuildContextInput, BuildInput } from '../../verbs/build-image.ts';
import type { CommitInput } from '../../verbs/commit-container.ts';
import type { ImportInput, ImportSource } from '../../verbs/import-image.ts';
import type { UploadedTar } from '../../verbs/uploaded-tar.ts';
import type { GraphqlContext } from '../context.ts';
import type {
  BuildContext,
  BuildImageInput,
  BuildImageResultResolvers,
  CommitContainerResultResolvers,
  ImportImageInput,
  ImportImageResultResolvers,
  MutationResolvers,
} from '../resolver-types.ts';
import { imageOn } from './operation-resolvers.ts';
import { credentialsOf } from './request-credentials.ts';
import { atMost, canonicalTag, startOperation } from './start-operation.ts';

const MAX_TAGS = 50;
const MAX_ENTRIES = 100;
const MAX_DOCKERFILE_BYTES = 256 * 1024;

/** The mutations that make new images. */
export const makingMutations: Pick<
  MutationResolvers,
  'commitContainer' | 'importImage' | 'buildImage'
> = {
  commitContainer: (_, { input }, context) => {
    const { host, container, reference, author, message, changes, pause } = input;
    const work: CommitInput = {
      container,
      reference: reference == null ? null : canonicalTag(reference),
      author: author ?? null,
      message: message ?? null,
      changes: bounded('changes', changes),
      pause,
    };
    const start = { ...input, hosts: { names: [host] }, failFast: false };
    return startOperation(context, 'COMMIT_CONTAINER', work, start);
  },
  importImage: async (_, { input }, context) => {
    const { reference, message, changes, platform } = input;
    const work: ImportInput = {
      ...(await importSource(input, context)),
      reference: reference == null ? null : canonicalTag(reference),
      message: message ?? null,
      changes: bounded('changes', changes),
      platform: platform ?? null,
    };
    return startOperation(context, 'IMPORT_IMAGE', work, input);
  },
  buildImage: async (_, { input }, context) => {
    const credentials = credentialsOf(input.credentials);
    const work = buildInput(input, await buildContext(input.context, context));
    return startOperation(context, 'BUILD_IMAGE', work, input, credentials);
  },
};

export const CommitContainerResult: CommitContainerResultResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

export const ImportImageResult: ImportImageResultResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

export const BuildImageResult: BuildImageResultResolvers = {
  image: ({ host, engineId }, _, { fleet }) => imageOn(fleet, host, engineId),
};

function buildInput(input: BuildImageInput, context: BuildContextInput): BuildInput {
  const { dockerfilePath, tags, target, noCache, pull, platform, networkMode } = input;
  if ('dockerfile' in context && dockerfilePath != null) {
    throw new BadUserInputError('`dockerfilePath` was given with an inline Dockerfile');
  }
  return {
    context,
    dockerfilePath: dockerfilePath ?? null,
    tags: tags?.length ? atMost(MAX_TAGS, 'tags', tags).map(canonicalTag) : [],
    buildArgs: bounded('buildArgs', input.buildArgs).map(({ name, value }) => ({ name, value })),
    target: target ?? null,
    labels: bounded('labels', input.labels).map(({ key, value }) => ({ key, value })),
    noCache,
    pull,
    platform: platform ?? null,
    networkMode: networkMode ?? null,
  };
}

async function importSource(
  { url, upload }: ImportImageInput,
  context: GraphqlContext,
): Promise<ImportSource> {
  if (url != null && upload == null) return { url: fetchableUrl(url, { git: false }) };
  if (upload != null && url == null) return uploadedTar(upload, context);
  const found = url == null ? 'neither' : 'both';
  throw new BadUserInputError(`expected one of \`url\` and \`upload\`, found ${found}`);
}

async function uploadedTar(id: string, { uploads, viewer }: GraphqlContext): Promise<UploadedTar> {
  const { sha256 } = await uploads.use(id, viewer.name);
  return { upload: id, sha256 };
}

async function buildContext(
  { url, dockerfile, upload }: BuildContext,
  context: GraphqlContext,
): Promise<BuildContextInput> {
  if (url != null) return { url: fetchableUrl(url, { git: true }) };
  if (upload != null) return uploadedTar(upload, context);
  const text = dockerfile ?? '';
  if (text.trim() === '') throw new BadUserInputError('the Dockerfile is empty');
  const size = Buffer.byteLength(text);
  if (size <= MAX_DOCKERFILE_BYTES) return { dockerfile: text };
  const limit = `${MAX_DOCKERFILE_BYTES / 1024} KiB`;
  throw new LimitExceededError(`the Dockerfile has ${size} bytes; at most ${limit} are taken`);
}

function bounded<T>(name: string, entries: readonly T[] | null | undefined): T[] {
  if (!entries || entries.length <= MAX_ENTRIES) return [...(entries ?? [])];
  const found = `\`${name}\` has ${entries.length} entries`;
  throw new BadUserInputError(`${found}; expected at most ${MAX_ENTRIES}`);
}

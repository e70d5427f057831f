import { z } from 'zod';
import { HOST_NAME_PATTERN, MAX_HOST_NAME_LENGTH } from '../fleet/host-config.ts';
import { didYouMean } from './did-you-mean.ts';
import { ENDPOINT_FORMS, quote } from './endpoint-url.ts';
import type { DataPath } from './yaml-document.ts';

/** More hosts than one gateway is built for; a file with more is a slip. */
const MAX_HOSTS = 10_000;

/** What a label's name looks like: it has to be writable in a selector such as `env=prod,zone!=b`. */
const LABEL_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_./-]*$/;
const MAX_LABEL_LENGTH = 256;

/** One entry of `hosts`, its shape checked and nothing else. */
export type HostEntry = z.infer<typeof hostEntry>;

const filePath = text('the path of a file');
const paths = listOf(filePath, 'the path of a file, or a list of paths');

const tlsEntry = z.strictObject(
  { ca: filePath.optional(), cert: filePath.optional(), key: filePath.optional() },
  { error: wrongType('a map with ca, cert and key') },
);

const sshEntry = z.strictObject(
  {
    identityFile: paths.optional(),
    knownHosts: paths.optional(),
    socket: text('the absolute path of the engine’s socket there')
      .regex(/^\//, {
        error: ({ input }) => `expected an absolute path, found ${found(input)}`,
      })
      .optional(),
    jump: listOf(
      text('[USER@]HOST[:PORT]'),
      '[USER@]HOST[:PORT], several with commas between',
    ).optional(),
    passphraseFile: filePath.optional(),
  },
  { error: wrongType('a map with identityFile, knownHosts, socket, jump, passphraseFile') },
);

const nameRule = `letters, digits, "_", "." and "-", first a letter or digit, at most ${MAX_HOST_NAME_LENGTH}`;

const hostEntry = z.strictObject(
  {
    name: text('a name')
      .regex(HOST_NAME_PATTERN, {
        error: ({ input }) => `bad name ${found(input)}; expected ${nameRule}`,
      })
      .max(MAX_HOST_NAME_LENGTH, {
        error: ({ input }) => `name ${found(input)} is too long; expected ${nameRule}`,
      }),
    endpoint: text(ENDPOINT_FORMS),
    labels: blankAs(
      {},
      z.record(
        z.string().regex(LABEL_NAME).max(MAX_LABEL_LENGTH, { error: 'is too long' }),
        z
          .string({ error: wrongType('a text') })
          .max(MAX_LABEL_LENGTH, { error: `is longer than ${MAX_LABEL_LENGTH} characters` }),
        { error: labelsError },
      ),
    ).optional(),
    tls: tlsEntry.optional(),
    ssh: sshEntry.optional(),
  },
  { error: wrongType('a map with name and endpoint') },
);

const fileEntry = z.strictObject(
  { hosts: z.array(z.unknown(), { error: hostsError }) },
  { error: wrongType('a map with the key "hosts"') },
);

/** One mistake of shape. */
export interface ShapeProblem {
  path: DataPath;
  /** Whether it is about the key at the path or its value. */
  part: 'key' | 'value';
  message: string;
}

/** Checks the file's top level. Keys that start with `x-` are for anchors, as in compose files. */
export function checkFileShape(data: unknown): { hosts: unknown[]; problems: ShapeProblem[] } {
  const own = isMap(data)
    ? Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('x-')))
    : data;
  const problems = check(fileEntry, own, []);
  const hosts = isMap(own) && Array.isArray(own.hosts) ? own.hosts : [];
  if (hosts.length > MAX_HOSTS) {
    const message = `holds ${hosts.length} hosts; at most ${MAX_HOSTS} are taken`;
    problems.push({ path: ['hosts'], part: 'key', message });
  }
  return { hosts: hosts.slice(0, MAX_HOSTS), problems };
}

/**
 * Checks one host. The entry that is returned holds what was found sound, so that the rest of it
 * can be checked in the same go.
 */
export function checkHostShape(
  data: unknown,
  path: DataPath,
): { entry: Partial<HostEntry>; problems: ShapeProblem[] } {
  const problems = check(hostEntry, data, path);
  const wrong = new Set(
    problems.filter(({ part }) => part === 'value').map((problem) => problem.path[path.length]),
  );
  const sound = isMap(data)
    ? Object.entries(data).filter(([key]) => Object.hasOwn(hostEntry.shape, key) && !wrong.has(key))
    : [];
  // Parsed key by key: what was wrong in one place must not hide the others.
  const parsed = sound.map(([key, value]): [string, unknown] => {
    const schema = hostEntry.shape[key as keyof typeof hostEntry.shape];
    return [key, withoutUnknown(schema, value)];
  });
  return { entry: Object.fromEntries(parsed), problems };
}

/** A path as people write it: `hosts[3].tls.cert`. */
export function formatPath(path: DataPath): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const word = String(key);
      if (!/^[\w-]+$/.test(word)) return `[${quote(word)}]`;
      return index === 0 ? word : `.${word}`;
    })
    .join('');
}

function check(schema: z.ZodType, data: unknown, base: DataPath): ShapeProblem[] {
  const { error } = schema.safeParse(data, { reportInput: true });
  return (error?.issues ?? []).flatMap((issue): ShapeProblem[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, issue.path);
      return issue.keys.map((key) => unknownKey([...path, key], key, known));
    }
    if (issue.code === 'invalid_key') {
      const message = `bad label ${quote(String(path.at(-1)))}; expected letters, digits, "_", ".", "/" and "-"`;
      return [{ path, part: 'key', message }];
    }
    return [{ path, part: 'value', message: issue.message }];
  });
}

function unknownKey(path: DataPath, key: string, known: string[]): ShapeProblem {
  const meant = didYouMean(key, known);
  const hint = meant === undefined ? '' : `did you mean "${meant}"? `;
  return { path, part: 'key', message: `unknown key; ${hint}known are ${known.join(', ')}` };
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  if (path.at(-1) === 'tls') return Object.keys(tlsEntry.shape);
  if (path.at(-1) === 'ssh') return Object.keys(sshEntry.shape);
  return Object.keys(schema === fileEntry ? fileEntry.shape : hostEntry.shape);
}

/** Parses a value that was found sound but for keys that do not belong there. */
function withoutUnknown(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const extra = new Set(
    result.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])),
  );
  if (!isMap(value)) return undefined;
  return schema.safeParse(
    Object.fromEntries(Object.entries(value).filter(([key]) => !extra.has(key))),
  ).data;
}

function text(expected: string) {
  return z
    .string({ error: wrongType(expected) })
    .min(1, { error: wrongType(expected), abort: true });
}

/** A list, or one item that stands for a list of itself. */
function listOf<T extends z.ZodType>(item: T, expected: string) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(item, { error: wrongType(expected) }).min(1, { error: wrongType(expected) }),
  );
}

/** A key without a value, as is left when all below it is commented out. */
function blankAs<T extends z.ZodType>(value: unknown, schema: T) {
  return z.preprocess((input) => (input === '' ? value : input), schema);
}

function wrongType(expected: string) {
  return ({ code, input }: { code?: string | undefined; input?: unknown }) =>
    // zod asks the same function for the message of unknown keys, which `check` words itself.
    code === 'unrecognized_keys'
      ? undefined
      : input === undefined
        ? `is missing; expected ${expected}`
        : `expected ${expected}; found ${found(input)}`;
}

function labelsError(issue: { code?: string | undefined; input?: unknown }) {
  return issue.code === 'invalid_key' ? undefined : wrongType('a map of texts')(issue);
}

/** A file cut off after its first line must not read as "no hosts any more". */
function hostsError(issue: { code?: string | undefined; input?: unknown }) {
  return issue.input === ''
    ? 'expected a list of hosts; found nothing (write [] for none)'
    : wrongType('a list of hosts')(issue);
}

function found(value: unknown): string {
  if (value === '' || value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  return Array.isArray(value) ? 'a list' : 'a map';
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

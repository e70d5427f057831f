import {
  BadReferenceError,
  BadUserInputError,
  DigestMismatchError,
  EngineError,
  ForbiddenError,
  NotFoundError,
} from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';
import { conflictError } from './conflict.ts';
import { engineError, engineMessage, oneLine } from './engine-errors.ts';
import type { ErrorOf } from './engine-transport.ts';

/** What a verb knows of its request when an engine complains. */
export interface VerbSubject {
  /** The host's configured name. */
  host: string;
  /** The registry that the engine talks to, where there is one. */
  registry?: string | undefined;
  /** Whether credentials for it were given. */
  hasAuth?: boolean;
}

/** Understands a refusal: what a registry or the image store says, else what the status means. */
export function refusalOf(subject: VerbSubject): ErrorOf {
  return (answer) => {
    // 401 and 403 are those of a proxy or plugin before the engine, unless they speak JSON. Where
    // podman has begun a stream of it, it names no type.
    const { status, contentType, body } = answer;
    const speaksJson = /json/i.test(contentType) || (contentType === '' && body.startsWith('{'));
    const isEngines = !/^40[13]$/.test(`${status}`) || speaksJson;
    const understood = isEngines ? understand(engineMessage(answer), answer.status, subject) : null;
    return understood ?? engineError({ ...answer, body: withoutSecrets(answer.body) });
  };
}

/** Understands a complaint in the middle of a stream, where there is no status. */
export function complaintError(subject: VerbSubject): (complaint: string) => DockgraphError {
  return (complaint) => {
    const text = oneLine(complaint);
    const understood = understand(text, 0, subject);
    const { host } = subject;
    // Sent again unchanged, most of these would fail again: a step of a build, a file that is no tar.
    const unknown = () =>
      new EngineError(`${host}: ${withoutSecrets(text)}`, { host, retryable: false });
    return understood ?? unknown();
  };
}

function understand(text: string, status: number, subject: VerbSubject): DockgraphError | null {
  const { host } = subject;
  const message = `${host}: ${withoutSecrets(text)}`;
  if (status === 409 || /^conflict: |by ID with more than one tag/i.test(text))
    return conflictError(text, host, message);
  const complaint: Complaint = {
    text,
    message,
    host,
    registry: subject.registry ?? addressIn(text),
    hasAuth: subject.hasAuth === true,
  };
  return COMPLAINTS.find(([pattern]) => pattern.test(text))?.[1](complaint) ?? null;
}

interface Complaint {
  text: string;
  message: string;
  host: string;
  /** Or what the engine names as the other end; null where neither is known. */
  registry: string | null;
  hasAuth: boolean;
}

/** The first that fits decides: what is particular comes before what is general. */
const COMPLAINTS: [RegExp, (complaint: Complaint) => DockgraphError][] = [
  // It quotes a command, in which anything may stand.
  [
    /returned a non-zero code|executor failed running \[|building at STEP ".*while running runtime: |process ".*" did not complete successfully/i,
    (c) => failure({ ...c, registry: null }, false, 'the output of the step says why'),
  ],
  [
    /exec: "git": executable file not found|unknown scheme git: not found/i,
    (c) => failure({ ...c, registry: null }, false, `install git on ${c.host}`),
  ],
  [
    /no space left on device|disk quota exceeded|not enough space/i,
    (c) => failure(c, false, `free disk space on ${c.host}, for instance by pruning images`),
  ],
  [
    /no basic auth credentials|unauthorized: |incorrect username or password|authentication required|(?:status|status code)\b.*\b401\b|failed to fetch (?:oauth|anonymous) token.*\b40[13]\b/i,
    credentialsRefused,
  ],
  [
    /verification failed for digest|invalid diffID for layer|unexpected commit digest/i,
    (c) => new DigestMismatchError(c.message, { host: c.host, details: detailsOf(c, DAMAGED) }),
  ],
  [
    /toomanyrequests|too many requests|rate limit/i,
    (c) => failure(c, true, `wait; ${registryOf(c)} allows more to those who give credentials`),
  ],
  [
    /no matching manifest for|no match for platform|does not match the specified platform/i,
    (c) => missing(c, 'the image is not there for this platform; choose another one'),
  ],
  [
    /does not match any of the supported image formats/i,
    (c) => failure({ ...c, registry: null }, false, 'the archive is damaged, or holds no image'),
  ],
  [
    /failed to resolve layers/i,
    (c) => failure(c, false, 'the archive is damaged, or lacks a layer: save it again'),
  ],
  [
    /content digest sha256:\S+: not found/i,
    (c) => failure(c, false, `${c.host} does not hold the whole image; pull or load it again`),
  ],
  [
    /manifest unknown|name unknown|pull access denied|failed to resolve (?:reference|source metadata for) .*: not found|failed to create LLB definition: \S+: not found$|repository .* not found/i,
    (c) => missing(c, hintForMissing(c)),
  ],
  [
    /tag does not exist|does not exist locally|no such image|reference does not exist|image not known/i,
    missing,
  ],
  [/no such container/i, missing],
  [
    /push access denied|access to the resource is denied|insufficient_scope|\bdenied: |(?:status|status code)\b.*\b403\b/i,
    credentialsRefused,
  ],
  [
    /server gave HTTP response to HTTPS client|does not look like a TLS handshake/i,
    (c) =>
      failure(c, false, `${registryOf(c)} speaks plain HTTP: add it to ${INSECURE} of ${c.host}`),
  ],
  [
    /x509: |failed to verify certificate/i,
    (c) => failure(c, false, `${c.host} does not trust the certificate of ${registryOf(c)}: ${CA}`),
  ],
  [
    /\bdial (?:tcp|udp)|connection refused|no such host|i\/o timeout|handshake timeout|request canceled|deadline exceeded|connection reset|broken pipe|network is unreachable|no route to host|server misbehaving|(?:status|code)\b.*\b50[0234]\b/i,
    (c) => failure(c, true, `${c.host} does not reach ${registryOf(c)}: check that it is up`),
  ],
  [/unexpected EOF|\bEOF$/i, (c) => (c.registry === null ? failure(c, false) : brokeOff(c))],
  [
    /invalid reference format|invalid repository name|repository name must|invalid tag format/i,
    ({ message, host }) => new BadReferenceError(message, { host }),
  ],
  [
    /not a valid change command|did not understand change instruction|no FROM statement found|stat \S*libpod_builder\S*: no such file|target ".*" was not found in|unknown instruction|dockerfile parse error|cannot locate specified dockerfile|unknown operating system or architecture|the Dockerfile .* cannot be empty|no build stage in current context|failed to reach build target|target stage .* could not be found|failed to read dockerfile: open |file with no instructions|unsupported Content-Type/i,
    ({ message, host }) => new BadUserInputError(message, { host }),
  ],
];

const DAMAGED = 'what arrived is not what its digest names: try again, or mend the source';
const INSECURE = 'the insecure registries';
const CA = 'install its authority there (/etc/docker/certs.d)';

function failure(c: Complaint, retryable: boolean, hint?: string): EngineError {
  return new EngineError(c.message, { host: c.host, retryable, details: detailsOf(c, hint) });
}

/** Go's words for it say neither who nor what. */
function brokeOff(c: Complaint): EngineError {
  const message = `${c.message} (${registryOf(c)} broke off)`;
  return failure({ ...c, message }, true, `check that ${registryOf(c)} is up`);
}

function missing(c: Complaint, hint?: string): NotFoundError {
  return new NotFoundError(c.message, { host: c.host, details: detailsOf(c, hint) });
}

function credentialsRefused(c: Complaint): ForbiddenError {
  const registry = registryOf(c);
  const hint = c.hasAuth
    ? `${registry} refuses the credentials given, or they do not reach this far: check them`
    : `give credentials for ${registry}`;
  return new ForbiddenError(c.message, { host: c.host, details: detailsOf(c, hint) });
}

function hintForMissing(c: Complaint): string {
  const mayBePrivate = /denied/i.test(c.text) && !c.hasAuth;
  const credentials = mayBePrivate ? `, or give credentials for ${registryOf(c)}` : '';
  return `check the name and the tag${credentials}`;
}

function detailsOf({ registry }: Complaint, hint: string | undefined): Record<string, unknown> {
  return { ...(registry !== null && { registry }), ...(hint !== undefined && { hint }) };
}

function registryOf({ registry }: Complaint): string {
  return registry ?? 'the registry';
}

/**
 * The other end as Go's HTTP client names it (`Get "https://registry-1.docker.io/v2/": …`), or
 * BuildKit (`pulling from host …`).
 */
function addressIn(text: string): string | null {
  const address = /https?:\/\/(?:[^/@\s"]*@)?([^/\s"]+)|pulling from host (\S+) /i.exec(text);
  return address?.[1] ?? address?.[2] ?? null;
}

/** Engines repeat URLs, and people put passwords and tokens into them. */
function withoutSecrets(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s"']+@/g, '$1***@');
}

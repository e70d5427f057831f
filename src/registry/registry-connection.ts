import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { getCACertificates } from 'node:tls';
import { CallSlots } from '../common/call-slots.ts';
import type { AllowedRegistries, Scheme } from './allowed-registries.ts';
import { boundedRequest } from './bounded-request.ts';
import type { BoundedAnswer, BoundedRequest } from './bounded-request.ts';
import { parseChallenge } from './challenge.ts';
import type { RegistryCredential } from './credentials.ts';
import { isPlainSpoken, refusal, unreachable } from './registry-errors.ts';
import { authorize } from './registry-login.ts';

const DEFAULT_DEADLINE_MS = 15_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_SOCKETS = 8;
const IDLE_SOCKET_MS = 5_000;
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_API = 'registry-1.docker.io';

/** Whom to ask, how, and as whom. */
export interface ConnectionOptions {
  /** As it stands in references: `registry:5000`. */
  registry: string;
  allowed: AllowedRegistries;
  /** Asked when the registry wants to know who asks. */
  credential: () => Promise<RegistryCredential | undefined>;
  /** Authorities of the registry's own, as PEM. */
  authorities: readonly string[];
  /** The folder that they came from, for errors. */
  certificates: string;
  /** Milliseconds for each request. */
  deadlineMs?: number | undefined;
}

/** One question to a registry. */
export interface RegistryQuestion {
  method: 'GET' | 'HEAD';
  /** With its query. */
  path: string;
  /** What the question is about: a token is good for all questions about the same. */
  about: string;
  accept?: string;
  signal: AbortSignal | undefined;
}

/**
 * HTTP with one registry, for as long as one request of the graph lasts. Requests go to the registry
 * that is named and nowhere else, but for tokens: redirects are not followed.
 */
export class RegistryConnection {
  readonly #options: ConnectionOptions;
  readonly #host: string;
  readonly #agents: BoundedRequest['agents'];
  readonly #slots = new CallSlots(MAX_SOCKETS);
  readonly #tokens = new Map<string, string>();
  #schemes: readonly Scheme[];
  #hasCredential = false;

  constructor(options: ConnectionOptions) {
    const { registry, allowed, authorities } = options;
    this.#options = options;
    this.#schemes = allowed.schemesOf(registry);
    this.#host = registry === DOCKER_HUB ? DOCKER_HUB_API : registry;
    const bounds = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS };
    const ca = authorities.length > 0 && [...getCACertificates('default'), ...authorities];
    this.#agents = {
      http: new PlainAgent(bounds),
      https: new TlsAgent({ ...bounds, ...(ca && { ca }) }),
    };
  }

  get registry(): string {
    return this.#options.registry;
  }

  /** The answer, whatever its status: where it is 401 what there is to offer was refused. */
  async ask(question: RegistryQuestion): Promise<BoundedAnswer> {
    const known = this.#tokens.get(question.about);
    const { answer, asked } = await this.#send(question, known);
    if (answer.status !== 401) return answer;
    const challenge = parseChallenge(answer.headers['www-authenticate'] ?? null);
    if (challenge === null) return answer;
    const { registry, allowed } = this.#options;
    const credential = await this.#options.credential();
    this.#hasCredential = credential !== undefined;
    const authorization = await authorize(challenge, {
      registry,
      asked,
      allowed,
      credential,
      send: (request) => this.#bounded(request, question.signal),
    });
    if (authorization === null || authorization === known) return answer;
    if (typeof authorization !== 'string') return authorization;
    this.#tokens.set(question.about, authorization);
    return (await this.#send(question, authorization)).answer;
  }

  /** What an answer means that nobody here understands better. */
  refusal({ status }: BoundedAnswer): Error {
    return refusal(this.registry, status, this.#hasCredential);
  }

  async #send(
    { method, path, accept, signal }: RegistryQuestion,
    authorization: string | undefined,
  ): Promise<{ answer: BoundedAnswer; asked: URL }> {
    const headers = {
      ...(accept !== undefined && { Accept: accept }),
      ...(authorization !== undefined && { Authorization: authorization }),
    };
    const [first, second] = this.#schemes;
    const request = async (scheme: Scheme) => {
      const asked = new URL(`${scheme}://${this.#host}${path}`);
      return { asked, answer: await this.#bounded({ url: asked, method, headers }, signal) };
    };
    try {
      return await request(first!);
    } catch (error) {
      if (second === undefined || !isPlainSpoken((error as Error).cause)) throw error;
      // Nothing secret was sent until here: there was no challenge yet.
      const result = await request(second);
      this.#schemes = [second];
      return result;
    }
  }

  async #bounded(
    request: Pick<BoundedRequest, 'url' | 'method' | 'headers' | 'body'>,
    signal: AbortSignal | undefined,
  ): Promise<BoundedAnswer> {
    const { registry, certificates, deadlineMs = DEFAULT_DEADLINE_MS } = this.#options;
    const work = () =>
      boundedRequest({
        ...request,
        registry,
        agents: this.#agents,
        deadlineMs,
        maxBytes: MAX_BYTES,
        signal,
      });
    try {
      return await this.#slots.run(signal ?? NEVER, work);
    } catch (error) {
      throw unreachable(registry, error, certificates);
    }
  }
}

const NEVER = new AbortController().signal;

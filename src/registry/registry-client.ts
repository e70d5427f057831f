import {
  BadReferenceError,
  EngineError,
  EngineUnsupportedError,
  NotFoundError,
} from '../common/errors.ts';
import type { DockgraphError } from '../common/errors.ts';
import type { BoundedAnswer } from './bounded-request.ts';
import { lastOf, newNames, nextQuery, queryAfter, sizedQuery } from './name-pages.ts';
import type { RegistryConnection } from './registry-connection.ts';
import { parseReference } from './reference.ts';

/** Names in one answer, at most. Distribution refuses more than 1000. */
const MAX_SIZE = 1000;
/** Answers for one list: a filter that nothing fits does not walk a registry for ever. */
const MAX_ANSWERS = 10;
/** All that registries have manifests in; without them they make old ones with other digests. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const DIGEST = /^[a-z0-9+._-]+:[0-9a-f]{32,}$/i;

/** Which part of a list. */
export interface NameListOptions {
  /** At most so many names. */
  limit: number;
  /** `next` of an earlier part, or `queryAfter` a name. */
  after?: string | undefined;
  /** Which names count; all by default. */
  accept?: ((name: string) => boolean) | undefined;
  signal?: AbortSignal | undefined;
}

/** A part of a list, in the registry's order. */
export interface NameList {
  names: string[];
  /** What `after` has to be to go on; null at the end. */
  next: string | null;
  /** How many names count in the whole list; null where the registry did not tell. */
  totalCount: number | null;
}

/** What a registry says of itself by the distribution API. */
export class RegistryClient {
  readonly #connection: RegistryConnection;

  constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /** As it stands in references: `registry:5000`. */
  get registry(): string {
    return this.#connection.registry;
  }

  /**
   * A repository's path, spelt out as docker does: `nginx` of Docker Hub is `library/nginx`.
   * @throws BadReferenceError
   */
  repositoryPath(name: string): string {
    const parsed = parseReference(`${this.registry}/${name}`);
    const isPlain = parsed.tag === null && parsed.digest === null;
    if (isPlain && parsed.registry === this.registry) return parsed.repository;
    const what = `"${name.slice(0, 100)}" is not a repository of ${this.registry}`;
    throw new BadReferenceError(`${what}; expected a path such as team/app, without tag`);
  }

  /** The registry's repositories. Many do not tell: ENGINE_UNSUPPORTED. */
  repositories(options: NameListOptions): Promise<NameList> {
    return this.#list('/v2/_catalog', 'repositories', 'catalog', options, (status) =>
      status === 404 || status === 405
        ? new EngineUnsupportedError(`the registry ${this.registry} lists no repositories`, {
            details: { registry: this.registry },
          })
        : null,
    );
  }

  /** The tags of a repository, by its path. */
  tags(repository: string, options: NameListOptions): Promise<NameList> {
    const path = this.repositoryPath(repository);
    return this.#list(`/v2/${path}/tags/list`, 'tags', path, options, (status) =>
      status === 404
        ? new NotFoundError(`${this.registry} has no repository ${path}`, {
            details: { registry: this.registry },
          })
        : null,
    );
  }

  /** The digest that a tag has there now; null where the tag is gone or the registry does not say. */
  async digest(repository: string, tag: string, signal?: AbortSignal): Promise<string | null> {
    const path = this.repositoryPath(repository);
    const reference = parseReference(`${this.registry}/${path}:${tag}`).tag!;
    const answer = await this.#connection.ask({
      method: 'HEAD',
      path: `/v2/${path}/manifests/${reference}`,
      about: path,
      accept: MANIFESTS,
      signal,
    });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw this.#connection.refusal(answer);
    const digest = answer.headers['docker-content-digest'];
    return typeof digest === 'string' && DIGEST.test(digest) ? digest : null;
  }

  async #list(
    path: string,
    key: 'repositories' | 'tags',
    about: string,
    { limit, after, accept, signal }: NameListOptions,
    errorOf: (status: number) => DockgraphError | null,
  ): Promise<NameList> {
    const list: NameList = { names: [], next: null, totalCount: null };
    let query = after ?? '';
    let accepted = 0;
    for (let answers = 1; ; answers++) {
      const room = Math.max(1, Math.min(MAX_SIZE, limit - list.names.length));
      // How many have to be looked at for those that fit, nobody knows.
      const size = accept ? MAX_SIZE : room;
      const asked = `${path}?${sizedQuery(query, size)}`;
      const answer = await this.#connection.ask({ method: 'GET', path: asked, about, signal });
      if (answer.status !== 200) throw errorOf(answer.status) ?? this.#connection.refusal(answer);
      const all = this.#namesIn(answer, key);
      const { names, isWhole } = newNames(all, lastOf(query), size);
      const fitting = accept ? names.filter(accept) : names;
      const taken = fitting.slice(0, limit - list.names.length);
      list.names.push(...taken);
      accepted += fitting.length;
      const next = nextQuery(answer.headers.link);
      const goesOn = next !== null && next !== query;
      if (!goesOn && after === undefined) list.totalCount = accepted;
      else if (!goesOn && isWhole) list.totalCount = (accept ? all.filter(accept) : all).length;
      const lastName = list.names.at(-1);
      if (taken.length < fitting.length) {
        list.next = lastName === undefined ? query : queryAfter(lastName);
        return list;
      }
      if (!goesOn) return list;
      if (list.names.length >= limit || answers === MAX_ANSWERS) return { ...list, next };
      query = next;
    }
  }

  #namesIn({ body }: BoundedAnswer, key: string): string[] {
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      // Told below.
    }
    const names =
      typeof json === 'object' && json !== null
        ? (json as Record<string, unknown>)[key]
        : undefined;
    // A repository without tags says null.
    if (names === null) return [];
    if (Array.isArray(names)) return names.filter((name) => typeof name === 'string');
    throw new EngineError(`${this.registry} did not answer as a registry does`, {
      retryable: false,
      details: { registry: this.registry },
    });
  }
}

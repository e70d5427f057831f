import assert from 'node:assert/strict';
import { execute, parse, specifiedRules, subscribe, validate } from 'graphql';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/common/clock.ts';
import { CredentialSource } from '../../src/registry/credentials.ts';
import { Registries } from '../../src/registry/registries.ts';
import type { RegistriesOptions } from '../../src/registry/registries.ts';
import type { OperationStore } from '../../src/operations/operation-store.ts';
import { Operations } from '../../src/operations/operations.ts';
import { openSqliteStore } from '../../src/operations/sqlite-store.ts';
import { Transfers, transferVerb } from '../../src/transfer/transfer-image.ts';
import { allVerbs } from '../../src/verbs/all-verbs.ts';
import type { VerbEnvironment } from '../../src/verbs/verb-environment.ts';
import { openFolderStore } from '../../src/uploads/folder-store.ts';
import type { UploadStore } from '../../src/uploads/upload-store.ts';
import { Fleet } from '../../src/fleet/fleet.ts';
import type { HostRecord } from '../../src/fleet/fleet.ts';
import type { HostConfig } from '../../src/fleet/host-config.ts';
import type { MonitorTimings } from '../../src/fleet/host-monitor.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { EngineOptions } from '../../src/engine/engine.ts';
import type { RegistryAuth } from '../../src/engine/image-verbs.ts';
import { createGraphqlApi } from '../../src/graphql/create-api.ts';
import type { GraphqlLimits } from '../../src/graphql/create-api.ts';
import type { GraphqlApi } from '../../src/graphql/api.ts';
import type { FakeEngine } from './fake-engine.ts';

/** Quick intervals, so that tests see back-off, resync and ping without waiting for minutes. */
export const QUICK: Partial<MonitorTimings> = {
  debounceMs: 5,
  debounceMaxMs: 50,
  backoff: { baseMs: 20, maxMs: 100 },
  pingMs: 200,
};

/** What a graph is started with. */
export interface GraphOptions {
  /** The gateway's own credentials; it has none by default. */
  gatewayAuth?: (registry: string) => Promise<RegistryAuth | undefined>;
  timings?: Partial<MonitorTimings>;
  /** The time as hosts are kept live by it; the real one by default. */
  clock?: Clock;
  limits?: Partial<GraphqlLimits>;
  engine?: Partial<EngineOptions>;
  /** Beginnings of the URLs that engines may be told to fetch. */
  importUrls?: string[];
  /** Files with the gateway's own credentials, in the shape of docker's config.json; none by default. */
  credentialFiles?: string[];
  /** Registries that the gateway may ask itself; none by default. */
  registries?: Partial<Omit<RegistriesOptions, 'credentials'>>;
}

/** An answer whose errors are as a client sees them. */
export interface Answer<T = any> {
  data: T;
  errors: GraphQLFormattedError[];
}

/** A live fleet with the GraphQL face over it, without any server: closes with `await using`. */
export class Graph implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly operations: Operations;
  readonly uploads: UploadStore;
  readonly api: GraphqlApi;
  readonly #folder: string;
  readonly #store: OperationStore;
  readonly #gone = new AbortController();

  private constructor(
    folder: string,
    store: OperationStore,
    uploads: UploadStore,
    options: GraphOptions,
  ) {
    this.#folder = folder;
    this.#store = store;
    this.uploads = uploads;
    this.fleet = new Fleet({
      openEngine: (endpoint, host) => openEngine(endpoint, { host, ...options.engine }),
      timings: { ...QUICK, ...options.timings },
      ...(options.clock && { clock: options.clock }),
    });
    const credentials = new CredentialSource(options.credentialFiles ?? []);
    const authFor: VerbEnvironment['authFor'] = async (registry, requested) =>
      requested?.[registry] ?? options.gatewayAuth?.(registry) ?? credentials.find(registry);
    const transfers = new Transfers(this.fleet);
    this.operations = new Operations({
      store,
      verbs: [
        ...allVerbs({
          fleet: this.fleet,
          authFor,
          importUrls: options.importUrls ?? [],
          uploads: this.uploads,
        }),
        transferVerb(transfers),
      ],
      onMasked: (error) => {
        throw error;
      },
    });
    const registries = new Registries({
      allowed: [],
      certificates: '/nonexistent',
      ...options.registries,
      credentials,
    });
    const { fleet, operations } = this;
    this.api = createGraphqlApi(
      { fleet, operations, transfers, uploads, registries, credentials },
      options.limits ?? {},
    );
  }

  /** A graph over fake engines, each under its name; resolves when every host was tried. */
  static async over(engines: Record<string, FakeEngine>, options?: GraphOptions): Promise<Graph> {
    return Graph.start(
      Object.entries(engines).map(([name, { endpoint }]) => ({ name, endpoint, labels: {} })),
      options,
    );
  }

  /** A graph over configured hosts; resolves when every host was tried. */
  static async start(hosts: HostConfig[], options?: GraphOptions): Promise<Graph> {
    const folder = mkdtempSync(join(tmpdir(), 'dockgraph-graph-'));
    const uploads = await openFolderStore({
      folder: join(folder, 'uploads'),
      maxBytes: 2 ** 30,
      maxTotalBytes: 2 ** 31,
      neededBy: async () => new Map(),
      onError: (error) => {
        throw error;
      },
    });
    const graph = new Graph(folder, await openSqliteStore(folder), uploads, options ?? {});
    graph.fleet.configure(hosts);
    await graph.operations.start();
    await graph.fleet.settled(AbortSignal.timeout(30_000));
    return graph;
  }

  /** Runs a query with all limits, as a transport does. */
  async query<T = any>(text: string, variables: Record<string, unknown> = {}): Promise<Answer<T>> {
    const document = parse(text, { maxTokens: this.api.maxTokens });
    const { schema } = this.api;
    const rules = [...specifiedRules, ...this.api.validationRules];
    const refused = [...validate(schema, document, rules)];
    const tooCostly = refused.length === 0 && this.api.checkCost(document, null, variables);
    if (tooCostly) refused.push(tooCostly);
    const result: ExecutionResult =
      refused.length > 0
        ? { errors: refused }
        : await execute({
            schema,
            document,
            variableValues: variables,
            contextValue: this.#context(),
          });
    const answer = {
      data: result.data,
      errors: (result.errors ?? []).map((error) =>
        this.api.formatError(
          { ...error.toJSON(), extensions: { code: 'INTERNAL_SERVER_ERROR', ...error.extensions } },
          error,
        ),
      ),
    };
    // As it arrives at a client: plain objects.
    return JSON.parse(JSON.stringify(answer)) as Answer<T>;
  }

  /** Runs a query that must not fail and returns its data. */
  async ask<T = any>(text: string, variables?: Record<string, unknown>): Promise<T> {
    const { data, errors } = await this.query<T>(text, variables);
    assert.deepEqual(errors, []);
    return data;
  }

  /** The one error of a query that must fail with one. */
  async refusal(text: string, variables?: Record<string, unknown>): Promise<GraphQLFormattedError> {
    const { errors } = await this.query(text, variables);
    assert.equal(errors.length, 1, `expected one error, got ${JSON.stringify(errors)}`);
    return errors[0]!;
  }

  /** Starts a subscription. */
  async events(text: string): Promise<AsyncGenerator<ExecutionResult, void, void>> {
    const { schema } = this.api;
    const source = await subscribe({
      schema,
      document: parse(text),
      contextValue: this.#context(),
    });
    assert.ok(Symbol.asyncIterator in source, JSON.stringify(source));
    return source;
  }

  /** Resolves when the host is as `test` wants it; rejects after ten seconds. */
  async until(name: string, test: (host: HostRecord) => boolean): Promise<HostRecord> {
    const signal = AbortSignal.timeout(10_000);
    const changes = this.fleet.hostChanges.subscribe({ signal });
    for (;;) {
      const host = this.fleet.host(name);
      if (test(host)) {
        await changes.return();
        return host;
      }
      if ((await changes.next()).done) {
        assert.fail(`host ${name} did not get there: ${JSON.stringify(host.status)}`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort();
    await this.operations.drain(0);
    await this.uploads.close();
    await this.#store.close();
    await this.fleet.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #context() {
    const { signal } = this.#gone;
    const viewer = { name: 'anonymous', authenticated: false };
    return this.api.contextFor({ viewer, signal, requestId: 'test' });
  }
}

import assert from 'node:assert/strict';
import { Kind, OperationTypeNode, parse, specifiedRules, validate } from 'graphql';
import { digestOf } from '../../src/common/digest.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';
import type { FakeImage } from '../support/fake-image.ts';
import { Graph } from '../support/graph.ts';

/** The names that examples and documents use, on hosts as the demo has them. */
const APP_1 = fakeImage('app:1');
const APP_2 = fakeImage('app:2');
const NGINX = fakeImage('nginx:1.25', { repoDigests: [`nginx@${digestOf('nginx')}`] });
const WEB_OLD = fakeImage('shop/web:1.4', { layers: ['base/0', 'web/old'] });
const WEB_NEW = fakeImage('shop/web:1.4', { layers: ['base/0', 'web/new'] });
const UNTAGGED = fakeImage('untagged', { tags: [] });

const HOSTS: Record<string, { images: FakeImage[]; labels: Record<string, string> }> = {
  alpha: { images: [APP_1, APP_2, NGINX, WEB_OLD, UNTAGGED], labels: { env: 'prod', zone: 'a' } },
  bravo: { images: [APP_2, WEB_NEW], labels: { env: 'prod', zone: 'b' } },
  charlie: { images: [APP_2, NGINX], labels: { env: 'staging', zone: 'a' } },
};

/** A graph over fake engines in which every documented query has something to answer. */
export class ExampleFleet implements AsyncDisposable {
  readonly #graph: Graph;
  readonly #engines: Map<string, FakeEngine>;

  private constructor(graph: Graph, engines: Map<string, FakeEngine>) {
    this.#graph = graph;
    this.#engines = engines;
  }

  static async start(): Promise<ExampleFleet> {
    const engines = new Map<string, FakeEngine>();
    for (const [name, { images }] of Object.entries(HOSTS)) {
      const engine = await FakeEngine.start({ images });
      for (const tag of images.flatMap(({ tags }) => tags)) {
        for (const prefix of ['', 'docker.io/', 'docker.io/library/']) {
          engine.remoteDigests.set(prefix + tag, digestOf('nginx'));
        }
      }
      engines.set(name, engine);
    }
    engines.get('alpha')!.addContainer(containerOf(NGINX));
    const hosts = [...engines].map(([name, { endpoint }]) => ({
      name,
      endpoint,
      labels: HOSTS[name]!.labels,
    }));
    return new ExampleFleet(await Graph.start(hosts), engines);
  }

  /** Runs an operation with all limits; fails on any error, and where it answers nothing at all. */
  async run(text: string, variables?: Record<string, unknown>): Promise<void> {
    const [operation] = parse(text).definitions;
    assert.ok(operation?.kind === Kind.OPERATION_DEFINITION);
    const data =
      operation.operation === OperationTypeNode.SUBSCRIPTION
        ? await this.#firstEvent(text)
        : await this.#graph.ask<object>(text, variables);
    assert.ok(!isEmpty(data), `nothing was answered: ${JSON.stringify(data)}`);
  }

  async #firstEvent(text: string): Promise<unknown> {
    const { schema, validationRules } = this.#graph.api;
    assert.deepEqual(validate(schema, parse(text), [...specifiedRules, ...validationRules]), []);
    const events = await this.#graph.events(text);
    const first = events.next();
    await this.#stir();
    const { value } = await first;
    await events.return();
    assert.deepEqual(value?.errors ?? [], []);
    return value?.data;
  }

  /** Raises every kind of image event on alpha, and leaves it as it was. */
  async #stir(): Promise<void> {
    const alpha = this.#engines.get('alpha')!;
    const image = fakeImage('stir:1');
    const { inventory } = this.#graph.fleet;
    const seen = (holds: () => boolean) => this.#graph.until('alpha', holds);
    const containers = () => inventory.slot('alpha')!.images.get(image.id)!.containerCount;
    const reference = 'docker.io/library/stir:1';
    alpha.addImage(image);
    await seen(() => inventory.tags.has(reference));
    alpha.addContainer(containerOf(image));
    await seen(() => containers() === 1);
    alpha.removeContainer(containerOf(image).id);
    await seen(() => containers() === 0);
    alpha.retag(image.id, []);
    await seen(() => !inventory.tags.has(reference));
    alpha.removeImage(image.id);
    await seen(() => !inventory.slot('alpha')!.images.has(image.id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#graph[Symbol.asyncDispose]();
    for (const engine of this.#engines.values()) await engine.stop();
  }
}

function containerOf({ id, tags }: FakeImage) {
  const name = tags[0] ?? 'untagged';
  return {
    id: digestOf(name).slice('sha256:'.length),
    name: name.replace(/\W/g, '-'),
    imageId: id,
    image: name,
    state: 'running',
  };
}

/** Whether an answer has no value but null and empty lists anywhere. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

import { FakeEngine } from '../support/fake-engine.ts';
import type { FakeCall, FakeEngineOptions } from '../support/fake-engine.ts';
import { Graph } from '../support/graph.ts';
import type { GraphOptions } from '../support/graph.ts';
import { until } from '../support/settle.ts';
import { FleetWatch } from './fleet-watch.ts';
import { transferCalls } from './transfer-fleet.ts';

/** Simulated engines with a graph over them: transfers without any docker. */
export class SimulatedFleet<Name extends string> extends FleetWatch implements AsyncDisposable {
  readonly engines: Readonly<Record<Name, FakeEngine>>;

  private constructor(engines: Record<Name, FakeEngine>, graph: Graph) {
    super(graph);
    this.engines = engines;
  }

  static async start<Name extends string>(
    options: Record<Name, FakeEngineOptions>,
    graph?: GraphOptions,
  ): Promise<SimulatedFleet<Name>> {
    const started = await Promise.all(
      Object.entries<FakeEngineOptions>(options).map(
        async ([name, one]) => [name, await FakeEngine.start(one)] as const,
      ),
    );
    const engines = Object.fromEntries(started) as Record<Name, FakeEngine>;
    return new SimulatedFleet(engines, await Graph.over(engines, graph));
  }

  /** Runs a transfer to its end; the operation. */
  async transfer(input: object): Promise<any> {
    return transferCalls(this.graph).transfer(input);
  }

  async plan(input: object): Promise<any> {
    return transferCalls(this.graph).plan(input);
  }

  /** Resolves when so many requests of a call are under way at an engine. */
  async underway(name: Name, call: FakeCall, count: number): Promise<void> {
    const { underway } = this.engines[name];
    await until(() => (underway.get(call) ?? 0) === count, `${count} of ${call} at ${name}`);
  }

  /** Resolves when so many bytes of archives have come to an engine. */
  async received(name: Name, bytes: number): Promise<void> {
    await until(() => this.engines[name].loadedBytes >= bytes, `${bytes} bytes at ${name}`);
  }

  /** Resolves when no save and no load is under way at any engine. */
  async quiet(): Promise<void> {
    const engines = Object.values<FakeEngine>(this.engines);
    await until(
      () => engines.every(({ underway }) => !underway.get('save') && !underway.get('load')),
      'the end of all saves and loads',
    );
  }

  /** Tags on an engine, and IDs of images without any; sorted. */
  held(name: Name): string[] {
    return Array.from(this.engines[name].images.values())
      .flatMap(({ id, tags }) => (tags.length === 0 ? [id] : tags))
      .toSorted();
  }

  /** Stops an engine with all that hangs there, and brings it back. */
  async restart(name: Name): Promise<void> {
    await this.engines[name].stop();
    await this.graph.until(name, ({ status }) => status.state === 'UNREACHABLE');
    await this.engines[name].listen();
    await this.graph.until(name, ({ status }) => status.state === 'ONLINE');
  }

  /** Removes all images of an engine; resolves when the inventory shows it. */
  async forget(name: Name): Promise<void> {
    for (const id of this.engines[name].images.keys()) this.engines[name].removeImage(id);
    await this.graph.until(name, ({ slot }) => slot.images.size === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.graph[Symbol.asyncDispose]();
    await Promise.all(Object.values<FakeEngine>(this.engines).map((engine) => engine.stop()));
  }
}

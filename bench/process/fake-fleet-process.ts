import type { FleetRequest } from '../servers/fake-fleet.ts';
import { Child } from './child.ts';
import type { HostEntry } from './gateway-process.ts';

const FILE = new URL('../servers/fake-fleet.ts', import.meta.url);

/** A child with a simulated fleet. */
export class FakeFleetProcess implements AsyncDisposable {
  readonly child: Child;
  readonly hosts: readonly HostEntry[];
  readonly #dead: number;

  private constructor(child: Child, ports: readonly number[], dead: number) {
    this.child = child;
    this.#dead = dead;
    this.hosts = ports.map((port, at) => ({
      name: `host-${String(at).padStart(4, '0')}`,
      endpoint: `tcp://127.0.0.1:${port}`,
      labels: { env: at % 3 === 0 ? 'prod' : 'staging', rack: `r${at % 20}` },
    }));
  }

  static async start(request: FleetRequest): Promise<FakeFleetProcess> {
    const child = new Child(FILE);
    try {
      return new FakeFleetProcess(child, await child.ask('start', request), request.dead);
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The hosts that answer. */
  get living(): readonly HostEntry[] {
    return this.hosts.slice(0, this.hosts.length - this.#dead);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]();
  }
}

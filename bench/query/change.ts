import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_TIMINGS } from '../../src/fleet/host-monitor.ts';
import { HOST_NAMES, lab } from '../../test/lab/index.ts';
import { EngineApi } from '../clients/engine-api.ts';
import { directTargets, hostEntry } from '../clients/lab-fleet.ts';
import { SubscriptionClient } from '../clients/subscription-client.ts';
import { quantile } from '../measure/statistics.ts';
import type { Part, PartContext, Section } from '../part.ts';
import { FakeFleetProcess } from '../process/fake-fleet-process.ts';
import { GatewayProcess } from '../process/gateway-process.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { count, ms } from '../report/units.ts';

const TARGET_MS = 100;
const TIMEOUT_MS = 10_000;
const ONLINE_TIMEOUT_MS = 120_000;
const { debounceMs } = DEFAULT_TIMINGS;

const EVENTS = 'subscription { imageEvents { kind host { name } tag { familiarName } } }';

interface ImageEvent {
  imageEvents: { kind: string; host: { name: string }; tag: { familiarName: string } | null };
}

/** A host whose tags the bench can change. */
interface Changeable {
  name: string;
  tag: (name: string) => Promise<void>;
  untag: (name: string) => Promise<void>;
}

/** Milliseconds until each change was seen. */
interface Lags {
  where: string;
  times: readonly number[];
}

/** How soon the graph shows what changed on a host. */
export const change: Part = {
  name: 'change',
  title: 'a change on a host until it is visible in GraphQL',
  async run(context) {
    const lags = [...(await onLab(context)), ...(await onFakes(context))];
    return section(lags);
  },
};

async function onLab(context: PartContext): Promise<Lags[]> {
  const { quick, signal } = context;
  await using resources = new AsyncDisposableStack();
  const engines = await lab();
  const folder = resources.use(new TemporaryFolder());
  const entries = directTargets(engines).map(hostEntry);
  const gateway = resources.use(await GatewayProcess.start(entries, folder.path, signal));
  await gateway.untilOnline(entries.length, ONLINE_TIMEOUT_MS, signal);
  const image = 'team/base:1';
  const results: Lags[] = [];
  for (const name of HOST_NAMES) {
    const api = resources.use(new EngineApi(engines.hosts[name].socketPath));
    const host: Changeable = {
      name,
      tag: (tag) => api.tag(image, tag.split(':')[0]!, tag.split(':')[1]!),
      untag: (tag) => api.untag(tag),
    };
    const { engineVersion, store, endpoint } = engines.hosts[name];
    const where = `${name}: ${engineVersion}, ${store}, ${new URL(endpoint).protocol.slice(0, -1)}`;
    const times = await changes([host], gateway, quick ? 4 : 60, context);
    results.push({ where, times });
  }
  return results;
}

async function onFakes(context: PartContext): Promise<Lags[]> {
  const results: Lags[] = [];
  for (const hosts of context.quick ? [10] : [10, 100, 1000]) {
    await using fleet = await FakeFleetProcess.start({ hosts, dead: hosts / 10 });
    using folder = new TemporaryFolder();
    await using gateway = await GatewayProcess.start(fleet.hosts, folder.path, context.signal);
    await gateway.untilOnline(fleet.living.length, ONLINE_TIMEOUT_MS, context.signal);
    const changeable = fleet.living.map(({ name }, host): Changeable => {
      return {
        name,
        tag: (tag) => fleet.child.ask('tag', { host, tag }),
        untag: (tag) => fleet.child.ask('untag', { host, tag }),
      };
    });
    const times = await changes(changeable, gateway, context.quick ? 4 : 200, context);
    results.push({ where: `${count(hosts)} simulated hosts`, times });
  }
  return results;
}

/** Tags and untags, one host after the other, and waits for each to be told and to be shown. */
async function changes(
  hosts: readonly Changeable[],
  gateway: GatewayProcess,
  times: number,
  { signal, say }: PartContext,
): Promise<number[]> {
  await using events = await SubscriptionClient.start<ImageEvent>(gateway.url, EVENTS);
  // The subscription has no answer of its own to wait for.
  await delay(200, undefined, { signal });
  const taken: number[] = [];
  for (let turn = 0; turn < times; turn += 2) {
    const host = hosts[(turn / 2) % hosts.length]!;
    const tag = `dockgraph-bench/change:${process.pid}-${turn}`;
    const told = (kind: string) =>
      events.next(
        ({ imageEvents: event }) =>
          event.kind === kind && event.host.name === host.name && event.tag?.familiarName === tag,
        TIMEOUT_MS,
      );
    try {
      taken.push(await timed(told('TAGGED'), () => host.tag(tag)));
      await assertShown(gateway, tag, host.name, true);
      await pause(taken.at(-1)!, signal);
    } finally {
      // Also on Ctrl-C: the lab is left as it was.
      taken.push(await timed(told('UNTAGGED'), () => host.untag(tag)));
    }
    await assertShown(gateway, tag, host.name, false);
    await pause(taken.at(-1)!, signal);
  }
  say(`${hosts.length === 1 ? hosts[0]!.name : 'simulated'}: p95 ${ms(quantile(taken, 0.95))}`);
  return taken;
}

async function timed(seen: Promise<number>, act: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const [at] = await Promise.all([seen, act()]);
  return at - startedAt;
}

/** Long enough for the gateway to be at rest with that host, and never in step with anything. */
async function pause(lagMs: number, signal: AbortSignal): Promise<void> {
  await delay(lagMs + 100 * Math.random(), undefined, { signal });
}

interface TagAnswer {
  tags: { nodes: { targets: { host: { name: string } }[] }[] };
}

/** Whoever is told of a change and asks, gets it. */
async function assertShown(
  gateway: GatewayProcess,
  ref: string,
  host: string,
  expected: boolean,
): Promise<void> {
  const query =
    'query ($ref: String!) { tags(filter: { reference: [$ref] }) { nodes { targets { host { name } } } } }';
  const { tags } = await gateway.client.ask<TagAnswer>(query, { ref });
  const shown = tags.nodes.some(({ targets }) => targets.some((at) => at.host.name === host));
  if (shown !== expected) throw new Error(`${ref} on ${host}: told, but not shown`);
}

function section(lags: readonly Lags[]): Section {
  const above = (times: readonly number[], share: number) => quantile(times, share) - debounceMs;
  return {
    verdicts: lags.map(({ where, times }) => ({
      target: `change visible, ${where}: p95 under ${TARGET_MS} ms above the debounce`,
      measured: ms(above(times, 0.95)),
      met: above(times, 0.95) < TARGET_MS,
    })),
    tables: [
      {
        title: `Milliseconds above the debounce of ${debounceMs} ms`,
        columns: ['where', 'changes', 'p50', 'p95', 'longest'],
        rows: lags.map(({ where, times }) => [
          where,
          count(times.length),
          ms(above(times, 0.5)),
          ms(above(times, 0.95)),
          ms(above(times, 1)),
        ]),
      },
    ],
    notes: [
      'From sending the engine the tag or untag request (over its unix socket, as the docker CLI does) to its `imageEvents` arriving at a subscriber over WebSocket; a query right after each must show it, or the bench fails. The engine’s own time for the change is included.',
      'The gateway reaches the hosts as the lab has them: unix socket, TLS, SSH, TCP.',
      'A host that takes longer to list than the debounce is left alone for as long before it is listed again; that wait counts here as time above the debounce.',
      'Simulated: 200 images a host, a tenth of the hosts dead; a change on one host after another.',
    ],
  };
}

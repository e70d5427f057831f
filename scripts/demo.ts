/*
 * `npm run demo`: real engines with real images, a gateway over them, a few telling queries, a pull
 * on three hosts, a copy to two, and GraphiQL to go on with. `npm run demo -- --once` ends then and takes all down.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEnvironment } from '../src/config/environment.ts';
import { readSettings } from '../src/config/settings.ts';
import { startGateway } from '../src/gateway.ts';
import type { Gateway } from '../src/gateway.ts';
import { createLogger } from '../src/http/logger.ts';
import { freePort, lab, labPaths } from '../test/lab/index.ts';
import { requireDebian } from '../test/lab/packages.ts';
import { seed } from '../test/lab/seed/seed.ts';
import { down, up } from '../test/lab/up.ts';
import { showPull } from './demo-pull.ts';
import { showTransfer } from './demo-transfer.ts';
import { showDrift, showHosts, showSharedLayers, showWhereabouts } from './demo-queries.ts';

const ELSEWHERE = `
What is possible on this machine instead:
  - the gateway over your own hosts:  npm start -- --config dockgraph.yaml
  - the gateway over the host that the docker command uses:  npm start
  - with Docker Compose, the gateway over two engines in containers:  docker compose up
The README says more about each.`;

const once = process.argv.includes('--once');
const paths = labPaths();
const labWasUp = existsSync(paths.hostsFile);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  await requireDebian();
} catch (error) {
  console.error(`${(error as Error).message}\n${ELSEWHERE}`);
  process.exit(1);
}

const dataDir = await mkdtemp(join(tmpdir(), 'dockgraph-demo-'));
let gateway: Gateway | undefined;
try {
  await up(paths, console.log);
  await seed(paths, console.log);
  stop.signal.throwIfAborted();
  gateway = await startDemoGateway();
  await gateway.fleet.settled(AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]));
  for (const show of [showHosts, showWhereabouts, showDrift, showSharedLayers]) {
    stop.signal.throwIfAborted();
    await show(gateway.url);
  }
  stop.signal.throwIfAborted();
  const { registries } = await lab(paths);
  await showPull(gateway.url, registries.open.address, stop.signal);
  stop.signal.throwIfAborted();
  await showTransfer(gateway.url, stop.signal);
  if (!once) {
    console.log(`\nGraphiQL:  ${gateway.url}/\nGraphQL:   ${gateway.url}/graphql`);
    console.log(`Hosts:     ${paths.hostsFile}\n\nCtrl-C ends it and takes the engines down.`);
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
} finally {
  await gateway?.close({ graceMs: 3000 });
  await rm(dataDir, { recursive: true, force: true });
  // A lab that was up before belongs to whoever started it.
  if (!labWasUp) {
    console.log('taking the engines down');
    await down(paths);
  }
}

/** On the usual port, or on a free one where that is taken. */
async function startDemoGateway(): Promise<Gateway> {
  const environment = systemEnvironment();
  const logger = createLogger({ level: 'warn' });
  const start = (port: number) => {
    const flags = { config: paths.hostsFile, listen: `127.0.0.1:${port}`, 'data-dir': dataDir };
    return startGateway(readSettings(flags, environment), environment, logger);
  };
  try {
    return await start(4000);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return start(await freePort());
  }
}

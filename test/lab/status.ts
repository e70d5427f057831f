import { Engine } from './engine.ts';
import type { LabPaths } from './paths.ts';
import { UP_COMMAND } from './paths.ts';
import { Registry } from './registry.ts';
import type { Service } from './services.ts';
import { servicesOf } from './services.ts';
import type { LabState } from './state.ts';
import { readState } from './state.ts';

/** Prints what runs; answers the exit code: 0 when all of the lab does. */
export async function status(paths: LabPaths, log: (line: string) => void): Promise<number> {
  const state = await readState(paths);
  if (state === undefined) {
    log(`no lab at ${paths.root}; start one with: ${UP_COMMAND}`);
    return 1;
  }
  const services = await servicesOf(paths, state);
  const rows = await Promise.all(services.map((service) => rowOf(state, service)));
  const columns = ['name', 'version', 'store', 'endpoint', 'state', 'images'] as const;
  const table = [columns.map((column) => column.toUpperCase())];
  for (const row of rows) table.push(columns.map((column) => row[column]));
  const widths = columns.map((_, column) =>
    Math.max(...table.map((cells) => cells[column]?.length ?? 0)),
  );
  for (const cells of table) {
    log(
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
  return rows.every(({ running }) => running) ? 0 : 1;
}

interface Row {
  readonly name: string;
  readonly version: string;
  readonly store: string;
  readonly endpoint: string;
  readonly state: string;
  readonly images: string;
  readonly running: boolean;
}

async function rowOf(state: LabState, { name, service, answers }: Service): Promise<Row> {
  const running = service.daemon.running && (await answers());
  const word = running ? `up (${service.daemon.pid})` : 'DOWN';
  if (!(service instanceof Engine)) {
    const endpoint =
      service instanceof Registry ? service.address : `127.0.0.1:${service.spec.port}`;
    return { name, version: '', store: '', endpoint, state: word, images: '', running };
  }
  const { endpoint = '', store } =
    Object.values(state.hosts).find((host) => host.name === name) ?? {};
  const [version = '', images = ''] = running
    ? await Promise.all([
        service.docker(['version', '--format', '{{.Server.Version}}']),
        service.docker(['images', '--quiet', '--no-trunc']),
      ])
    : [];
  const count = new Set(images.split('\n').filter((line) => line !== '')).size;
  return {
    name,
    version: version.trim(),
    store: store ?? '',
    endpoint,
    state: word,
    images: running ? String(count) : '',
    running,
  };
}

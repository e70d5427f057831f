import { join } from 'node:path';
import { answersPing, Engine } from './engine.ts';
import type { TrustedRegistry } from './engine.ts';
import { newerEngineUsr } from './newer-engine.ts';
import type { LabPaths } from './paths.ts';
import { Registry } from './registry.ts';
import { greets, Sshd } from './sshd.ts';
import type { HostName, LabState } from './state.ts';

/** One long-running part of the lab, whatever it is. */
export interface Service {
  readonly name: string;
  readonly kind: 'engine' | 'registry' | 'sshd';
  readonly service: Engine | Registry | Sshd;
  /** Whether it does its work right now. */
  readonly answers: () => Promise<boolean>;
}

/** The engine of one host of the lab. */
export function engineOf(paths: LabPaths, state: LabState, name: HostName): Engine {
  const { directory, release, store, port } = state.hosts[name];
  return new Engine({
    name,
    directory,
    release,
    store,
    port,
    tls: name === 'bravo' ? state.serverTls : undefined,
    trusts: trustedBy(state),
    newerUsr: newerEngineUsr(paths),
    dockerConfig: paths.dockerConfig,
    throwAway: false,
  });
}

/** The registries that every engine of the lab knows by their authority. */
function trustedBy({ registries }: LabState): TrustedRegistry[] {
  return Object.values(registries).flatMap(({ address, tls }) =>
    tls ? [{ address, ca: tls.ca }] : [],
  );
}

/** Every part of the lab, attached to its processes where it runs already. */
export async function servicesOf(paths: LabPaths, state: LabState): Promise<Service[]> {
  const engines = Object.values(state.hosts).map(({ name, socketPath }): Service => ({
    name,
    kind: 'engine',
    service: engineOf(paths, state, name),
    answers: () => answersPing(socketPath),
  }));
  const registries = Object.entries(state.registries).map(([name, registry]): Service => {
    const service = new Registry({ ...registry, name: `registry-${name}`, throwAway: false });
    return {
      name: `registry-${name}`,
      kind: 'registry',
      service,
      answers: () => service.answers(),
    };
  });
  const sshds = Object.entries(state.sshds).map(([id, sshd]): Service => {
    const name = `sshd-${id.toLowerCase()}`;
    const service = new Sshd({
      ...sshd,
      name: id === 'charlie' ? 'charlie' : name,
      dockerSocket: id === 'jump' ? undefined : join(state.hosts.charlie.socketPath),
      throwAway: false,
    });
    return { name, kind: 'sshd', service, answers: () => greets(sshd.port) };
  });
  const all = [...engines, ...registries, ...sshds];
  await Promise.all(all.map(({ service }) => service.daemon.attach()));
  return all;
}

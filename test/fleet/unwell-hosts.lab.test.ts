import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EngineEndpoint, SshEndpoint, TlsEndpoint } from '../../src/engine/endpoint.ts';
import { lab, startEngine } from '../lab/index.ts';
import type { Lab } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { labEndpoint, labSshEndpoint, labTlsEndpoint } from '../support/lab-endpoint.ts';

/** A cause that keeps one host away, and what takes it away again. */
interface Trouble {
  endpoint: EngineEndpoint;
  state: 'UNAUTHORIZED' | 'UNREACHABLE';
  message: RegExp;
  mend: () => Promise<void>;
}

describe('a host that cannot be reached', () => {
  let fleet: Lab;
  let folder: string;
  before(async () => {
    fleet = await lab();
    folder = await mkdtemp(join(tmpdir(), 'dockgraph-test-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Copies a file to where a host's configuration points; mending copies another one over it. */
  const planted = async (name: string, from: string) => {
    const file = join(folder, name);
    await copyFile(from, file);
    return file;
  };

  const tlsTrouble = async (
    part: 'ca' | 'client',
    bad: { ca: string; cert: string; key: string },
    message: RegExp,
  ): Promise<Trouble> => {
    const good = labTlsEndpoint(fleet);
    const endpoint: TlsEndpoint = { ...good };
    const pairs: [file: string, good: string][] = [];
    for (const [field, from] of part === 'ca'
      ? ([['caFile', bad.ca]] as const)
      : ([
          ['certFile', bad.cert],
          ['keyFile', bad.key],
        ] as const)) {
      const file = await planted(`${field}-${pairs.length}-${Math.random()}`, from);
      endpoint[field] = file;
      pairs.push([file, good[field]!]);
    }
    return {
      endpoint,
      state: 'UNAUTHORIZED',
      message,
      mend: async () => {
        for (const [file, from] of pairs) await copyFile(from, file);
      },
    };
  };

  const sshTrouble = async (
    field: 'knownHostsFiles' | 'identityFiles',
    bad: string,
    message: RegExp,
  ): Promise<Trouble> => {
    const good = labSshEndpoint(fleet);
    const file = await planted(`${field}-${Math.random()}`, bad);
    const endpoint: SshEndpoint = { ...good, [field]: [file] };
    const mend = () => copyFile(good[field][0]!, file);
    return { endpoint, state: 'UNAUTHORIZED', message, mend };
  };

  const TROUBLES: Record<string, () => Promise<Trouble>> = {
    'another CA than the server’s': () =>
      tlsTrouble('ca', fleet.negative.tls.wrongCa, /certificate/i),
    'an expired client certificate': () =>
      tlsTrouble('client', fleet.negative.tls.expiredClient, /expired/i),
    'a client certificate of a foreign CA': () =>
      tlsTrouble('client', fleet.negative.tls.foreignClient, /certificate/i),
    'an unknown SSH host key': () =>
      sshTrouble('knownHostsFiles', fleet.negative.ssh.emptyKnownHosts, /SHA256:.*ssh-keyscan/s),
    'a changed SSH host key': () =>
      sshTrouble('knownHostsFiles', fleet.negative.ssh.wrongKnownHosts, /changed/i),
    'an SSH key that is not authorized': () =>
      sshTrouble('identityFiles', fleet.negative.ssh.unauthorizedKey, /refused|denied|authent/i),
  };
  for (const [title, make] of Object.entries(TROUBLES)) {
    it(`by ${title}: is told with host and cause, and heals when the cause goes`, async () => {
      const { endpoint, state, message, mend } = await make();
      await using graph = await Graph.start([
        { name: 'well', labels: {}, endpoint: labEndpoint(fleet, 'alpha') },
        { name: 'unwell', labels: {}, endpoint },
      ]);
      const { hosts } = await graph.ask(
        '{ hosts(orderBy: { field: NAME, direction: DESC }) { nodes { name state error { code message } images { totalCount } } } }',
      );
      const [well, unwell] = hosts.nodes;
      assert.equal(well.state, 'ONLINE');
      assert.ok(well.images.totalCount > 5);
      assert.equal(unwell.state, state);
      assert.equal(unwell.error.code, 'HOST_AUTH_FAILED');
      assert.match(unwell.error.message, /unwell/);
      assert.match(unwell.error.message, message);
      await mend();
      const { slot } = await graph.until('unwell', ({ status }) => status.state === 'ONLINE');
      assert.ok(slot.images.size > 5);
    });
  }

  it('by no socket on the far side: the error says which socket', async () => {
    const endpoint = { ...labSshEndpoint(fleet), remoteSocketPath: '/run/nobody.sock' };
    await using graph = await Graph.start([{ name: 'unwell', labels: {}, endpoint }]);
    const { status } = graph.fleet.host('unwell');
    assert.equal(status.state, 'UNREACHABLE');
    assert.match(status.error!.message, /unwell.*\/run\/nobody\.sock/s);
  });

  for (const release of ['20.10', '26.1'] as const) {
    it(`a real engine ${release} that is killed and comes back is followed through`, async () => {
      await using engine = await startEngine({ release });
      await using graph = await Graph.start([
        {
          name: 'mortal',
          labels: {},
          endpoint: { transport: 'UNIX', socketPath: engine.socketPath },
        },
      ]);
      const image = await engine.docker(['import', '-', 'made:1'], { input: Buffer.alloc(1024) });
      await graph.until('mortal', ({ slot }) => slot.tags.has('docker.io/library/made:1'));

      await engine.kill();
      await graph.until('mortal', ({ status }) => status.state === 'UNREACHABLE');
      const { host } = await graph.ask(
        '{ host(name: "mortal") { images { nodes { engineId } } error { code } } }',
      );
      assert.equal(host.images.nodes[0].engineId, image.trim());
      assert.equal(host.error.code, 'HOST_UNREACHABLE');

      await engine.start();
      await graph.until('mortal', ({ status }) => status.state === 'ONLINE');
      await engine.docker(['tag', 'made:1', 'made:2']);
      await graph.until('mortal', ({ slot }) => slot.tags.has('docker.io/library/made:2'));
      await engine.docker(['rmi', 'made:1', 'made:2']);
      await graph.until('mortal', ({ slot }) => slot.images.size === 0);
    });
  }
});

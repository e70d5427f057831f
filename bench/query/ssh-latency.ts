import { openEngine } from '../../src/engine/open-engine.ts';
import { lab } from '../../test/lab/index.ts';
import { labSshEndpoint } from '../../test/support/lab-endpoint.ts';
import { DockerCli } from '../clients/docker-cli.ts';
import { DockerodeClient } from '../clients/dockerode-client.ts';
import { directTargets } from '../clients/lab-fleet.ts';
import { takeTurns } from '../measure/rounds.ts';
import { median, medianRatio } from '../measure/statistics.ts';
import type { Part, Section } from '../part.ts';
import { TemporaryFolder } from '../process/temporary-folder.ts';
import { ms, times } from '../report/units.ts';

const TARGET = 10;
const OURS = 'dockgraph’s engine client';
const FIRST = 'the same, connecting anew';
const DOCKERODE = 'dockerode, ssh mode';
const CLI = 'docker CLI, ssh://';
const CLI_LOCAL = 'docker CLI, unix socket (its own cost)';

/** One request to an engine behind SSH. */
export const sshLatency: Part = {
  name: 'ssh-latency',
  title: 'one request to an engine over SSH',
  async run({ quick, signal }) {
    await using resources = new AsyncDisposableStack();
    const engines = await lab();
    const folder = resources.use(new TemporaryFolder());
    const endpoint = labSshEndpoint(engines);
    const connect = async () => {
      const engine = openEngine(endpoint, { host: 'charlie' });
      await engine.connect({ signal });
      return engine;
    };
    const ours = await connect();
    resources.defer(() => ours.close());
    const charlie = directTargets(engines).find(({ via }) => via === 'ssh')!;
    const { socketPath } = engines.hosts.charlie;
    const dockerode = new DockerodeClient(charlie);
    const cli = new DockerCli(folder);
    const local = { name: 'charlie', via: 'unix', socketPath } as const;
    const taken = await takeTurns(
      [
        { name: OURS, repeats: 10, run: () => ours.listImages({ signal }) },
        {
          name: FIRST,
          repeats: 1,
          run: async () => {
            const engine = await connect();
            try {
              await engine.listImages({ signal });
            } finally {
              await engine.close();
            }
          },
        },
        { name: DOCKERODE, repeats: 3, run: () => dockerode.list() },
        { name: CLI, repeats: 3, run: () => cli.run(charlie, ['images', '-q'], signal) },
        { name: CLI_LOCAL, repeats: 3, run: () => cli.run(local, ['images', '-q'], signal) },
      ],
      quick ? 2 : 15,
      signal,
    );
    return section(taken);
  },
};

function section(taken: ReadonlyMap<string, readonly number[]>): Section {
  const ratioOf = (name: string) => medianRatio(taken.get(name)!, taken.get(OURS)!);
  return {
    verdicts: [DOCKERODE, CLI].map((name) => ({
      target: `SSH request: ${TARGET}× lower latency than ${name}`,
      measured: times(ratioOf(name)),
      met: ratioOf(name) >= TARGET,
    })),
    tables: [
      {
        title: 'GET /images/json of charlie (20.10 behind OpenSSH), median of rounds in turns',
        columns: ['way', 'time', 'ours is faster by'],
        rows: [OURS, FIRST, DOCKERODE, CLI, CLI_LOCAL].map((name) => [
          name,
          ms(median(taken.get(name)!)),
          name === OURS ? '' : times(ratioOf(name)),
        ]),
      },
    ],
    notes: [
      'dockgraph keeps one SSH connection a host and opens a stream in it; dockerode connects for each request, the CLI starts `ssh` for each connection. "Connecting anew" is what dockgraph pays once: SSH handshake, negotiation and the listing.',
      'The docker CLI finds its `ssh` as a two-line script that adds the key and known_hosts file and `exec`s the real one: a millisecond or so of its time is that.',
      'dockerode does not check the host’s key; the others do.',
    ],
  };
}

/* Images with histories as real engines write them, and the containers that use images. */
import { Readable } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { SeedContext } from './seed.ts';
import type { ArchiveKey, SeedContainer } from './plan.ts';
import { seedContainers } from './plan.ts';
import type { TarEntry } from './tar-writer.ts';
import { writeTar } from './tar-writer.ts';

const BUILT = `FROM busybox:1
LABEL team=build
ENV BUILT=yes
RUN echo "made by a RUN line" > /made
COPY context.txt /context.txt
RUN echo one > /one && sha256sum /made > /sum
USER 1000
CMD ["cat", "/made"]
`;

const NO_LAYERS = `FROM scratch
LABEL odd=no-layers
CMD ["/nothing"]
`;

/** Builds, commits and imports what is not there yet: a second build would be another image. */
export async function buildByEngines({ engines }: SeedContext): Promise<void> {
  const { alpha, bravo, charlie, delta } = engines;
  await Promise.all([
    unlessThere(alpha, 'team/built:1', (name) => build(alpha, name, BUILT)),
    unlessThere(delta, 'team/built:1', (name) => build(delta, name, BUILT)),
    unlessThere(alpha, 'odd/empty:1', (name) => build(alpha, name, NO_LAYERS)),
    unlessThere(bravo, 'team/committed:1', (name) => commit(bravo, name)),
    unlessThere(charlie, 'team/imported:1', async (name) => {
      const input = tarStream([{ path: 'imported', content: Buffer.from('imported\n') }]);
      await charlie.docker(['import', '--message=imported by the lab', '-', name], { input });
    }),
  ]);
}

async function unlessThere(
  engine: Engine,
  name: string,
  make: (name: string) => Promise<unknown>,
): Promise<void> {
  const id = await engine.docker(['images', '--quiet', name]);
  if (id.trim() === '') await make(name);
}

function build(engine: Engine, name: string, dockerfile: string): Promise<string> {
  const input = tarStream([
    { path: 'Dockerfile', content: Buffer.from(dockerfile) },
    { path: 'context.txt', content: Buffer.from('from the build context\n') },
  ]);
  return engine.docker(['build', '--network=none', `--tag=${name}`, '-'], { input });
}

async function commit(engine: Engine, name: string): Promise<void> {
  const container = 'lab-to-commit';
  const shell = 'echo committed > /committed';
  await engine.docker(['rm', '--force', container]).catch(() => undefined);
  await engine.docker([
    'run',
    `--name=${container}`,
    '--network=none',
    'busybox:1',
    'sh',
    '-c',
    shell,
  ]);
  const message = ['--author=Lab', '--message=committed by the lab', '--change=LABEL team=commit'];
  await engine.docker(['commit', ...message, container, name]);
  await engine.docker(['rm', container]);
}

function tarStream(entries: readonly TarEntry[]): Readable {
  return Readable.from(writeTar(entries), { objectMode: false });
}

/** Makes the containers of the plan that are not there or not in the state they should be in. */
export async function startContainers({ engines, images, plan }: SeedContext): Promise<void> {
  const all = seedContainers.map(async ({ host, name, image, state }) => {
    const engine = engines[host];
    const now = await engine
      .docker(['inspect', '--type=container', '--format={{.State.Status}}', name])
      .catch(() => '');
    if (now.trim() === state) return;
    await engine.docker(['rm', '--force', name]).catch(() => undefined);
    const tag = plan.find(({ key }) => key === image)?.hosts[host]?.[0];
    const reference = tag ?? images[image as ArchiveKey].configDigest;
    await engine.docker([
      ...WAYS[state],
      `--name=${name}`,
      '--network=none',
      reference,
      ...RUN[state],
    ]);
  });
  await Promise.all(all);
}

type State = SeedContainer['state'];

const WAYS: Readonly<Record<State, readonly string[]>> = {
  // Comes back with its engine, and does not make the engine's stop wait for ten seconds.
  running: ['run', '--detach', '--restart=unless-stopped', '--stop-signal=KILL'],
  exited: ['run'],
  created: ['create'],
};

const RUN: Readonly<Record<State, readonly string[]>> = {
  running: ['sleep', '1000000000'],
  exited: ['true'],
  created: [],
};

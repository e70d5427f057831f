import type { Engine } from '../engine.ts';
import type { SeedContext } from './seed.ts';
import { imageArchive } from './image-archive.ts';
import type { ArchiveKey } from './plan.ts';

/** Pushes from delta and pulls elsewhere, in the order that makes one tag move. */
export async function distribute(context: SeedContext): Promise<void> {
  const { engines, state } = context;
  const { alpha, bravo, charlie, delta, echo } = engines;
  const tool = `${state.registries.open.address}/team/tool`;
  const moving = `${state.registries.open.address}/team/moving:1`;
  const secret = `${state.registries.locked.address}/secret/app:1`;

  await loadAs(context, 'tool', `${tool}:1`);
  const digest = await push(delta, `${tool}:1`);
  await loadAs(context, 'secret', secret);
  await push(delta, secret);
  await loadAs(context, 'moving-old', moving);
  await push(delta, moving);
  await Promise.all([
    pull(alpha, `${tool}:1`).then(() => pull(alpha, moving)),
    pull(charlie, `${tool}@${digest}`),
    pull(bravo, moving).then(() => pull(bravo, secret)),
  ]);
  // The new content takes the tag on delta; what it was there is not part of the plan.
  await loadAs(context, 'moving-new', moving);
  await delta.docker(['rmi', '--force', context.images['moving-old'].configDigest]);
  await push(delta, moving);
  await pull(echo, moving);
}

async function loadAs({ engines, images }: SeedContext, key: ArchiveKey, tag: string) {
  const input = imageArchive([{ image: images[key], tags: [tag] }]);
  await engines.delta.docker(['load'], { input });
}

/** Answers the digest that the registry gave it. */
async function push(engine: Engine, reference: string): Promise<string> {
  const output = await engine.docker(['push', reference]);
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1];
  if (digest === undefined) throw new Error(`no digest after the push of ${reference}: ${output}`);
  return digest;
}

async function pull(engine: Engine, reference: string): Promise<void> {
  await engine.docker(['pull', '--quiet', reference]);
}

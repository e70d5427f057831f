import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { runCommand, startRegistry } from '../lab/index.ts';
import { archiveOf, ENGINE_KINDS, randomImage, startOwnEngine } from '../support/own-engine.ts';

const MB = 1024 * 1024;

suite('an engine whose disk is full', () => {
  for (const kind of ENGINE_KINDS) {
    test(`${kind.release}, ${kind.store} store: every verb that needs room says so`, async () => {
      await using own = await startOwnEngine(kind);
      await using registry = await startRegistry();
      const { dockerd, engine } = own;
      const { verbs } = engine;
      const image = await randomImage('full', 60 * MB);
      const reference = `${registry.address}/team/full:1`;
      await verbs.loadImages(archiveOf(image, reference), {});
      await verbs.pushImage(reference, {});

      await dockerd.stop();
      const data = join(dockerd.directory, 'data');
      await rm(data, { recursive: true });
      await mkdir(data);
      await runCommand('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', data]);
      try {
        await dockerd.start();
        await engine.connect();
        const context = () => archiveOf(image);
        const attempts = {
          load: async (): Promise<unknown> => verbs.loadImages(context(), {}),
          pull: async (): Promise<unknown> => verbs.pullImage(reference, {}),
          import: async (): Promise<unknown> =>
            verbs.importImage({ archive: context() }, { reference: 'team/import:1' }),
          build: async (): Promise<unknown> =>
            verbs.buildImage({ context: context(), tags: [], dockerfile: 'manifest.json' }),
        };
        for (const [name, attempt] of Object.entries(attempts)) {
          await assert.rejects(attempt(), (error: any) => {
            assert.equal(error.code, 'ENGINE_ERROR', `${name}: ${error.message}`);
            assert.equal(error.retryable, false, name);
            assert.match(error.message, /no space left on device/, name);
            assert.match(error.details.hint, /^free disk space on own/, name);
            return true;
          });
        }
        assert.deepEqual(await engine.listImages(), []);
      } finally {
        await dockerd.stop();
        await runCommand('umount', ['--lazy', data]);
      }
    });
  }
});

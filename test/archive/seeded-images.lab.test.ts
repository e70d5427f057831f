import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openEngine } from '../../src/engine/open-engine.ts';
import { HOST_NAMES, lab } from '../lab/index.ts';
import { labEndpoint } from '../support/lab-endpoint.ts';
import { collected, throughArchive } from './through-archive.ts';

/** More takes too long; layers of that size are read in other tests. */
const MOST_BYTES = 30 * 1024 * 1024;
const { signal } = new AbortController();

suite('what the engines of the lab hold: built, pulled, committed, imported, odd', () => {
  for (const host of HOST_NAMES) {
    test(`every image of ${host} is read whole`, async () => {
      const running = await lab();
      const engine = openEngine(labEndpoint(running, host), { host });
      try {
        await engine.connect();
        const sizes = new Map(
          (await engine.listImages()).map(({ id, sizeBytes }) => [id, sizeBytes]),
        );
        let read = 0;
        for (const { ids, diffIds, key } of running.images) {
          const id = ids[host];
          const size = id === undefined ? undefined : sizes.get(id);
          // Classic stores save no image without layers.
          if (id === undefined || size === undefined || size > MOST_BYTES || diffIds.length === 0) {
            continue;
          }
          const { os, architecture, variant } = await engine.imageFacts(id);
          const saved = await engine.verbs.saveImages([id], { signal });
          const expected = { id, os, architecture, variant, diffIds };
          const { contents, sent } = await collected(throughArchive(saved, expected));
          const found = contents.layers.map(({ diffId }) => diffId);
          assert.deepEqual(found, diffIds, key);
          assert.equal(sent.length, new Set(diffIds).size, key);
          read++;
        }
        assert.ok(read > 2, `${read} images`);
      } finally {
        await engine.close();
      }
    });
  }
});

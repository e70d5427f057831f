import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openEngine } from '../../src/engine/open-engine.ts';
import { Fleet } from '../../src/fleet/fleet.ts';
import { OperationIds } from '../../src/operations/operation-id.ts';
import { buildVerb } from '../../src/verbs/build-image.ts';
import { commitVerb } from '../../src/verbs/commit-container.ts';
import { importVerb } from '../../src/verbs/import-image.ts';
import type { VerbEnvironment } from '../../src/verbs/verb-environment.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImage } from '../support/fake-image.ts';

/** What fake images say of where they are from. */
const COMMENT = 'buildkit.dockerfile.v0';

/** Verbs of a gateway that has just started: no host is connected to yet. */
describe('after a restart, whether an image was made', () => {
  const tags = ['docker.io/library/made:1'];
  const recoverBy: Record<string, (environment: VerbEnvironment, context: any) => unknown> = {
    build: (environment, context) => buildVerb(environment).recover!({ tags } as never, context),
    import: (environment, context) =>
      importVerb(environment).recover!(
        { reference: tags[0]!, url: 'http://a/b', message: COMMENT, changes: [], platform: null },
        context,
      ),
    commit: (environment, context) =>
      commitVerb(environment).recover!({ reference: tags[0], message: COMMENT } as never, context),
  };

  for (const [name, recover] of Object.entries(recoverBy)) {
    it(`is looked up when its host is there: ${name}`, async () => {
      await using engine = await FakeEngine.start({ images: [fakeImage('made:1')] });
      const fleet = new Fleet({
        openEngine: (endpoint, host) => openEngine(endpoint, { host }),
      });
      const uploads: VerbEnvironment['uploads'] = { open: () => assert.fail('it is not read') };
      const authFor = async () => undefined;
      fleet.configure([{ name: 'alpha', labels: {}, endpoint: engine.endpoint }]);
      try {
        const operationId = new OperationIds().next(0);
        const { signal } = new AbortController();
        const made = await recover(
          { fleet, authFor, importUrls: [], uploads },
          { operationId, taskId: `${operationId}-0`, host: 'alpha', signal },
        );
        assert.partialDeepStrictEqual(made, { engineId: fakeImage('made:1').id });
      } finally {
        await fleet.close();
      }
    });
  }
});

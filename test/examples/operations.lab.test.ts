import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationTypeNode } from 'graphql';
import { imageArchive } from '../lab/index.ts';
import { curlBodies, read } from '../support/documents.ts';
import { busybox } from '../support/verb-fleet.ts';
import { curlLines, EXAMPLE_FILES, kindOf } from './example-files.ts';
import { ExampleGateway } from './example-gateway.ts';

/** What an example must have come to, by its file's name without number and ending. */
type Check = (data: any) => void | Promise<void>;

describe('examples that change hosts, run in a shell on real engines', () => {
  let gateway: ExampleGateway;
  /** What the reader keeps from one line for the next. */
  const shell: Record<string, string> = { PASSWORD: 'only-for-this-test' };

  before(async () => {
    gateway = await ExampleGateway.start();
  });
  after(() => gateway?.[Symbol.asyncDispose]());

  const tagsOf = async (host: string): Promise<string[]> => {
    const query = `query ($name: String!) {
      host(name: $name) { images(first: 100) { nodes { tags { familiarName } } } } }`;
    const data = await gateway.ask(query, { name: host });
    return data.host.images.nodes.flatMap(({ tags }: any) =>
      tags.map(({ familiarName }: any) => familiarName),
    );
  };

  const CHECKS: Record<string, Check> = {
    'pull-image': async ({ pullImage: { operation } }) => {
      shell['OPERATION'] = operation.id;
      assert.match(operation.state, /^(?:QUEUED|RUNNING)$/);
      assert.deepEqual(hostsOf(operation), ['alpha', 'bravo']);
    },
    'wait-for-operation': async ({ operation }) => {
      assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
      assert.ok((await tagsOf('bravo')).includes(`${gateway.registry.address}/team/app:1`));
    },
    operations: ({ operations }) => {
      assert.equal(operations.totalCount, 1);
      assert.equal(operations.nodes[0].id, shell['OPERATION']);
    },
    'push-image': ({ pushImage }) => {
      const [task] = succeeded(pushImage);
      assert.match(task.result.pushed[0].digest, /^sha256:/);
    },
    'tag-image': ({ tagImage }) => {
      const tasks = succeeded(tagImage);
      assert.equal(tasks.length, 3);
      for (const { result } of tasks) {
        const names = new Set(result.image.tags.map(({ familiarName }: any) => familiarName));
        assert.ok(names.has('example/tagged:1') && names.has('example/tagged:stable'));
      }
    },
    'untag-image': async ({ untagImage }) => {
      for (const { result } of succeeded(untagImage)) {
        assert.deepEqual(result.untagged, ['example/tagged:stable']);
        assert.deepEqual(result.deleted, []);
      }
      assert.ok((await tagsOf('charlie')).includes('example/tagged:1'));
    },
    'remove-image': async ({ removeImage }) => {
      for (const { result } of succeeded(removeImage)) {
        assert.ok(result.untagged.includes(`${gateway.registry.address}/team/app:1`));
      }
      assert.ok(!(await tagsOf('alpha')).includes(`${gateway.registry.address}/team/app:1`));
    },
    'prune-plan': ({ prunePlan }) => {
      const planned = prunePlan.hosts.flatMap(({ images }: any) => images);
      assert.equal(planned.length, 1, JSON.stringify(prunePlan));
      shell['PLAN'] = prunePlan.id;
    },
    'prune-images': ({ pruneImages }) => {
      const results = succeeded(pruneImages).map(({ result }) => result);
      assert.equal(results.flatMap(({ skipped }) => skipped).length, 0);
      assert.ok(results.flatMap(({ deleted }) => deleted).length > 0);
    },
    'commit-container': async ({ commitContainer }) => {
      const [task] = succeeded(commitContainer);
      assert.ok(task.result.image.sizeBytes > 0);
      assert.ok((await tagsOf('alpha')).includes('example/committed:1'));
    },
    'import-image': ({ importImage }) => {
      for (const { result } of succeeded(importImage)) assert.ok(result.image.sizeBytes >= 0);
    },
    'build-image': ({ buildImage }) => {
      for (const { result } of succeeded(buildImage)) {
        assert.deepEqual([result.builder, result.steps], ['BUILDKIT', 1]);
      }
      assert.match(buildImage.operation.logTail.join('\n'), /#\d+ \[1\/1\] FROM .*busybox:1/);
    },
    'build-from-upload': ({ buildImage }) => {
      for (const { result } of succeeded(buildImage)) assert.equal(result.steps, 2);
      assert.equal(buildImage.operation.tasks.length, 3);
    },
    'import-from-upload': ({ importImage }) => {
      for (const { progress, result } of succeeded(importImage)) {
        assert.equal(progress.currentBytes, progress.totalBytes);
        assert.ok(result.image.sizeBytes > 0);
      }
    },
    'search-images': ({ searchImages }) => {
      assert.equal(searchImages.length, 1);
      assert.equal(searchImages[0].stars, 9);
    },
    registry: ({ registry: { repositories, repository } }) => {
      assert.deepEqual(
        repositories.nodes.map(({ name }: any) => name),
        ['team/app', 'team/late'],
      );
      assert.equal(repository.tags.totalCount, 1);
      const [tag] = repository.tags.nodes;
      assert.match(tag.digest, /^sha256:/);
      assert.ok(tag.tag === null || tag.tag.targets.length > 0);
    },
    'check-registry-credentials': ({ checkRegistryCredentials }) => {
      const tasks = succeeded(checkRegistryCredentials);
      assert.equal(tasks.length, 3);
      for (const { result } of tasks) assert.equal(result.checked[0].fromRequest, true);
    },
    'refresh-hosts': ({ refreshHosts }) => {
      assert.deepEqual(hostsOf({ tasks: succeeded(refreshHosts) }), ['alpha', 'bravo']);
    },
    'transfer-plan': ({ transferPlan: { id, targets } }) => {
      for (const { reason, images } of targets) {
        assert.equal(reason, null);
        assert.equal(images[0].isThere, false);
      }
      shell['TRANSFER_PLAN'] = id;
    },
    'transfer-image': async ({ transferImage }) => {
      for (const { result } of succeeded(transferImage)) {
        assert.ok(result.images[0].image.engineId);
        assert.ok(result.bytesSent < 64 * 1024, `${result.bytesSent} bytes`);
      }
      for (const host of ['bravo', 'charlie']) {
        assert.ok((await tagsOf(host)).includes('example/committed:1'));
      }
    },
    'distribute-image': async ({ transferImage }) => {
      assert.equal(succeeded(transferImage).length, 2);
      assert.ok((await tagsOf('alpha')).includes('team/tools:stable'));
    },
    'cancel-operation': ({ cancelOperation: { operation } }) => {
      assert.equal(operation.state, 'FAILED', 'it was final already');
    },
    'retry-operation': ({ retryOperation }) => {
      for (const { attempts } of succeeded(retryOperation)) assert.equal(attempts, 2);
    },
  };

  /** What has to be so before a line is run. */
  const PREPARE: Record<string, () => Promise<void>> = {
    // An operation that failed and can go well now: its image was not there yet.
    'cancel-operation': async () => {
      const late = `${gateway.registry.address}/team/late:1`;
      const { pullImage } = await gateway.ask(read('examples/07-pull-image.graphql'), {
        references: [late],
        waitSeconds: 60,
      });
      assert.equal(pullImage.operation.state, 'FAILED');
      assert.equal(pullImage.operation.tasks[0].error.code, 'NOT_FOUND');
      shell['OPERATION'] = pullImage.operation.id;
      const { bravo } = gateway.engines;
      const input = imageArchive([{ image: await busybox(), tags: [late] }]);
      await bravo.docker(['load'], { input });
      await bravo.docker(['push', '--quiet', late]);
    },
  };

  /** Runs a line that makes a tar, sends it ahead or removes it. */
  const upload = async (line: string) => {
    const printed = await gateway.shell(line, shell);
    if (line.includes('-X POST')) shell['UPLOAD'] = JSON.parse(printed).id;
    else assert.equal(printed, '');
  };

  it('every file that fake engines have no answer to is run here', () => {
    const names = EXAMPLE_FILES.filter((file) => !kindOf(read(file)).runsOverFakes).map(nameOf);
    const run = new Set([...Object.keys(CHECKS), 'watch-operation']);
    assert.deepEqual(
      names.filter((name) => !run.has(name)),
      [],
    );
  });

  for (const { line, file } of curlLines()) {
    if (file === null) {
      if (/\/uploads|^tar /.test(line)) it(line, () => upload(line));
      continue;
    }
    const name = nameOf(file);
    const check = CHECKS[name];
    if (name === 'watch-operation') {
      it(file, async () => {
        const events = await eventsOf(gateway.here(line), shell);
        const last = events.at(-1)?.data.operation;
        assert.equal(last.state, 'SUCCEEDED', JSON.stringify(last));
      });
    } else if (check) {
      it(file, async () => {
        await PREPARE[name]?.();
        const answer = JSON.parse(await gateway.shell(line, shell));
        assert.deepEqual(answer.errors ?? [], []);
        await check(answer.data);
      });
    }
  }

  it('archives', async () => {
    const [save, load, ...more] = curlLines().filter(({ line }) => line.includes('/archives/'));
    assert.deepEqual(more, []);
    const { bravo } = gateway.engines;
    await bravo.docker(['rmi', '--force', 'busybox:1']);
    await gateway.shell(save!.line);
    const answer = JSON.parse(await gateway.shell(load!.line));
    assert.deepEqual(
      answer.loaded.map(({ reference }: any) => reference),
      ['busybox:1'],
    );
    assert.ok((await tagsOf('bravo')).includes('busybox:1'));
  });

  it('curl lines of README.md', async () => {
    const bodies = curlBodies(read('README.md')).filter(
      ({ body }) => !kindOf(body.query).runsOverFakes,
    );
    assert.ok(bodies.length >= 3);
    let id = '';
    for (const { url, body } of bodies) {
      const given = gateway.here(JSON.stringify(body.variables ?? {}));
      const variables = JSON.parse(given) as Record<string, unknown>;
      if ('id' in variables) variables['id'] = id;
      const query = gateway.here(body.query);
      if (kindOf(query).type === OperationTypeNode.SUBSCRIPTION) {
        await firstEvent(gateway, gateway.here(url), { query, variables });
        continue;
      }
      const data = await gateway.ask(query, variables);
      const [answer] = Object.values<any>(data);
      const operation = answer.operation ?? answer;
      if (operation.id) id = operation.id;
      for (const task of operation.tasks ?? []) assert.notEqual(task.state, 'FAILED', query);
    }
  });
});

function nameOf(file: string): string {
  return /\/\d+-(.+)\.graphql$/.exec(file)![1]!;
}

function hostsOf({ tasks }: { tasks: any[] }): string[] {
  return tasks.map(({ hostName }) => hostName).toSorted();
}

/** The tasks of an operation that must have gone well everywhere. */
function succeeded({ operation }: any): any[] {
  assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
  assert.ok(operation.tasks.length > 0);
  return operation.tasks;
}

/** Runs a line that prints server-sent events to its end; answers what was sent with `next`. */
async function eventsOf(line: string, variables: Record<string, string>): Promise<any[]> {
  const env = { ...process.env, ...variables };
  const child = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const events: any[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    if (text.startsWith('data: {')) events.push(JSON.parse(text.slice('data: '.length)));
  }
  return events;
}

/** Follows a subscription until its first event, which refreshes of all hosts cause. */
async function firstEvent(gateway: ExampleGateway, url: string, body: object): Promise<void> {
  const args = ['-sN', '--max-time', '30', url, '-H', 'content-type: application/json', '-d'];
  const child = spawn('curl', [...args, JSON.stringify(body)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const seen = new AbortController();
  const stirring = (async () => {
    while (!seen.signal.aborted) {
      await gateway.ask(REFRESH);
      await delay(300);
    }
  })();
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      if (!text.startsWith('data: {')) continue;
      const { data, errors } = JSON.parse(text.slice('data: '.length));
      assert.equal(errors, undefined);
      assert.ok(Object.values(data).every((value) => value !== null));
      return;
    }
    assert.fail('curl ended before there was an event');
  } finally {
    seen.abort();
    child.kill();
    await stirring;
  }
}

const REFRESH = 'mutation { refreshHosts(input: { hosts: { all: true } }) { operation { id } } }';

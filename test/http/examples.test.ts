import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import { Kind, OperationTypeNode, parse } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { EXAMPLE_FILES, kindOf } from '../examples/example-files.ts';
import { read as readDocument } from '../support/documents.ts';
import { KNOWN_OPERATIONS } from '../../src/http/known-operations.ts';
import { SocketClient } from './socket-client.ts';
import { startOverFleet } from './fleet-server.ts';
import { REQUEST_TRANSPORTS, SUBSCRIPTION_TRANSPORTS } from './transports.ts';

function read(file: string): { text: string; operation: OperationDefinitionNode } {
  const text = readDocument(file);
  const [operation, ...more] = parse(text).definitions;
  assert.ok(operation?.kind === Kind.OPERATION_DEFINITION && more.length === 0, file);
  return { text, operation };
}

test('metrics know the operations of the examples, and no others', () => {
  const names = EXAMPLE_FILES.map((file) => read(file).operation.name?.value);
  assert.deepEqual([...names, 'IntrospectionQuery'].sort(), [...KNOWN_OPERATIONS].sort());
});

suite('examples', () => {
  for (const file of EXAMPLE_FILES) {
    const { text, operation } = read(file);

    test(`${basename(file)} says what it shows`, () => {
      assert.match(text, /^# [A-Z].{20}/);
    });

    // The others run on real engines: test/examples/operations.lab.test.ts.
    if (!kindOf(text).runsOverFakes) continue;
    test(`${basename(file)} runs`, async (t) => {
      const { url, post, engines } = await startOverFleet(t);
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
        const client = await SocketClient.open(url);
        client.subscribe('1', text);
        const change = client.next();
        await new Promise((resolve) => setTimeout(resolve, 50));
        await engines.alpha.stop();
        const { data, errors } = (await change).payload;
        assert.equal(errors, undefined);
        assert.equal(data.hostChanged.name, 'alpha');
        client.socket.terminate();
        return;
      }
      const { status, json } = await post({ query: text });
      assert.equal(status, 200);
      assert.deepEqual(json.errors ?? [], []);
      // Every list that it asks for has something in it, or it would show nothing.
      assert.doesNotMatch(JSON.stringify(json.data), /"nodes":\[\]/);
    });
  }
});

test('a field that needs the engine fails for the dead host alone, over HTTP as well', async (t) => {
  const { post, engines, graph } = await startOverFleet(t);
  await engines.bravo.stop();
  await graph.until('bravo', ({ status }) => status.state === 'UNREACHABLE');
  const { json } = await post({
    query: '{ hosts { nodes { name images { totalCount } diskUsage { layersBytes } } } }',
  });
  const [alpha, bravo] = json.data.hosts.nodes;
  assert.ok(alpha.diskUsage.layersBytes > 0);
  assert.equal(bravo.diskUsage, null);
  assert.equal(bravo.images.totalCount, 2);
  assert.equal(json.errors.length, 1);
  const { code, host, retryable } = json.errors[0].extensions;
  assert.deepEqual(
    { code, host, retryable },
    { code: 'HOST_UNREACHABLE', host: 'bravo', retryable: true },
  );
});

test('the real limits hold on every transport, with their figures', async (t) => {
  const limits = { maxDepth: 5, maxCost: 5 };
  const { url } = await startOverFleet(t, {}, { limits });
  const costly = 'hostChanged { images { nodes { tags { name } } } }';
  const deep = 'hostChanged { images { nodes { image { layers { images { totalCount } } } } } }';
  for (const [name, transport] of Object.entries(SUBSCRIPTION_TRANSPORTS)) {
    const cost = (await transport(url, `subscription { ${costly} }`)).errors?.[0].extensions;
    assert.equal(cost?.code, 'LIMIT_EXCEEDED', name);
    assert.equal(cost.maxCost, 5);
    assert.ok(cost.cost > 5);
    const depth = (await transport(url, `subscription { ${deep} }`)).errors?.[0];
    assert.equal(depth?.extensions.code, 'LIMIT_EXCEEDED', name);
    assert.match(depth.message, /at most 5/);
  }
  for (const [name, transport] of Object.entries(REQUEST_TRANSPORTS)) {
    const { errors } = await transport(url, '{ hosts { nodes { images { nodes { inUse } } } } }');
    assert.equal(errors?.[0].extensions.code, 'LIMIT_EXCEEDED', name);
    assert.equal(errors[0].extensions.maxCost, 5);
  }
});

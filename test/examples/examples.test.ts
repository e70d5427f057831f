import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { OperationTypeNode } from 'graphql';
import { parse as parseYaml } from 'yaml';
import { parseHostsFile } from '../../src/config/hosts-file.ts';
import { testFolder } from '../config/config-fixtures.ts';
import type { TestFolder } from '../config/config-fixtures.ts';
import { selfSigned } from '../config/self-signed.ts';
import { blocks, curlBodies, DOCUMENTS, read, ROOT } from '../support/documents.ts';
import { curlLines, EXAMPLE_FILES, kindOf } from './example-files.ts';
import { ExampleFleet } from './example-fleet.ts';

/** How a line sends what it sends: nothing that a link can do may change anything. */
const SENDING: Record<OperationTypeNode, RegExp> = {
  [OperationTypeNode.QUERY]: /^curl -sG \S+\/graphql -H 'apollo-/,
  [OperationTypeNode.SUBSCRIPTION]: /^curl -sNG \S+\/graphql\/stream /,
  [OperationTypeNode.MUTATION]:
    /^jq -Rs .+ \| curl -s \S+\/graphql -H 'content-type: application\/json' -d @-$/,
};

// What changes hosts, and what is about such changes, operations.lab.test.ts runs on real engines.
describe('queries in examples and documents', () => {
  let fleet: ExampleFleet;
  before(async () => {
    fleet = await ExampleFleet.start();
  });
  after(() => fleet?.[Symbol.asyncDispose]());

  it('there are some', () => {
    assert.ok(EXAMPLE_FILES.length >= 5);
    assert.ok(curlBodies(read('README.md')).length >= 10);
  });

  for (const file of EXAMPLE_FILES) {
    if (kindOf(read(file)).runsOverFakes) it(file, () => fleet.run(read(file)));
  }

  for (const path of [...DOCUMENTS, ...EXAMPLE_FILES, 'docker-compose.yml']) {
    const bodies = curlBodies(read(path));
    if (bodies.length === 0) continue;
    it(`curl lines of ${path}`, async () => {
      for (const { url, body } of bodies) {
        const { type, runsOverFakes } = kindOf(body.query);
        const isStream = type === OperationTypeNode.SUBSCRIPTION;
        const expected = isStream ? '/graphql/stream' : '/graphql';
        assert.equal(new URL(url).pathname, expected, body.query);
        if (runsOverFakes) await fleet.run(body.query, body.variables);
      }
    });
  }

  it('queries of JavaScript blocks', async () => {
    const queries = DOCUMENTS.flatMap((path) => blocks(read(path), 'js'))
      .flatMap((block) => [...block.matchAll(/query: '([^']+)'/g)])
      .map(([, query]) => query!);
    assert.ok(queries.length > 0);
    for (const query of queries) await fleet.run(query);
  });

  it('examples/README.md has a curl line for every file, in order', async () => {
    const lines = curlLines().filter(({ file }) => file !== null);
    assert.deepEqual(
      lines.map(({ file }) => file),
      EXAMPLE_FILES,
    );
    for (const { line, file } of lines) {
      const text = read(file!);
      const { type, runsOverFakes } = kindOf(text);
      assert.match(line, SENDING[type]);
      const [, variables] = /'variables=([^']+)'/.exec(line) ?? [];
      if (variables && runsOverFakes) {
        await fleet.run(text, JSON.parse(variables) as Record<string, unknown>);
      }
    }
  });
});

describe('hosts files in examples and documents', () => {
  const examples: [from: string, text: string][] = [
    ...DOCUMENTS.flatMap((path) =>
      blocks(read(path), 'yaml')
        .filter((block) => /^hosts:/m.test(block))
        .map((block): [string, string] => [path, block]),
    ),
    ...globSync('examples/*.yaml', { cwd: ROOT }).map((path): [string, string] => [
      path,
      read(path),
    ]),
  ];

  it('there are some', () => {
    assert.deepEqual(examples.map(([from]) => basename(from)).sort(), [
      'README.md',
      'dockgraph.yaml',
    ]);
  });

  for (const [from, text] of examples) {
    it(`${from}: is accepted and covers all transports`, async (t) => {
      const folder = await testFolder(t);
      await writeNamedFiles(folder, parseYaml(text, { merge: true }));
      const { hosts, warnings } = await parseHostsFile(
        text,
        folder.file('dockgraph.yaml'),
        folder.environment(),
      );
      assert.deepEqual(warnings, []);
      const transports = new Set(hosts.map(({ endpoint }) => endpoint.transport));
      assert.deepEqual([...transports].sort(), ['SSH', 'TCP', 'TLS', 'UNIX']);
    });
  }
});

/** Writes the files that a hosts file names, where it says that they are. */
async function writeNamedFiles(folder: TestFolder, hostsFile: unknown): Promise<void> {
  const { cert, key } = selfSigned('example');
  const content: Record<string, string> = { ca: cert, cert, key, identityFile: key };
  const visit = async (value: unknown): Promise<void> => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, item] of Object.entries(value)) {
      if (['ca', 'cert', 'key', 'identityFile', 'knownHosts', 'passphraseFile'].includes(name)) {
        for (const path of [item].flat() as string[]) {
          assert.doesNotMatch(path, /^\//, 'absolute paths cannot be tried');
          await folder.write({ [path.replace(/^~/, 'home')]: content[name] ?? '' });
        }
      } else await visit(item);
    }
  };
  await visit(hostsFile);
}

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { HELP } from '../../src/config/command-line.ts';
import { VARIABLES } from '../../src/config/settings.ts';
import { DEFAULT_LIMITS } from '../../src/graphql/create-api.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../src/graphql/paging.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { DEFAULT_TUNING } from '../../src/http/tuning.ts';
import { DOCUMENTS, read, ROOT, tableRows } from '../support/documents.ts';

const readme = read('README.md');

/** The anchors that GitHub makes of a document's headings. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('README.md', () => {
  it('has every variable in the words of --help', () => {
    const rows = tableRows(readme, 'variable');
    assert.deepEqual(Object.fromEntries(rows), VARIABLES);
  });

  it('has the usage in the words of --help', () => {
    const usage = /Usage:\n([\s\S]*?)\n\n/.exec(HELP)![1]!.replace(/^ {2}/gm, '');
    assert.ok(readme.includes(`\`\`\`\n${usage}\n\`\`\``));
  });

  it('has the limits that hold', () => {
    const { maxCost, maxDepth, maxRootFields, maxAliases, maxTokens } = DEFAULT_LIMITS;
    const { maxBodyBytes, maxStreams, maxSockets, maxSubscriptionsPerSocket } = DEFAULT_TUNING;
    const spaced = (count: number) => count.toLocaleString('en').replaceAll(',', ' ');
    const limits = Object.fromEntries(
      tableRows(readme, 'what').map(([what, limit]) => [what, limit]),
    );
    const expected: Record<string, string> = {
      'nodes on a page': `${MAX_PAGE_SIZE}; ${DEFAULT_PAGE_SIZE} when neither first nor last is given`,
      'cost of an operation': `${spaced(maxCost)} fields`,
      'depth of an operation': `${maxDepth} fields`,
      'fields at the root': `${maxRootFields}`,
      'aliases in a document': `${maxAliases}`,
      'tokens in a document': `${maxTokens}`,
      'request body': `${maxBodyBytes / 1024 ** 2} MiB`,
      'subscriptions on one WebSocket': `${maxSubscriptionsPerSocket}`,
    };
    for (const [what, limit] of Object.entries(expected)) assert.equal(limits[what], limit, what);
    assert.deepEqual([maxStreams, maxSockets], [1000, 1000]);
    assert.equal(limits['event streams, WebSockets'], '1000 each');
  });

  it('names metrics that exist', async () => {
    const { registry } = createMetrics({
      hosts: () => [],
      hostStates: [],
      operations: [],
      defaultMetrics: false,
    });
    const known = (await registry.getMetricsAsJSON()).map(({ name }) => name);
    const named = new Set([...readme.matchAll(/`(dockgraph_[a-z_]+)/g)].map(([, name]) => name!));
    assert.deepEqual([...named].sort(), known.sort());
  });
});

for (const path of DOCUMENTS) {
  const text = read(path);

  describe(path, () => {
    it('links to what is there', () => {
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
      for (const link of links.filter((target) => !/^https?:/.test(target))) {
        const [file, anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file!);
        assert.ok(existsSync(join(ROOT, target)), link);
        if (anchor !== undefined) assert.ok(anchors(read(target)).includes(anchor), link);
      }
    });

    it('names scripts that package.json has', () => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
      const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name!);
      for (const name of named) assert.ok(name in scripts, `npm run ${name}`);
    });

    it('names files that are there', () => {
      const inSource =
        /`((?:archive|common|config|engine|fleet|graphql|http|operations|registry|verbs)\/[\w./-]+)`/g;
      const fromRoot = /`((?:src|test|schema|scripts|examples|bench)\/[\w./-]*)`/g;
      const paths = [
        ...[...text.matchAll(inSource)].map(([, file]) => join('src', file!)),
        ...[...text.matchAll(fromRoot)].map(([, file]) => file!),
      ];
      for (const file of paths) {
        // Made by the bench itself.
        if (file !== 'bench/RESULTS.md') assert.ok(existsSync(join(ROOT, file)), file);
      }
    });
  });
}

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { containerListings } from '../../src/engine/container-listing.ts';
import { imageListings } from '../../src/engine/image-listing.ts';
import type { EngineImageJson } from '../../src/engine/image-listing.ts';

const NOW = Date.UTC(2026, 0, 1);
const HEX = '12729eb34a7550a98c30f332601fa4ce8ddb44ab49ab5d933097bee26acdf721';

suite('/images/json', () => {
  const listing = { id: `sha256:${HEX}`, createdAt: 1704067200000, sizeBytes: 5, labels: {} };
  const cases: [engine: string, row: EngineImageJson, tags: string[], repoDigests: string[]][] = [
    [
      '20.10, tagged, never pushed',
      { Id: `sha256:${HEX}`, RepoTags: ['a:1', 'b:2'], RepoDigests: null, Labels: null },
      ['a:1', 'b:2'],
      [],
    ],
    [
      '20.10, dangling',
      { Id: `sha256:${HEX}`, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
      [],
      [],
    ],
    [
      '20.10, pulled by digest',
      {
        Id: `sha256:${HEX}`,
        RepoTags: ['nginx:<none>'],
        RepoDigests: [`nginx@sha256:${HEX}`],
      },
      [],
      [`nginx@sha256:${HEX}`],
    ],
    ['26, dangling', { Id: `sha256:${HEX}`, RepoTags: [], RepoDigests: [], Labels: {} }, [], []],
    [
      'containerd, dangling',
      { Id: `sha256:${HEX}`, RepoTags: [], RepoDigests: [`<none>@sha256:${HEX}`] },
      [],
      [],
    ],
    [
      'containerd, pulled by digest from two repositories',
      {
        Id: `sha256:${HEX}`,
        RepoTags: [`a@sha256:${HEX}`, `b@sha256:${HEX}`],
        RepoDigests: [`b@sha256:${HEX}`],
      },
      [],
      [`b@sha256:${HEX}`, `a@sha256:${HEX}`],
    ],
    ['podman, dangling', { Id: HEX, RepoTags: null, RepoDigests: null }, [], []],
    [
      'podman',
      { Id: HEX, RepoTags: ['localhost/a:1'], RepoDigests: [`localhost/a@sha256:${HEX}`] },
      ['localhost/a:1'],
      [`localhost/a@sha256:${HEX}`],
    ],
  ];
  for (const [engine, row, tags, repoDigests] of cases) {
    test(engine, () => {
      const rows = [{ Created: 1704067200, Size: 5, ...row }];
      assert.deepEqual(imageListings(rows, NOW), [{ ...listing, tags, repoDigests }]);
    });
  }

  test('no time is 0, whether told as 0 or as the year 1', () => {
    for (const Created of [0, -62135596800, null]) {
      assert.equal(imageListings([{ Id: HEX, Created }], NOW)[0]?.createdAt, 0);
    }
  });

  test('null is an empty list', () => {
    assert.deepEqual(imageListings(null, NOW), []);
    assert.deepEqual(containerListings(null), []);
  });
});

suite('/containers/json', () => {
  test('docker', () => {
    const row = {
      Id: 'c1',
      Names: ['/other/alias', '/web'],
      ImageID: `sha256:${HEX}`,
      Image: 'nginx:1.25',
      State: 'running',
      Status: 'Up 3 hours (healthy)',
      Created: 1704067200,
    };
    assert.deepEqual(containerListings([row]), [
      {
        id: 'c1',
        name: 'web',
        imageId: `sha256:${HEX}`,
        image: 'nginx:1.25',
        state: 'running',
        status: 'Up 3 hours (healthy)',
        createdAt: 1704067200000,
      },
    ]);
  });

  const states: [engine: string, ours: string][] = [
    ['configured', 'created'],
    ['initialized', 'created'],
    ['stopping', 'running'],
    ['Stopped', 'exited'],
    ['paused', 'paused'],
    ['dead', 'dead'],
  ];
  for (const [engine, ours] of states) {
    test(`podman, ${engine}: ${ours}`, () => {
      const [listing] = containerListings([{ Id: 'c1', ImageID: HEX, State: engine, Names: null }]);
      assert.equal(listing?.state, ours);
      assert.equal(listing?.imageId, `sha256:${HEX}`);
      assert.equal(listing?.name, '');
    });
  }
});

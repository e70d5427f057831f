import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { chainIds } from '../../src/common/digest.ts';
import { imageFacts } from '../../src/engine/image-facts.ts';
import type { EngineImageInspectJson } from '../../src/engine/image-facts.ts';

const D0 = 'sha256:cc28d0a9bb7e5bb9cf4d6ee6bbe5ce6ad5ba6b5d2ac6d5ee5d7b5d5b5a1d9c7b';
const D1 = 'sha256:dd28d0a9bb7e5bb9cf4d6ee6bbe5ce6ad5ba6b5d2ac6d5ee5d7b5d5b5a1d9c7b';

/** One image as engines tell it: the same facts, in each one's own words. */
const CLASSIC_20: EngineImageInspectJson = {
  Architecture: 'arm64',
  Variant: 'v8',
  Os: 'linux',
  Created: '2024-05-06T07:08:09.123456789Z',
  Author: '',
  Comment: '',
  Config: {
    Env: ['PATH=/bin', 'A=1'],
    Cmd: ['serve'],
    Entrypoint: null,
    WorkingDir: '',
    User: '',
    ExposedPorts: { '80/tcp': {}, '443/tcp': {} },
    Volumes: null,
    Labels: { b: '2', a: '1' },
    StopSignal: 'SIGTERM',
    Healthcheck: {
      Test: ['CMD', 'true'],
      Interval: 30_000_000_000,
      Timeout: 1_500_000,
      Retries: 3,
    },
  },
  RootFS: { Layers: [D0, D1] },
};
const CONTAINERD: EngineImageInspectJson = {
  ...CLASSIC_20,
  Created: '2024-05-06T07:08:09.123Z',
  Config: {
    Labels: { a: '1', b: '2' },
    Env: ['PATH=/bin', 'A=1'],
    Entrypoint: [],
    Cmd: ['serve'],
    Volumes: {},
    ExposedPorts: { '443/tcp': {}, '80/tcp': {} },
    StopSignal: 'SIGTERM',
  },
};
const HISTORY = [
  { Created: 1714979289, CreatedBy: 'CMD ["serve"]', Comment: 'buildkit.dockerfile.v0', Size: 0 },
  { Created: 1714979288, CreatedBy: 'COPY . /', Comment: 'buildkit.dockerfile.v0', Size: 70 },
  { Created: 1714979287, CreatedBy: 'ADD base /', Comment: '', Size: 500 },
];
const WHERE = { host: 'alpha', id: 'sha256:1' };

suite('image facts', () => {
  test('are read off inspection and history', () => {
    const facts = imageFacts(CLASSIC_20, HISTORY, WHERE);
    assert.equal(facts.architecture, 'arm64');
    assert.equal(facts.variant, 'v8');
    assert.equal(facts.createdAt, Date.UTC(2024, 4, 6, 7, 8, 9, 123));
    assert.deepEqual(facts.config, {
      env: ['PATH=/bin', 'A=1'],
      cmd: ['serve'],
      entrypoint: [],
      workingDir: '',
      user: '',
      exposedPorts: ['443/tcp', '80/tcp'],
      volumes: [],
      labels: { a: '1', b: '2' },
      stopSignal: 'SIGTERM',
      healthcheck: {
        test: ['CMD', 'true'],
        intervalMs: 30_000,
        timeoutMs: 1.5,
        startPeriodMs: null,
        retries: 3,
      },
    });
    assert.deepEqual(
      facts.history.map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer]),
      [
        ['ADD base /', false],
        ['COPY . /', false],
        ['CMD ["serve"]', true],
      ],
    );
    assert.deepEqual(facts.layers, [
      { diffId: D0, chainId: D0, sizeBytes: 500, createdBy: 'ADD base /' },
      { diffId: D1, chainId: chainIds([D0, D1])[1]!, sizeBytes: 70, createdBy: 'COPY . /' },
    ]);
  });

  test('have one content digest whichever store tells them', () => {
    const here = imageFacts(CLASSIC_20, HISTORY, WHERE);
    const there = imageFacts(
      CONTAINERD,
      HISTORY.map((row) => ({ ...row, Size: row.Size * 2 })),
      { host: 'echo', id: 'sha256:2' },
    );
    assert.equal(here.contentDigest, there.contentDigest);
    assert.match(here.contentDigest, /^sha256:[0-9a-f]{64}$/);
  });

  test('have one content digest where podman leaves out variant and health check', () => {
    const { Variant: _, Config, ...podman } = CLASSIC_20;
    const { Healthcheck: __, ...config } = Config!;
    const there = imageFacts({ ...podman, Config: config }, HISTORY, WHERE);
    assert.deepEqual([there.variant, there.config.healthcheck], [null, null]);
    assert.equal(there.contentDigest, imageFacts(CLASSIC_20, HISTORY, WHERE).contentDigest);
  });

  const differences: [what: string, changed: EngineImageInspectJson][] = [
    ['a layer', { ...CLASSIC_20, RootFS: { Layers: [D1, D0] } }],
    ['the platform', { ...CLASSIC_20, Architecture: 'amd64' }],
    ['the time', { ...CLASSIC_20, Created: '2024-05-06T07:08:09.124Z' }],
    ['the command', { ...CLASSIC_20, Config: { ...CLASSIC_20.Config, Cmd: ['x'] } }],
    [
      'the order of variables',
      {
        ...CLASSIC_20,
        Config: { ...CLASSIC_20.Config, Env: ['A=1', 'PATH=/bin'] },
      },
    ],
    ['a label', { ...CLASSIC_20, Config: { ...CLASSIC_20.Config, Labels: { a: '1' } } }],
    ['an empty argument', { ...CLASSIC_20, Config: { ...CLASSIC_20.Config, Cmd: ['serve', ''] } }],
  ];
  for (const [what, changed] of differences) {
    test(`have another content digest when ${what} differs`, () => {
      const original = imageFacts(CLASSIC_20, HISTORY, WHERE).contentDigest;
      assert.notEqual(imageFacts(changed, HISTORY, WHERE).contentDigest, original);
    });
  }

  test('of an image that says nothing are empty, not absent', () => {
    const facts = imageFacts({ Created: '0001-01-01T00:00:00Z', RootFS: {} }, [], WHERE);
    assert.equal(facts.createdAt, null);
    assert.deepEqual(facts.layers, []);
    assert.deepEqual(facts.config.env, []);
    assert.equal(facts.config.healthcheck, null);
    const nulls = imageFacts({ Created: null, Config: null, RootFS: null }, [], WHERE);
    assert.equal(nulls.contentDigest, facts.contentDigest);
  });

  const absurd: [what: string, inspected: EngineImageInspectJson, rows: number][] = [
    ['10,001 history entries', CLASSIC_20, 10_001],
    ['1,001 layers', { RootFS: { Layers: Array.from({ length: 1001 }, () => D0) } }, 0],
    ['5 MB of configuration', { Config: { Labels: { a: 'x'.repeat(5e6) } } }, 0],
  ];
  for (const [what, inspected, rows] of absurd) {
    test(`are refused with ${what}`, () => {
      const history = Array.from({ length: rows }, () => ({ CreatedBy: 'x' }));
      assert.throws(() => imageFacts(inspected, history, WHERE), {
        code: 'LIMIT_EXCEEDED',
        host: 'alpha',
      });
    });
  }
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Server } from '../../src/http/server.ts';
import { startServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/http/logger.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { buildImage, imageArchive, startEngine } from '../lab/index.ts';
import type { ThrowAwayEngine } from '../lab/index.ts';
import { Graph } from '../support/graph.ts';
import { archiveOf, randomImage } from '../support/own-engine.ts';
import { sha256Hex } from '../support/sha256.ts';

const run = promisify(execFile);
const KINDS = {
  old: { release: '20.10' },
  new: { release: '26.1' },
  snap: { release: '26.1', store: 'containerd' },
} as const;
type Name = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Name[];

describe('archives on real engines', () => {
  let engines: Record<Name, ThrowAwayEngine>;
  let graph: Graph;
  let server: Server;

  before(async () => {
    const started = await Promise.all(NAMES.map((name) => startEngine(KINDS[name])));
    engines = Object.fromEntries(NAMES.map((name, at) => [name, started[at]])) as typeof engines;
    graph = await Graph.start(
      NAMES.map((name) => ({
        name,
        labels: {},
        endpoint: { transport: 'UNIX', socketPath: engines[name].socketPath },
      })),
    );
    server = await startServer({
      api: graph.api,
      fleet: graph.fleet,
      listen: { host: '127.0.0.1', port: 0 },
      tokens: undefined,
      allowedOrigins: [],
      logger: createLogger({ level: 'silent' }),
      metrics: createMetrics({
        hosts: () => [],
        hostStates: [],
        operations: [],
        defaultMetrics: false,
      }),
      readiness: () => ({ ready: true, reasons: [] }),
      fleetHealth: () => ({ hostsByState: {} }),
      version: '1',
      requestTimeoutMs: 10_000,
    });
  });
  after(async () => {
    await server?.close({ graceMs: 0 });
    await graph?.[Symbol.asyncDispose]();
    for (const engine of Object.values(engines ?? {})) await engine[Symbol.asyncDispose]();
  });

  const url = (host: string, query = '') => `${server.url}/archives/${host}${query}`;

  const get = async (host: string, query: string) => {
    const sent = httpRequest(url(host, query), { agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const bytes = await buffer(response);
    return {
      status: response.statusCode,
      headers: response.headers,
      trailers: response.trailers,
      bytes,
    };
  };

  const put = async (host: string, body: Uint8Array, query = '', headers = {}) => {
    const response = await fetch(url(host, query), { method: 'PUT', body, headers });
    return { status: response.status, json: (await response.json()) as any };
  };

  /** All images of an engine by ID and tag, dangling ones too. */
  const listed = async (name: Name) => {
    const text = await engines[name].docker(['images', '-a', '--no-trunc', '-q']);
    const tags = await engines[name].docker(['images', '--format', '{{.Repository}}:{{.Tag}}']);
    return [...text.split('\n'), ...tags.split('\n')].toSorted().join('\n');
  };

  /** Loads an image by docker itself and waits until the gateway knows it. */
  const have = async (name: Name, tag: string, ...sizes: number[]) => {
    const image = await randomImage(tag.replace(/\W/g, '-'), ...sizes);
    await engines[name].docker(['load'], { input: await buffer(archiveOf(image, tag)) });
    const host = await graph.until(name, ({ slot }) => slot.tags.has(`docker.io/library/${tag}`));
    return { image, id: host.slot.tags.get(`docker.io/library/${tag}`)!.id };
  };

  const removeAll = async (name: Name, ...tags: string[]) => {
    await engines[name].docker(['rmi', '-f', ...tags]);
    graph.fleet.refresh(name);
    await graph.until(name, ({ slot }) =>
      tags.every((t) => !slot.tags.has(`docker.io/library/${t}`)),
    );
  };

  for (const from of NAMES) {
    it(`what GET gives of ${from} is what every docker load takes, and what PUT takes`, async () => {
      const tag = `from-${from}:1`;
      await have(from, tag, 300_000, 50_000);
      const plain = await get(from, `?ref=${tag}`);
      assert.equal(plain.status, 200);
      assert.equal(plain.headers['content-type'], 'application/x-tar');
      assert.equal(
        plain.headers['content-disposition'],
        `attachment; filename="${from}-from-${from}-1.tar"`,
      );
      const digest = createHash('sha256').update(plain.bytes).digest('base64');
      assert.equal(plain.trailers['digest'], `sha-256=${digest}`);
      assert.equal(plain.trailers['content-digest'], `sha-256=:${digest}:`);
      const saved = Buffer.from(
        await engines[from]
          .docker(['save', tag, '-o', join(engines[from].directory, 'x.tar')])
          .then(() => readFile(join(engines[from].directory, 'x.tar'))),
      );
      const gzip = await get(from, `?ref=${tag}&compress=gzip`);
      const zstd = await get(from, `?ref=${tag}&compress=zstd`);
      assert.equal(gzip.headers['content-type'], 'application/gzip');
      assert.equal(gunzipSync(gzip.bytes).length, plain.bytes.length);
      assert.equal(zstdDecompressSync(zstd.bytes).length, plain.bytes.length);
      for (const to of NAMES) {
        const before = to === from ? undefined : await listed(to);
        await engines[to].docker(['load'], { input: plain.bytes });
        await removeAll(to, tag);
        const bodies: [Buffer, Record<string, string>][] = [
          [saved, { 'content-type': 'application/x-tar' }],
          [gzip.bytes, { 'content-type': 'application/gzip' }],
          [zstd.bytes, { 'content-type': 'application/zstd' }],
          [zstdCompressSync(saved), {}],
          [gzipSync(saved), {}],
        ];
        for (const [bytes, headers] of bodies) {
          const answer = await put(to, bytes, `?sha256=${sha256Hex(bytes)}`, headers);
          assert.equal(answer.status, 201, JSON.stringify(answer.json));
          const engineId: string = answer.json.loaded[0].engineId;
          assert.deepEqual(answer.json, {
            loaded: [{ reference: tag, engineId }],
            bytes: bytes.length,
            sha256: sha256Hex(bytes),
          });
          const { slot } = graph.fleet.host(to);
          const shown = slot.tags.get(`docker.io/library/${tag}`);
          assert.equal(shown?.id, engineId, 'shown at once');
          await removeAll(to, tag);
        }
        if (before !== undefined) assert.equal(await listed(to), before);
      }
    });
  }

  it('curl saves and loads', async () => {
    await have('new', 'curl:1', 2_000_000);
    const file = join(engines.new.directory, 'curl.tar.zst');
    const headers = join(engines.new.directory, 'curl.headers');
    await run('curl', ['-fsS', '-D', headers, '-o', file, url('new', '?ref=curl:1&compress=zstd')]);
    const bytes = await readFile(file);
    const base64 = createHash('sha256').update(bytes).digest('base64');
    assert.match(
      await readFile(headers, 'utf8'),
      new RegExp(`^Digest: sha-256=${base64.replace(/[+]/g, '\\$&')}\r?$`, 'm'),
      'curl shows trailers among the headers',
    );
    const target = url('old', `?sha256=${sha256Hex(bytes)}`);
    const { stdout } = await run('curl', ['-fsS', '-T', file, target]);
    assert.equal(JSON.parse(stdout).loaded[0].reference, 'curl:1');
    const missing = await run('curl', ['-sS', '-w', '%{http_code}', '-T', file, url('nowhere')]);
    assert.match(missing.stdout, /NOT_FOUND.*404$/s);
    await removeAll('old', 'curl:1');
  });

  it('several images in one archive, by tag and by ID', async () => {
    for (const name of NAMES) {
      const one = await have(name, 'one:1', 50_000, 1_000);
      await have(name, 'two:1', 60_000);
      const { status, bytes } = await get(name, '?ref=one:1&ref=two:1&ref=library/one:1');
      assert.equal(status, 200);
      await removeAll(name, 'one:1', 'two:1');
      const { json } = await put(name, bytes);
      assert.deepEqual(json.loaded.map(({ reference }: any) => reference).toSorted(), [
        'one:1',
        'two:1',
      ]);
      const untagged = await get(name, `?ref=${one.id}`);
      await removeAll(name, 'one:1', 'two:1');
      const loaded = (await put(name, untagged.bytes)).json.loaded;
      assert.equal(loaded.length, 1);
      assert.equal(loaded[0].reference, null);
      await engines[name].docker(['rmi', loaded[0].engineId]);
    }
  });

  it('several images that share a base leave nothing on the disk of a 26.1 once removed', async () => {
    const base = { entries: [{ path: 'base', content: Buffer.alloc(10_000, 'b') }] };
    const top = (name: string) => ({
      entries: [{ path: name, content: Buffer.alloc(9_000, name) }],
    });
    const images = await Promise.all(
      ['p', 'q'].map(async (name) => ({
        image: await buildImage({ layers: [base, top(name)] }),
        tags: [`shared-${name}:1`],
      })),
    );
    const layers = async () => {
      const { stdout } = await run('find', [
        engines.new.directory,
        '-path',
        '*/layerdb/sha256/*/diff',
      ]);
      return stdout.split('\n').filter(Boolean).length;
    };
    const before = await layers();
    await engines.new.docker(['load'], { input: await buffer(imageArchive(images)) });
    await graph.until('new', ({ slot }) => slot.tags.has('docker.io/library/shared-q:1'));
    assert.equal(await layers(), before + 3);
    const { bytes } = await get('new', '?ref=shared-p:1&ref=shared-q:1');
    await removeAll('new', 'shared-p:1', 'shared-q:1');
    assert.equal(await layers(), before);
    for (const name of NAMES) {
      const { json } = await put(name, bytes);
      assert.equal(json.loaded.length, 2, JSON.stringify(json));
      await removeAll(name, 'shared-p:1', 'shared-q:1');
    }
  });

  for (const to of NAMES) {
    it(`a broken upload leaves nothing on ${to}`, async () => {
      const files: Buffer[] = [];
      for (const from of NAMES) {
        await have(from, `broken-${from}:1`, 400_000, 300_000);
        files.push((await get(from, `?ref=broken-${from}:1`)).bytes);
        await removeAll(from, `broken-${from}:1`);
      }
      const before = await listed(to);
      for (const bytes of files) {
        const flipped = Buffer.from(bytes);
        flipped[Math.floor(bytes.length / 2)]! ^= 1;
        for (const [status, body, query] of [
          [422, bytes, `?sha256=${'0'.repeat(64)}`],
          [422, flipped, ''],
          ...[0.1, 0.4, 0.7, 0.99].map((part) => [400, bytes.subarray(0, bytes.length * part), '']),
          [400, bytes.subarray(0, -1024), ''],
          [400, gzipSync(bytes).subarray(0, -10), ''],
        ] as [number, Buffer, string][]) {
          const answer = await put(to, body, query);
          assert.equal(answer.status, status, JSON.stringify(answer.json));
          assert.ok(answer.json.errors[0].extensions.bytesReceived > 0);
        }
        // The client goes in the middle of what it announced.
        for (const part of [0.2, 0.6, 1]) {
          const sent = httpRequest(url(to), {
            method: 'PUT',
            agent: false,
            headers: { 'content-length': bytes.length + 1 },
          });
          sent.on('error', () => {});
          sent.write(bytes.subarray(0, bytes.length * part));
          await new Promise((resolve) => setTimeout(resolve, 150));
          sent.destroy();
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(await listed(to), before);
      // And what is whole loads afterwards.
      const answer = await put(to, files[0]!);
      assert.equal(answer.status, 201, JSON.stringify(answer.json));
      await removeAll(to, 'broken-old:1');
      assert.equal(await listed(to), before);
    });
  }

  it('an engine that is killed in the middle is told', async () => {
    const size = 64 * 1024 * 1024;
    await have('snap', 'killed:1', size);
    const sent = httpRequest(url('snap', '?ref=killed:1'), { agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response, 'readable');
    response.read(1000);
    await engines.snap.kill();
    await assert.rejects(buffer(response));
    assert.equal(response.complete, false);
    assert.equal(response.trailers['digest'], undefined);

    const upload = httpRequest(url('old'), { method: 'PUT', agent: false });
    upload.on('error', () => {});
    const image = await randomImage('killed', size);
    const bytes = await buffer(archiveOf(image, 'killed:1'));
    upload.write(bytes.subarray(0, size / 2));
    const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
    await new Promise((resolve) => setTimeout(resolve, 300));
    await engines.old.kill();
    upload.write(bytes.subarray(size / 2));
    const [refused] = await answered;
    const { errors } = JSON.parse((await buffer(refused)).toString());
    assert.equal(refused.statusCode, 502);
    assert.equal(errors[0].extensions.code, 'HOST_UNREACHABLE');
    assert.ok(errors[0].extensions.bytesReceived > 0);
    upload.destroy();
    await engines.old.start();
    assert.doesNotMatch(await listed('old'), /killed/);
  });
});

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { suite, test } from 'node:test';
import type { Engine, EngineOptions } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import type { FakeCall, FakeEngineOptions } from '../support/fake-engine.ts';
import { fakeImage, fakeImages } from '../support/fake-image.ts';
import type { Fault } from '../support/fault.ts';
import { until } from '../support/settle.ts';

const DEADLINE_MS = 300;

interface Pair extends AsyncDisposable {
  fake: FakeEngine;
  engine: Engine;
}

/** A fake engine and ours; at the end nothing may be open between them. */
async function pair(
  fakeOptions: FakeEngineOptions = {},
  options: Partial<EngineOptions> = {},
): Promise<Pair> {
  const fake = await FakeEngine.start({ images: fakeImages(3), ...fakeOptions });
  const engine = openEngine(fake.endpoint, {
    host: 'alpha',
    callTimeoutMs: DEADLINE_MS,
    connectTimeoutMs: DEADLINE_MS,
    ...options,
  });
  return {
    fake,
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await until(() => fake.connections === 0, 'all connections closed');
      await fake.stop();
    },
  };
}

/** How a call ended, and that it did so within its deadline. */
async function outcome(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const start = performance.now();
  const error = await call.then(
    () => assert.fail('the call should have failed'),
    (thrown: unknown) => thrown as { code: string; message: string; host: string },
  );
  assert.ok(performance.now() - start < DEADLINE_MS + 1_000, 'ended within its deadline');
  assert.equal(error.host, 'alpha', `names the host: ${error.message}`);
  return error;
}

interface FaultCase {
  fault: Fault;
  code: string;
  message: RegExp;
  /** Well before the deadline. */
  atOnce: boolean;
}

const FAULTS: FaultCase[] = [
  { fault: { kind: 'HANG' }, code: 'TIMEOUT', message: /did not finish within/, atOnce: false },
  { fault: { kind: 'HANG_IN_BODY' }, code: 'TIMEOUT', message: /within 300 ms/, atOnce: false },
  { fault: { kind: 'DIE' }, code: 'HOST_UNREACHABLE', message: /broke off/, atOnce: true },
  {
    fault: { kind: 'DIE_IN_BODY' },
    code: 'HOST_UNREACHABLE',
    message: /in the middle of its answer to GET \/images\/json/,
    atOnce: true,
  },
  {
    fault: { kind: 'HTML' },
    code: 'ENGINE_ERROR',
    message: /text\/html that is not JSON/,
    atOnce: true,
  },
  { fault: { kind: 'HTML', status: 502 }, code: 'ENGINE_ERROR', message: /log in/, atOnce: true },
  { fault: { kind: 'GARBAGE' }, code: 'ENGINE_ERROR', message: /not answer in HTTP/, atOnce: true },
  {
    fault: { kind: 'REDIRECT', location: 'http://127.0.0.1:1/' },
    code: 'ENGINE_ERROR',
    message: /redirects GET \/images\/json/,
    atOnce: true,
  },
  {
    fault: { kind: 'STATUS', status: 403, body: '{"message":"no"}' },
    code: 'ENGINE_UNSUPPORTED',
    message: /does not allow GET \/images\/json \(403: no\)/,
    atOnce: true,
  },
  {
    fault: { kind: 'BODY', body: '[{"Id":"sha256:1"' },
    code: 'ENGINE_ERROR',
    message: /not JSON/,
    atOnce: true,
  },
];

suite('a plain call to an engine that', () => {
  for (const { fault, code, message, atOnce } of FAULTS) {
    test(`does ${JSON.stringify(fault)} ends in ${code}`, async () => {
      const slow = atOnce ? { callTimeoutMs: 30_000 } : {};
      await using both = await pair({}, slow);
      const { fake, engine } = both;
      await engine.connect();
      fake.fault('images', fault);
      const error = await outcome(engine.listImages());
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      // And it heals by itself.
      fake.fault('images', null);
      assert.equal((await engine.listImages()).length, 3);
    });
  }

  for (const body of ['{}', '"ok"', '[null]', '[1]', '[{}]', '[{"Id":1,"RepoTags":"x"}]', '7']) {
    test(`answers ${body} ends in ENGINE_ERROR`, async () => {
      await using both = await pair();
      await both.engine.connect();
      for (const call of ['images', 'containers', 'inspect'] as const) {
        both.fake.fault(call, { kind: 'BODY', body });
      }
      assert.equal((await outcome(both.engine.listImages())).code, 'ENGINE_ERROR');
      const others = await Promise.allSettled([
        both.engine.listContainers(),
        both.engine.imageFacts([...both.fake.images.keys()][0]!),
      ]);
      for (const other of others) {
        if (other.status === 'fulfilled') continue;
        assert.equal((other.reason as { code: string }).code, 'ENGINE_ERROR');
      }
    });
  }

  test('answers null has nothing', async () => {
    await using both = await pair();
    await both.engine.connect();
    both.fake.fault('images', { kind: 'BODY', body: 'null' });
    assert.deepEqual(await both.engine.listImages(), []);
  });

  test('answers without end is cut off at the limit', async () => {
    await using both = await pair({}, { callTimeoutMs: 30_000 });
    await both.engine.connect();
    both.fake.fault('images', { kind: 'HUGE', bytes: 200 * 1024 * 1024 });
    await assert.rejects(both.engine.listImages(), {
      code: 'LIMIT_EXCEEDED',
      message: /alpha answered GET \/images\/json with more than 64 MiB/,
    });
  });

  test('is gone ends in HOST_UNREACHABLE, and works when it is back', async () => {
    await using both = await pair();
    const { fake, engine } = both;
    await engine.connect();
    await engine.listImages();
    await fake.stop();
    assert.equal((await outcome(engine.listImages())).code, 'HOST_UNREACHABLE');
    await fake.listen();
    assert.equal((await engine.listImages()).length, 3);
  });

  test('closed its kept connections is asked again over new ones', async () => {
    await using both = await pair();
    const { fake, engine } = both;
    await engine.connect();
    await Promise.all(Array.from({ length: 6 }, () => engine.listImages()));
    fake.dropNextOnKept();
    assert.equal((await engine.listImages()).length, 3);
  });
});

suite('connecting to an engine that', () => {
  test('hides /info goes on without what it says', async () => {
    await using both = await pair({ store: 'CONTAINERD' });
    both.fake.fault('info', { kind: 'STATUS', status: 403 });
    const info = await both.engine.connect();
    assert.equal(info.operatingSystem, null);
    assert.equal(info.imageStore, 'CLASSIC');
    assert.equal((await both.engine.listImages()).length, 3);
  });

  test('hides /version goes on with what /_ping says', async () => {
    await using both = await pair();
    both.fake.fault('version', { kind: 'STATUS', status: 403 });
    const info = await both.engine.connect();
    assert.equal(info.version, '26.1.5');
    assert.equal(info.apiVersion, '1.45');
    assert.equal(info.architecture, 'amd64');
  });

  test('hides everything says so', async () => {
    await using both = await pair();
    for (const call of ['version', 'ping', 'info'] as FakeCall[]) {
      both.fake.fault(call, { kind: 'HTML', status: 403 });
    }
    const error = await outcome(both.engine.connect());
    assert.equal(error.code, 'ENGINE_UNSUPPORTED');
    assert.match(error.message, /does not allow GET \/version/);
  });

  test('is too old says which versions each side speaks', async () => {
    await using both = await pair({ apiVersion: '1.39', minApiVersion: '1.12' });
    const error = await outcome(both.engine.connect());
    assert.equal(error.code, 'ENGINE_UNSUPPORTED');
    assert.match(
      error.message,
      /alpha speaks Docker API 1\.12 to 1\.39, dockgraph .* 1\.40 to 1\.51/,
    );
  });

  test('is too new says which versions each side speaks', async () => {
    await using both = await pair({ apiVersion: '1.70', minApiVersion: '1.60' });
    const error = await outcome(both.engine.connect());
    assert.equal(error.code, 'ENGINE_UNSUPPORTED');
    assert.match(error.message, /1\.60 to 1\.70/);
  });

  test('is newer than we know is spoken to in our newest version', async () => {
    await using both = await pair({ apiVersion: '1.55', minApiVersion: '1.44' });
    assert.equal((await both.engine.connect()).apiVersion, '1.51');
  });

  test('is no engine says so', async () => {
    await using both = await pair();
    both.fake.fault('version', { kind: 'BODY', body: '{"hello":"world"}' });
    const error = await outcome(both.engine.connect());
    assert.equal(error.code, 'ENGINE_ERROR');
    assert.match(error.message, /names no API version/);
  });

  test('accepts and never answers ends in TIMEOUT', async () => {
    await using both = await pair();
    both.fake.freeze();
    assert.equal((await outcome(both.engine.connect())).code, 'TIMEOUT');
    both.fake.freeze(false);
    assert.equal((await both.engine.connect()).version, '26.1.5');
  });

  test('accepts connections and never does TLS ends in HOST_UNREACHABLE', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on('error', () => {}).resume()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const engine = openEngine(
      { transport: 'TLS', host: '127.0.0.1', port },
      { host: 'alpha', connectTimeoutMs: DEADLINE_MS },
    );
    const error = await outcome(engine.connect());
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /in time/);
    await engine.close();
    await until(() => [...sockets].every(({ closed }) => closed), 'its connections closed');
    server.close();
  });

  test('is not there is told what was tried', async () => {
    const options = { host: 'alpha', connectTimeoutMs: DEADLINE_MS };
    const socketPath = '/nonexistent/docker.sock';
    const unix = openEngine({ transport: 'UNIX', socketPath }, options);
    const unixError = await outcome(unix.connect());
    assert.equal(unixError.code, 'HOST_UNREACHABLE');
    assert.match(
      unixError.message,
      /unix:\/\/\/nonexistent\/docker\.sock\): there is no such socket/,
    );

    const tcp = openEngine({ transport: 'TCP', host: '127.0.0.1', port: 1 }, options);
    const tcpError = await outcome(tcp.connect());
    assert.equal(tcpError.code, 'HOST_UNREACHABLE');
    assert.match(tcpError.message, /tcp:\/\/127\.0\.0\.1:1\): connection refused/);

    const named = openEngine({ transport: 'TCP', host: 'no.such.invalid', port: 1 }, options);
    assert.match((await outcome(named.connect())).message, /does not resolve|cannot be resolved/);
  });
});

suite('calls', () => {
  test('end at once when their signal aborts, those that wait too', async () => {
    await using both = await pair({}, { maxConcurrentCalls: 1, callTimeoutMs: 30_000 });
    const { fake, engine } = both;
    await engine.connect();
    fake.fault('images', { kind: 'HANG' });
    const asker = new AbortController();
    const running = engine.listImages({ signal: asker.signal });
    const waiting = engine.listImages({ signal: asker.signal });
    const other = engine.listContainers();
    await until(() => fake.calls.get('images') === 1, 'the first call is under way');
    asker.abort();
    assert.equal((await outcome(running)).code, 'CANCELLED');
    assert.equal((await outcome(waiting)).code, 'CANCELLED');
    // The slot is free again, and the one that waited never went out.
    assert.deepEqual(await other, []);
    assert.equal(fake.calls.get('images'), 1);
  });

  test('are bounded in number for each host', async () => {
    await using both = await pair({ latencyMs: 20 }, { maxConcurrentCalls: 2 });
    await both.engine.connect();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, both.fake.connections)), 1);
    await Promise.all(Array.from({ length: 10 }, () => both.engine.listImages()));
    clearInterval(watch);
    assert.ok(most <= 2, `${most} connections`);
  });

  test('that wait behind calls that hang end in their own deadline', async () => {
    await using both = await pair({}, { maxConcurrentCalls: 1 });
    await both.engine.connect();
    both.fake.fault('images', { kind: 'HANG' });
    const calls = [both.engine.listImages(), both.engine.listImages(), both.engine.listImages()];
    for (const call of calls) assert.equal((await outcome(call)).code, 'TIMEOUT');
  });

  test('before the first connect say so', async () => {
    await using both = await pair();
    assert.match((await outcome(both.engine.listImages())).message, /not been connected/);
  });

  test('end when the engine is closed, and none begins after that', async () => {
    await using both = await pair({}, { callTimeoutMs: 30_000 });
    const { fake, engine } = both;
    await engine.connect();
    fake.fault('images', { kind: 'HANG' });
    const call = outcome(engine.listImages());
    await until(() => fake.calls.get('images') === 1, 'the call is under way');
    await engine.close();
    assert.equal((await call).code, 'CANCELLED');
    assert.equal((await outcome(engine.listImages())).code, 'HOST_UNREACHABLE');
  });

  test('are reported with their name, host, time and outcome', async () => {
    const reports: string[] = [];
    const onCall: EngineOptions['onCall'] = ({ host, call, outcome: end, durationMs }) => {
      assert.ok(durationMs >= 0);
      reports.push(`${host} ${call} ${end}`);
    };
    await using both = await pair({}, { onCall });
    const { fake, engine } = both;
    await engine.connect();
    await engine.ping();
    await engine.listContainers();
    fake.fault('images', { kind: 'DIE' });
    await outcome(engine.listImages());
    assert.deepEqual(reports, [
      'alpha connect ok',
      'alpha ping ok',
      'alpha listContainers ok',
      'alpha listImages error',
    ]);
  });

  test('of disk usage are one for all who ask at once', async () => {
    await using both = await pair({ latencyMs: 20 });
    const { fake, engine } = both;
    await engine.connect();
    const leaving = new AbortController();
    const left = outcome(engine.diskUsage({ signal: leaving.signal }));
    const stayed = engine.diskUsage();
    leaving.abort();
    assert.equal((await left).code, 'CANCELLED');
    assert.equal((await stayed).images.totalCount, 3);
    assert.equal(fake.calls.get('df'), 1);
    await engine.diskUsage();
    assert.equal(fake.calls.get('df'), 2);
  });

  test('for the facts of an image that is not there end in NOT_FOUND', async () => {
    await using both = await pair();
    await both.engine.connect();
    const error = await outcome(both.engine.imageFacts(fakeImage('never').id));
    assert.equal(error.code, 'NOT_FOUND');
  });

  test('for the image that a reference names end in none where there is none', async () => {
    await using both = await pair();
    await both.engine.connect();
    const [image] = both.fake.images.values();
    assert.equal(await both.engine.imageId(image!.tags[0]!), image!.id);
    assert.equal(await both.engine.imageId('never:1'), null);
    both.fake.fault('inspect', { kind: 'STATUS', status: 500 });
    assert.equal((await outcome(both.engine.imageId('never:1'))).code, 'ENGINE_ERROR');
  });

  test('with a reference that leads elsewhere are refused', async () => {
    await using both = await pair();
    const { fake, engine } = both;
    await engine.connect();
    for (const bad of ['../info', 'a/../../info', 'a?b=c', 'a b', '', '/x', 'a//b', '%2e%2e/x']) {
      assert.equal((await outcome(engine.imageFacts(bad))).code, 'BAD_REFERENCE', bad);
      assert.equal((await outcome(engine.remoteImage(bad))).code, 'BAD_REFERENCE', bad);
      assert.equal((await outcome(engine.imageId(bad))).code, 'BAD_REFERENCE', bad);
    }
    assert.equal(fake.calls.get('inspect'), undefined);
  });

  test("ask a reference's registry through the engine", async () => {
    await using both = await pair();
    const { fake, engine } = both;
    await engine.connect();
    const digest = fakeImage('x').id;
    fake.remoteDigests.set('127.0.0.1:5000/team/app:1', digest);
    assert.deepEqual(await engine.remoteImage('127.0.0.1:5000/team/app:1'), {
      digest,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      platforms: ['linux/amd64'],
    });
    assert.equal((await outcome(engine.remoteImage('team/app:2'))).code, 'NOT_FOUND');
  });

  test('go to their own host whatever DOCKER_HOST says', async () => {
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      await using both = await pair();
      await both.engine.connect();
      assert.equal((await both.engine.listImages()).length, 3);
    } finally {
      delete process.env['DOCKER_HOST'];
    }
  });
});

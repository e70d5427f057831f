import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { SshEndpoint } from '../../src/engine/endpoint.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { fakeImages } from '../support/fake-image.ts';
import { FakeSshd } from '../support/fake-sshd.ts';
import type { HostKeyType } from '../support/fake-sshd.ts';
import { until } from '../support/settle.ts';

interface Parts extends AsyncDisposable {
  fake: FakeEngine;
  sshd: FakeSshd;
  open: (endpoint?: Partial<SshEndpoint>) => Engine;
}

async function parts(keyTypes?: HostKeyType[]): Promise<Parts> {
  const fake = await FakeEngine.start({ images: fakeImages(3) });
  assert.ok(fake.endpoint.transport === 'TCP');
  const sshd = await FakeSshd.start(fake.endpoint.port, keyTypes);
  const engines: Engine[] = [];
  return {
    fake,
    sshd,
    open: (endpoint = {}) => {
      const engine = openEngine(
        { ...sshd.endpoint, ...endpoint },
        {
          host: 'charlie',
          connectTimeoutMs: 2_000,
          callTimeoutMs: 2_000,
          // More than SSH servers let through: the engine knows that by itself.
          maxConcurrentCalls: 20,
        },
      );
      engines.push(engine);
      return engine;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(engines.map((engine) => engine.close()));
      await until(() => sshd.connections === 0, 'SSH connections closed');
      await sshd[Symbol.asyncDispose]();
      await until(() => fake.connections === 0, 'engine connections closed');
      await fake.stop();
    },
  };
}

async function failure(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await call.then(
    () => assert.fail('the call should have failed'),
    (thrown: unknown) => thrown as { code: string; message: string; host: string },
  );
  assert.equal(error.host, 'charlie');
  return error;
}

suite('one SSH connection', () => {
  test('serves all calls, however many begin at once, and the events too', async () => {
    await using p = await parts();
    const engine = p.open();
    const [info] = await Promise.all([engine.connect(), engine.connect(), engine.ping()]);
    assert.equal(info.apiVersion, '1.45');
    const stop = new AbortController();
    await engine.events({ signal: stop.signal });
    await Promise.all(Array.from({ length: 30 }, () => engine.listImages()));
    assert.equal(p.sshd.connectionCount, 1);
    assert.ok(p.fake.connections <= 8, `${p.fake.connections} channels`);
    stop.abort();
    await until(() => p.fake.subscribers === 0, 'the subscription ended on the far side');
  });

  test('that broke ends what was under way and is made again on demand, once', async () => {
    await using p = await parts();
    const engine = p.open();
    await engine.connect();
    const events = await engine.events({ signal: new AbortController().signal });
    p.fake.fault('images', { kind: 'HANG' });
    const call = failure(engine.listImages());
    await until(() => p.fake.calls.get('images') === 1, 'the call is under way');
    const next = failure(events[Symbol.asyncIterator]().next());
    p.sshd.drop();
    assert.equal((await call).code, 'HOST_UNREACHABLE');
    assert.equal((await next).code, 'HOST_UNREACHABLE');
    p.fake.fault('images', null);
    assert.equal(p.sshd.connectionCount, 1);
    await Promise.all(Array.from({ length: 10 }, () => engine.listImages()));
    assert.equal(p.sshd.connectionCount, 2);
  });

  test('ends in HOST_UNREACHABLE with a server that never speaks', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket.on('error', () => {}).resume()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    await using p = await parts();
    const engine = openEngine(
      { ...p.sshd.endpoint, port: (silent.address() as AddressInfo).port },
      { host: 'charlie', connectTimeoutMs: 300 },
    );
    const error = await failure(engine.connect());
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /in time/);
    await engine.close();
    await until(() => [...sockets].every(({ closed }) => closed), 'its connection closed');
    silent.close();
  });

  test('is dropped while it is being made when the engine is closed', async () => {
    await using p = await parts();
    const engine = p.open();
    const connecting = failure(engine.connect());
    await engine.close();
    assert.equal((await connecting).code, 'CANCELLED');
  });
});

suite('where forwarding is refused', () => {
  test('docker system dial-stdio is used, and remembered', async () => {
    await using p = await parts();
    p.sshd.behaviour.forwarding = false;
    p.sshd.behaviour.shell = { docker: 'ENGINE', look: '' };
    const engine = p.open();
    await engine.connect();
    const tried = p.sshd.forwardCount;
    const stop = new AbortController();
    const events = await engine.events({ signal: stop.signal });
    await Promise.all(Array.from({ length: 30 }, () => engine.listImages()));
    p.fake.emit('image', 'tag', 'sha256:1');
    const { value } = await events[Symbol.asyncIterator]().next();
    assert.equal((value as { action: string }).action, 'tag');
    assert.equal(p.sshd.forwardCount, tried);
    assert.ok(p.sshd.dialStdio.most <= 8, `${p.sshd.dialStdio.most} at once`);
    stop.abort();
  });

  const failures: {
    name: string;
    shell: FakeSshd['behaviour']['shell'];
    code: string;
    message: RegExp;
  }[] = [
    {
      name: 'there is no docker command either',
      shell: {
        docker: { exitCode: 127, stderr: 'sh: 1: docker: not found\n' },
        look: 'socket writable',
      },
      code: 'HOST_AUTH_FAILED',
      message: /refuses to forward to \/var\/run\/docker\.sock, and there is no docker command/,
    },
    {
      name: 'the user may not use the socket',
      shell: { docker: { exitCode: 1, stderr: 'permission denied\n' }, look: 'socket docker' },
      code: 'HOST_AUTH_FAILED',
      message: /ops may not use \/var\/run\/docker\.sock.*usermod -aG docker ops/,
    },
    {
      name: 'there is no socket',
      shell: { docker: { exitCode: 1, stderr: 'Cannot connect\n' }, look: 'docker' },
      code: 'HOST_UNREACHABLE',
      message: /there is no socket \/var\/run\/docker\.sock on 127\.0\.0\.1/,
    },
    {
      name: 'docker fails in another way',
      shell: { docker: { exitCode: 1, stderr: 'oh\nno' }, look: 'socket writable docker' },
      code: 'HOST_UNREACHABLE',
      message: /docker system dial-stdio on 127\.0\.0\.1 failed \(oh no\)/,
    },
    {
      name: 'commands are refused as well',
      shell: null,
      code: 'HOST_AUTH_FAILED',
      message: /neither forward to .* nor run commands/,
    },
  ];
  for (const { name, shell, code, message } of failures) {
    test(`and ${name}: ${code}`, async () => {
      await using p = await parts();
      p.sshd.behaviour.forwarding = false;
      p.sshd.behaviour.shell = shell;
      const engine = p.open();
      const error = await failure(engine.connect());
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      // It heals on the same connection.
      p.sshd.behaviour.forwarding = true;
      await engine.connect();
      assert.equal(p.sshd.connectionCount, 1);
    });
  }

  test('after it has worked, the engine is gone, and no command is tried', async () => {
    await using p = await parts();
    const engine = p.open();
    await engine.connect();
    p.fake.dropNextOnKept();
    p.sshd.behaviour.forwarding = false;
    p.sshd.behaviour.shell = { docker: 'ENGINE', look: '' };
    const error = await failure(engine.listImages());
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /nothing answers at \/var\/run\/docker\.sock/);
    assert.equal(p.sshd.dialStdio.most, 0);
    p.sshd.behaviour.forwarding = true;
    assert.equal((await engine.listImages()).length, 3);
  });
});

suite('host keys', () => {
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    test(`a host that has several is asked for the one that is known: ${type}`, async () => {
      await using p = await parts(['ed25519', 'ecdsa', 'rsa']);
      await p.sshd.know([`[127.0.0.1]:${p.sshd.endpoint.port} ${p.sshd.hostKeys[type]}`]);
      await p.open().connect();
    });
  }

  test('an unknown one is told with fingerprint and what to do', async () => {
    await using p = await parts();
    await p.sshd.know([]);
    const error = await failure(p.open().connect());
    const { port } = p.sshd.endpoint;
    const file = p.sshd.endpoint.knownHostsFiles[0]!;
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /ssh-ed25519 SHA256:[A-Za-z0-9+/]{43};/);
    assert.ok(
      error.message.includes(`ssh-keyscan -p ${port} -t ed25519 127.0.0.1 >> ${file}`),
      error.message,
    );
    assert.equal(p.fake.connections, 0);
  });

  test('one of another type than known is told so', async () => {
    await using p = await parts(['ed25519']);
    await using other = await parts(['ecdsa']);
    await p.sshd.know([`[127.0.0.1]:${p.sshd.endpoint.port} ${other.sshd.hostKeys.ecdsa}`]);
    const error = await failure(p.open().connect());
    assert.match(error.message, /only ecdsa-sha2-nistp256 of it/);
  });

  test('a changed one is told with file and line', async () => {
    await using p = await parts();
    await using other = await parts();
    const { port, knownHostsFiles } = p.sshd.endpoint;
    await p.sshd.know(['# comment', `[127.0.0.1]:${port} ${other.sshd.hostKeys.ed25519}`]);
    const error = await failure(p.open().connect());
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /has changed/);
    assert.ok(error.message.includes(`${knownHostsFiles[0]}:2`), error.message);
    assert.ok(error.message.includes(`ssh-keygen -f ${knownHostsFiles[0]} -R`), error.message);
  });

  test('a revoked one is refused', async () => {
    await using p = await parts();
    const known = `[127.0.0.1]:${p.sshd.endpoint.port} ${p.sshd.hostKeys.ed25519}`;
    await p.sshd.know([known, `@revoked * ${p.sshd.hostKeys.ed25519}`]);
    const error = await failure(p.open().connect());
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /@revoked in .*known_hosts:2/);
  });

  test('an alias is looked up instead of name and port', async () => {
    await using p = await parts();
    await p.sshd.know([`web-1 ${p.sshd.hostKeys.ed25519}`]);
    await p.open({ hostKeyAlias: 'web-1' }).connect();
    const error = await failure(p.open({ hostKeyAlias: 'web-2' }).connect());
    assert.match(error.message, /echo 'web-2 ssh-ed25519 [A-Za-z0-9+/=]+' >> /);
  });

  test('a known_hosts file that does not exist knows nobody; one that is a folder is told', async () => {
    await using p = await parts();
    const nowhere = join(p.sshd.directory, 'nowhere');
    const unknown = await failure(p.open({ knownHostsFiles: [nowhere] }).connect());
    assert.match(unknown.message, /is not in .*nowhere/);
    const folder = await failure(p.open({ knownHostsFiles: [p.sshd.directory] }).connect());
    assert.equal(folder.code, 'HOST_AUTH_FAILED');
    assert.match(folder.message, /cannot read known_hosts/);
  });
});

suite('keys', () => {
  test('that cannot be used are passed over, and told where none is left', async () => {
    await using p = await parts();
    const rubbish = join(p.sshd.directory, 'rubbish');
    const pkcs8 = join(p.sshd.directory, 'pkcs8');
    await writeFile(rubbish, 'not a key');
    await writeFile(pkcs8, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
    const bad = ['/nonexistent/id', rubbish, pkcs8];
    await p.open({ identityFiles: [...bad, ...p.sshd.endpoint.identityFiles] }).connect();
    const error = await failure(p.open({ identityFiles: bad }).connect());
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /\/nonexistent\/id: there is no such file/);
    assert.match(error.message, /rubbish: is not a private key/);
    assert.match(error.message, /pkcs8: is in PKCS#8 form/);
  });

  test('there must be one', async () => {
    await using p = await parts();
    const error = await failure(p.open({ identityFiles: [] }).connect());
    assert.match(error.message, /neither an identity file nor an agent/);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { before, suite, test } from 'node:test';
import type { SshEndpoint } from '../../src/engine/endpoint.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import {
  buildImage,
  imageArchive,
  lab,
  runCommand,
  startEngine,
  startSshd,
  waitUntil,
} from '../lab/index.ts';
import type { Lab, ThrowAwaySshd } from '../lab/index.ts';
import { labSshEndpoint } from '../support/lab-endpoint.ts';

/** An engine that is closed when the test ends. */
function opened(endpoint: SshEndpoint): Engine & AsyncDisposable {
  const engine = openEngine(endpoint, { host: 'charlie', connectTimeoutMs: 10_000 });
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
}

async function connects(endpoint: SshEndpoint): Promise<void> {
  await using engine = opened(endpoint);
  await engine.connect();
  const lists = await Promise.all(Array.from({ length: 20 }, () => engine.listImages()));
  assert.equal(new Set(lists.map((list) => list.length)).size, 1);
}

async function refusal(endpoint: SshEndpoint): Promise<{ code: string; message: string }> {
  await using engine = opened(endpoint);
  const error = await engine.connect().then(
    () => assert.fail('it should have been refused'),
    (thrown: unknown) => thrown as { code: string; message: string; host: string },
  );
  assert.equal(error.host, 'charlie');
  return error;
}

function endpointOf(sshd: ThrowAwaySshd): SshEndpoint {
  return {
    transport: 'SSH',
    host: '127.0.0.1',
    port: sshd.port,
    user: 'root',
    identityFiles: [sshd.identityFile!],
    knownHostsFiles: [sshd.knownHosts],
    remoteSocketPath: '/var/run/docker.sock',
    jumps: [],
  };
}

suite('a real sshd', () => {
  let theLab: Lab;
  let charlie: SshEndpoint;
  before(async () => {
    theLab = await lab();
    charlie = labSshEndpoint(theLab);
  });

  test('under an unknown host key is refused', async () => {
    const { emptyKnownHosts } = theLab.negative.ssh;
    const error = await refusal({ ...charlie, knownHostsFiles: [emptyKnownHosts] });
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(
      error.message,
      /is not in .*SHA256:.*ssh-keyscan -p \d+ -t ed25519 127\.0\.0\.1 >>/,
    );
  });

  test('under a changed host key is refused', async () => {
    const { wrongKnownHosts } = theLab.negative.ssh;
    const error = await refusal({ ...charlie, knownHostsFiles: [wrongKnownHosts] });
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.ok(error.message.includes(`${wrongKnownHosts}:1`), error.message);
  });

  test('is known by what ssh-keyscan writes, plain and hashed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dockgraph-ssh-'));
    for (const hash of [[], ['-H']]) {
      const scanned = await runCommand('ssh-keyscan', [
        ...hash,
        '-p',
        String(charlie.port),
        '127.0.0.1',
      ]);
      const file = join(directory, `known${hash.join('')}`);
      await writeFile(file, scanned);
      await connects({ ...charlie, knownHostsFiles: [file] });
    }
    await rm(directory, { recursive: true });
  });

  test('that does not know our key refuses it, and the message names it', async () => {
    const { unauthorizedKey } = theLab.negative.ssh;
    const error = await refusal({ ...charlie, identityFiles: [unauthorizedKey] });
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.ok(error.message.includes(unauthorizedKey), error.message);
    assert.match(error.message, /authorized_keys of root/);
  });

  test('takes the second key where it does not know the first', async () => {
    const { unauthorizedKey } = theLab.negative.ssh;
    await connects({ ...charlie, identityFiles: [unauthorizedKey, ...charlie.identityFiles] });
  });

  test('takes a key with a passphrase, if that is right', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dockgraph-ssh-'));
    const passphraseFile = join(directory, 'passphrase');
    const { file, passphrase } = theLab.negative.ssh.keyWithPassphrase;
    const endpoint = { ...charlie, identityFiles: [file] };

    const missing = await refusal(endpoint);
    assert.equal(missing.code, 'HOST_AUTH_FAILED');
    assert.match(missing.message, /wants a passphrase: set ssh\.passphraseFile/);

    await writeFile(passphraseFile, 'wrong\n');
    const wrong = await refusal({ ...endpoint, passphraseFile });
    assert.equal(wrong.code, 'HOST_AUTH_FAILED');
    assert.match(wrong.message, /the passphrase in the passphrase file is wrong/);
    assert.ok(!wrong.message.includes('wrong\n'));

    const nowhere = await refusal({ ...endpoint, passphraseFile: join(directory, 'nowhere') });
    assert.match(nowhere.message, /passphrase file cannot be read/);

    await writeFile(passphraseFile, `${passphrase}\n`);
    await connects({ ...endpoint, passphraseFile });
    await rm(directory, { recursive: true });
  });

  test('takes a key from an agent', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dockgraph-ssh-'));
    const agentSocket = join(directory, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
    try {
      const env = { PATH: '/usr/bin:/bin', SSH_AUTH_SOCK: agentSocket };
      await waitUntil(
        () =>
          runCommand('ssh-add', ['-q', charlie.identityFiles[0]!], { env }).then(
            () => true,
            () => false,
          ),
        { what: 'the agent takes a key', deadlineMs: 5_000 },
      );
      await connects({ ...charlie, identityFiles: [], agentSocket });
      const { file } = theLab.negative.ssh.keyWithPassphrase;
      await connects({ ...charlie, identityFiles: [file], agentSocket });
    } finally {
      agent.kill();
      await rm(directory, { recursive: true });
    }
    const gone = await refusal({ ...charlie, identityFiles: [], agentSocket });
    assert.equal(gone.code, 'HOST_AUTH_FAILED');
    assert.match(gone.message, /Tried the agent at .*Failed to connect to agent/);
  });

  test('without a socket there is told', async () => {
    const error = await refusal({ ...charlie, remoteSocketPath: '/nonexistent/docker.sock' });
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /there is no socket \/nonexistent\/docker\.sock/);
  });

  test('that forbids forwarding is used by docker system dial-stdio', async () => {
    const endpoint = { ...charlie, port: theLab.negative.ssh.noForwarding.port };
    await connects(endpoint);
    // A path that is not the default goes to docker as --host.
    await connects({ ...endpoint, remoteSocketPath: '/var/run/../run/docker.sock' });
    await using engine = opened(endpoint);
    await engine.connect();
    const stop = new AbortController();
    await engine.events({ signal: stop.signal });
    stop.abort();
  });

  test('that forbids forwarding and has no engine is told', async () => {
    const error = await refusal({
      ...charlie,
      port: theLab.negative.ssh.noForwarding.port,
      remoteSocketPath: '/nonexistent/docker.sock',
    });
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /there is no socket \/nonexistent\/docker\.sock/);
  });

  test('is reached through a jump host, whose key is verified too', async () => {
    const { port } = theLab.negative.ssh.jump;
    const { emptyKnownHosts } = theLab.negative.ssh;
    const jump = { ...charlie, port };
    await connects({ ...charlie, jumps: [jump] });
    await connects({ ...charlie, jumps: [jump, jump] });

    const unknown = await refusal({
      ...charlie,
      jumps: [{ ...jump, knownHostsFiles: [emptyKnownHosts] }],
    });
    assert.equal(unknown.code, 'HOST_AUTH_FAILED');
    assert.ok(unknown.message.includes(`127.0.0.1:${port}`), unknown.message);

    const refused = await refusal({ ...charlie, jumps: [{ ...jump, port: 1 }] });
    assert.equal(refused.code, 'HOST_UNREACHABLE');
    assert.match(refused.message, /jump host 127\.0\.0\.1:1.*connection refused/);

    const behind = await refusal({ ...charlie, port: 1, jumps: [jump] });
    assert.equal(behind.code, 'HOST_UNREACHABLE');
    assert.match(behind.message, /jump host cannot reach 127\.0\.0\.1:1/);
  });

  test('that is no SSH server is told', async () => {
    const { port } = new URL(theLab.hosts.delta.endpoint);
    const error = await refusal({ ...charlie, port: Number(port) });
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /is it an SSH server/);
  });

  test('that dies ends calls and events at once; when it is back, so are they', async () => {
    const { socketPath } = theLab.hosts.charlie;
    await using sshd = await startSshd({ dockerSocket: socketPath });
    await using engine = opened(endpointOf(sshd));
    await engine.connect();
    const events = await engine.events({ signal: new AbortController().signal });
    const next = events[Symbol.asyncIterator]().next();
    await Promise.all([
      assert.rejects(next, { code: 'HOST_UNREACHABLE', host: 'charlie' }),
      sshd.kill(),
    ]);
    await assert.rejects(engine.listImages(), { code: 'HOST_UNREACHABLE', message: /refused/ });
    await sshd.start();
    assert.ok((await engine.listImages()).length > 0);
  });

  test('stands while the engine behind it restarts', async () => {
    await using dockerd = await startEngine({ release: '20.10' });
    await using sshd = await startSshd({ dockerSocket: dockerd.socketPath });
    await using engine = opened(endpointOf(sshd));
    await engine.connect();
    await dockerd.stop();
    await assert.rejects(engine.listImages(), {
      code: 'HOST_UNREACHABLE',
      message: /nothing answers|no socket|broke off/,
    });
    await dockerd.start();
    assert.deepEqual(await engine.listImages(), []);
  });

  test('that asks for new keys in the middle of a load and a save loses nothing of them', async () => {
    await using dockerd = await startEngine({ release: '20.10' });
    // By itself it does so after 1 GB or more, so that large copies alone would meet it.
    await using sshd = await startSshd({ dockerSocket: dockerd.socketPath, rekeyLimit: '1M' });
    await using engine = opened(endpointOf(sshd));
    await engine.connect();
    const content = randomBytes(24_000_000);
    const image = await buildImage({ layers: [{ entries: [{ path: 'file', content }] }] });
    const tags = ['new-keys:1'];
    const { references } = await engine.verbs.loadImages(imageArchive([{ image, tags }]), {});
    assert.deepEqual(references, tags);
    const { signal } = new AbortController();
    const saved = await buffer(await engine.verbs.saveImages(tags, { signal }));
    assert.ok(saved.includes(content));
  });

  test('that comes back under another key is refused', async () => {
    const first = await startSshd({ dockerSocket: theLab.hosts.charlie.socketPath });
    const endpoint = endpointOf(first);
    await using engine = opened(endpoint);
    await engine.connect();
    const { port } = first;
    await first.kill();
    await using second = await startSshd({ port });
    assert.notEqual(second.hostKey, first.hostKey);
    await assert.rejects(engine.listImages(), { code: 'HOST_AUTH_FAILED', message: /has changed/ });
    await first[Symbol.asyncDispose]();
  });
});

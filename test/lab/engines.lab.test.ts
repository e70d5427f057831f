import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { dirname } from 'node:path';
import { suite, test } from 'node:test';
import {
  buildImage,
  HOST_NAMES,
  imageArchive,
  lab,
  makeSshKey,
  runCommand,
  startEngine,
  startRegistry,
  startSshd,
  waitUntil,
} from './index.ts';
import type { TlsFiles } from './index.ts';

function isAlive(pid: number | undefined): boolean {
  return pid !== undefined && existsSync(`/proc/${pid}`);
}

suite('the lab', () => {
  test('every engine holds the tags of the plan, under the recorded IDs', async () => {
    const { docker, images } = await lab();
    for (const host of HOST_NAMES) {
      const format = '--format={{.Repository}}:{{.Tag}} {{.ID}}';
      const listed = await docker(host, ['images', '--no-trunc', format]);
      const lines = new Set(listed.trim().split('\n'));
      for (const image of images) {
        for (const tag of image.hosts[host] ?? []) {
          assert.ok(lines.has(`${tag} ${image.ids[host]}`), `${host}: ${tag}`);
        }
      }
    }
  });

  test('images made by hand are the same in every run and on every machine', async () => {
    const { image } = await lab();
    assert.deepEqual(image('base').diffIds, BASE_DIFF_IDS);
    assert.equal(image('base').ids.alpha, image('base').ids.delta);
    assert.notEqual(image('base').ids.alpha, image('base').ids.echo);
  });

  test('the odd images are as odd as the plan says', async () => {
    const { image, docker } = await lab();
    const [first, , third] = image('repeated-layer').diffIds;
    assert.equal(first, third);
    assert.equal(image('layers-125').diffIds.length, 125);
    assert.deepEqual(image('no-layers').diffIds, []);
    const history = await docker('bravo', ['history', '--quiet', 'odd/history:120']);
    assert.equal(history.trim().split('\n').length, 120);
    assert.notEqual(image('moving-old').repoDigests.alpha, image('moving-new').repoDigests.delta);
    assert.match(image('tool').repoDigests.charlie ?? '', /\/team\/tool@sha256:[0-9a-f]{64}$/);
  });

  test('bravo takes its own client certificate and refuses the others', async () => {
    const { hosts, negative } = await lab();
    const listWith = (files: TlsFiles) =>
      runCommand('/usr/bin/docker', [
        '--tlsverify',
        '--tlscacert',
        files.ca,
        '--tlscert',
        files.cert,
        '--tlskey',
        files.key,
        '--host',
        hosts.bravo.endpoint,
        'images',
        '--quiet',
        'team/committed',
      ]);
    assert.ok(hosts.bravo.tls);
    assert.notEqual((await listWith(hosts.bravo.tls)).trim(), '');
    await assert.rejects(listWith(negative.tls.foreignClient), /bad certificate/);
    await assert.rejects(listWith(negative.tls.expiredClient), /bad certificate/);
    await assert.rejects(listWith(negative.tls.wrongCa), /unknown authority/);
  });

  test('charlie is reached by ssh with the right key and the right known_hosts only', async () => {
    const { hosts, negative, sshds } = await lab();
    const files = hosts.charlie.ssh;
    assert.ok(files);
    const { identityFile, knownHosts } = files;
    const ask = ['docker', 'info', '--format={{.Name}}'];
    const direct = (key: string, known: string, port = sshds.charlie.port) =>
      runCommand('ssh', [...sshOptions(key, known, port), 'root@127.0.0.1', ...ask]);
    assert.equal((await direct(identityFile, knownHosts)).trim(), 'charlie');
    await assert.rejects(
      direct(negative.ssh.unauthorizedKey, knownHosts),
      /Permission denied \(publickey\)/,
    );
    await assert.rejects(
      direct(identityFile, negative.ssh.wrongKnownHosts),
      /HOST IDENTIFICATION HAS CHANGED/,
    );
    await assert.rejects(
      direct(identityFile, negative.ssh.emptyKnownHosts),
      /Host key verification failed/,
    );
    const { file, passphrase } = negative.ssh.keyWithPassphrase;
    const publicKey = await runCommand('ssh-keygen', ['-y', '-P', passphrase, '-f', file]);
    assert.match(publicKey, /^ssh-ed25519 /);
  });

  test('one ssh server runs commands but forwards nothing; another is a jump host', async () => {
    const { hosts, negative, sshds } = await lab();
    const files = hosts.charlie.ssh;
    assert.ok(files);
    const { identityFile, knownHosts } = files;
    const { port } = negative.ssh.noForwarding;
    const closed = [...sshOptions(identityFile, knownHosts, port), 'root@127.0.0.1'];
    const dialled = await runCommand('ssh', [...closed, 'docker', 'system', 'dial-stdio'], {
      input: 'GET /_ping HTTP/1.0\r\n\r\n',
    });
    assert.match(dialled, /^HTTP\/1\.0 200 OK/);
    const through = ['-W', `127.0.0.1:${sshds.charlie.port}`];
    await assert.rejects(runCommand('ssh', [...through, ...closed]), /administratively prohibited/);
    const jump = sshOptions(identityFile, knownHosts, negative.ssh.jump.port);
    const proxy = `ProxyCommand=ssh ${jump.join(' ')} -W %h:%p root@127.0.0.1`;
    const target = sshOptions(identityFile, knownHosts, sshds.charlie.port);
    const name = await runCommand('ssh', ['-o', proxy, ...target, 'root@127.0.0.1', 'hostname']);
    assert.equal(name.trim(), 'charlie');
  });
});

suite('throw-away daemons', () => {
  for (const options of [
    { release: '20.10', listen: 'tcp' },
    { release: '26.1', store: 'classic' },
    { release: '26.1', store: 'containerd' },
  ] as const) {
    const title = Object.values(options).join(' ');
    test(`an engine (${title}) keeps its images over a crash and leaves nothing`, async () => {
      let pid: number | undefined;
      let folder: string;
      {
        await using engine = await startEngine(options);
        folder = engine.directory;
        const layer = { entries: [{ path: 'file', content: Buffer.from('content') }] };
        const image = await buildImage({ layers: [layer], config: { Cmd: ['/file'] } });
        await engine.docker(['load'], { input: imageArchive([{ image, tags: ['kept:1'] }]) });
        const before = engine.pid;
        assert.ok(isAlive(before));
        await engine.kill();
        assert.equal(engine.pid, undefined);
        assert.ok(!isAlive(before));
        await assert.rejects(engine.docker(['version']), /Is the docker daemon running/);
        await engine.start();
        await engine.restart();
        pid = engine.pid;
        assert.notEqual(pid, before);
        const layers = await engine.docker(['inspect', '--format={{.RootFS.Layers}}', 'kept:1']);
        assert.equal(layers.trim(), `[${image.diffIds.join(' ')}]`);
        assert.equal(engine.endpoint.startsWith('listen' in options ? 'tcp://' : 'unix://'), true);
      }
      assert.ok(!isAlive(pid));
      assert.ok(!existsSync(folder));
      const groups = readdirSync('/sys/fs/cgroup').flatMap((controller) => {
        const path = `/sys/fs/cgroup/${controller}`;
        return existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
      });
      const name = folder.replaceAll('/', '-');
      assert.deepEqual(
        groups.filter((group) => group.name.endsWith(name)),
        [],
      );
    });
  }

  test('an ssh server comes back on its port, also under another key', async () => {
    await using sshd = await startSshd();
    assert.ok(sshd.identityFile);
    const { identityFile, knownHosts, port } = sshd;
    const login = () =>
      runCommand('ssh', [...sshOptions(identityFile, knownHosts, port), 'root@127.0.0.1', 'true']);
    await login();
    await sshd.stop();
    await assert.rejects(login(), /Connection refused/);
    await sshd.start();
    await login();
    await sshd.stop();
    const publicKey = `${identityFile}.pub`;
    await using changed = await startSshd({ port, authorizedKeys: [publicKey] });
    assert.equal(changed.endpoint, sshd.endpoint);
    await assert.rejects(login(), /HOST IDENTIFICATION HAS CHANGED/);
    const other = await makeSshKey(dirname(identityFile), 'other');
    await assert.rejects(
      runCommand('ssh', [
        ...sshOptions(other.file, changed.knownHosts, port),
        'root@127.0.0.1',
        'true',
      ]),
      /Permission denied/,
    );
  });

  test('a registry with htpasswd asks for exactly that password', async () => {
    const htpasswd = { username: 'someone', password: 'pässword:with colon' };
    await using registry = await startRegistry({ htpasswd });
    const ask = (auth?: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = auth === undefined ? {} : { authorization: `Basic ${base64(auth)}` };
        const get = request(`http://${registry.address}/v2/`, { headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        get.on('error', reject);
        get.end();
      });
    assert.equal(await ask(), 401);
    assert.equal(await ask('someone:wrong'), 401);
    assert.equal(await ask(`${htpasswd.username}:${htpasswd.password}`), 200);
  });

  test('a daemon ends with its owner, even by SIGKILL, and the next one tidies up', async () => {
    const index = new URL('./index.ts', import.meta.url).href;
    const program = `
      import { startRegistry } from ${JSON.stringify(index)};
      const registry = await startRegistry();
      console.log(JSON.stringify([registry.pid, registry.directory]));
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const [pid, folder] = JSON.parse(line.toString()) as [number, string];
    assert.ok(isAlive(pid));
    owner.kill('SIGKILL');
    await waitUntil(() => !isAlive(pid), { what: 'end of the registry', deadlineMs: 5000 });
    assert.ok(existsSync(folder));
    await using _next = await startRegistry();
    assert.ok(!existsSync(folder));
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function sshOptions(identityFile: string, knownHosts: string, port: number): string[] {
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
  ].flatMap((option) => ['-o', option]);
  return ['-F', '/dev/null', '-i', identityFile, '-p', String(port), ...options];
}

const BASE_DIFF_IDS = [
  'sha256:efddbba1f9e0df610cf85ee114dda12832b8768daafc0cfe80238a40f2626804',
  'sha256:3aa80f8d11c05b7397ea344b0fb984e6c03f3e7109a1d9047235ff8b0d3535db',
  'sha256:fb7342b586cda9007446ee30f6a411857032aed91c987fa734d4bfa995388a21',
];

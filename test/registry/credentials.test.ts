import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CredentialSource } from '../../src/registry/credentials.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('registry credentials', () => {
  let folder: string;
  const path = process.env['PATH'];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dockgraph-credentials-'));
    process.env['PATH'] = `${folder}:${path}`;
    // A real helper: tells what it was asked, counts its calls, knows two servers.
    helper(
      'lab',
      `read server; echo "$server" >> ${folder}/asked
       case "$server" in
         registry:5000) echo '{"ServerURL":"registry:5000","Username":"hana","Secret":"s3cret"}';;
         token.example) echo '{"Username":"<token>","Secret":"idtok"}';;
         broken.example) echo 'a secret that must not be shown';;
         *) echo 'credentials not found in native keychain'; exit 1;;
       esac`,
    );
    helper('failing', 'echo "the password is hunter2"; exit 3');
  });
  after(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  const helper = (name: string, script: string) => {
    const file = join(folder, `docker-credential-${name}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };
  const file = (name: string, config: unknown) => {
    const at = join(folder, name);
    writeFileSync(at, typeof config === 'string' ? config : JSON.stringify(config));
    return at;
  };

  it('come from auths, by host or by the address that docker login wrote', async () => {
    const source = new CredentialSource([
      file('a.json', {
        auths: {
          'registry:5000': { auth: base64('ann:p:w') },
          'https://index.docker.io/v1/': { auth: base64('hub:pw') },
          'https://quay.example/v2/': { username: 'q', password: 'w' },
          'id.example': { identitytoken: 'tok' },
          'empty.example': {},
        },
      }),
    ]);
    assert.deepEqual(await source.find('registry:5000'), {
      serveraddress: 'registry:5000',
      username: 'ann',
      password: 'p:w',
    });
    assert.deepEqual(await source.find('docker.io'), {
      serveraddress: 'https://index.docker.io/v1/',
      username: 'hub',
      password: 'pw',
    });
    assert.equal(((await source.find('quay.example')) as any).username, 'q');
    assert.deepEqual(await source.find('id.example'), {
      serveraddress: 'id.example',
      identitytoken: 'tok',
    });
    assert.equal(await source.find('empty.example'), undefined);
    assert.equal(await source.find('unknown.example'), undefined);
  });

  it('come from a helper before auths: its own for the registry, else the store', async () => {
    const source = new CredentialSource([
      file('b.json', {
        auths: {
          'registry:5000': { auth: base64('ann:old') },
          'plain.example': { auth: base64('ann:pw') },
        },
        credHelpers: { 'token.example': 'lab' },
        credsStore: 'lab',
      }),
    ]);
    assert.deepEqual(await source.find('registry:5000'), {
      serveraddress: 'registry:5000',
      username: 'hana',
      password: 's3cret',
    });
    assert.deepEqual(await source.find('token.example'), {
      serveraddress: 'token.example',
      identitytoken: 'idtok',
    });
    assert.equal(
      ((await source.find('plain.example')) as any).password,
      'pw',
      'a helper without an answer is passed over',
    );
  });

  it('of the first file win, and a file that changed is read anew', async () => {
    const own = file('own.json', { auths: {} });
    const dockers = file('docker.json', { auths: { 'r.example': { auth: base64('docker:1') } } });
    const source = new CredentialSource([own, dockers, join(folder, 'not-there.json')]);
    assert.equal(((await source.find('r.example')) as any).username, 'docker');
    file('own.json', { auths: { 'r.example': { auth: base64('own:22') } } });
    assert.equal(((await source.find('r.example')) as any).username, 'own');
  });

  it('are asked of a helper once for all who want them at once, and again after a while', async () => {
    helper('slow', `echo asked >> ${folder}/slow; sleep 0.2; echo '{"Username":"u","Secret":"s"}'`);
    const asked = () => readFileSync(join(folder, 'slow'), 'utf8').split('\n').length - 1;
    const source = new CredentialSource([file('slow.json', { credsStore: 'slow' })], {
      keepMs: 100,
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => source.find('r.example')));
    assert.equal(new Set(all.map((found) => JSON.stringify(found))).size, 1);
    assert.equal(asked(), 1);
    await source.find('r.example');
    assert.equal(asked(), 1);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await source.find('r.example');
    assert.equal(asked(), 2);
  });

  it('of a helper that hangs or never ends its answer are given up, and it is ended', async () => {
    helper('hanging', `trap '' TERM; echo $$ > ${folder}/pid; exec sleep 100`);
    helper('endless', 'exec yes secret');
    const hanging = new CredentialSource([file('hanging.json', { credsStore: 'hanging' })], {
      helperDeadlineMs: 300,
    });
    await assert.rejects(hanging.find('r.example'), { code: 'TIMEOUT' });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    const isThere = () => existsSync(`/proc/${pid}/exe`);
    for (let n = 0; n < 100 && isThere(); n++) await new Promise((r) => setTimeout(r, 20));
    assert.ok(!isThere(), 'the helper was ended');
    const endless = new CredentialSource([file('endless.json', { credsStore: 'endless' })]);
    await assert.rejects(endless.find('r.example'), { code: 'FORBIDDEN', message: /too much/ });
  });

  it('are where docker login left them, in odd files too', async () => {
    const source = new CredentialSource([
      file('odd.json', {
        auths: {
          'index.docker.io': { auth: base64('hub:pw\0\0') },
          'odd.example': { auth: 5, username: 'u', password: 'p' },
          'null.example': null,
          'text.example': 'x',
          'colon.example': { auth: base64('no-colon') },
        },
        credHelpers: { 'number.example': 5, constructor: 'x' },
        credsStore: 7,
      }),
    ]);
    const password = async (registry: string) => ((await source.find(registry)) as any)?.password;
    assert.equal(await password('docker.io'), 'pw');
    assert.equal(await password('odd.example'), 'p');
    for (const name of ['null', 'text', 'colon', 'number']) {
      assert.equal(await source.find(`${name}.example`), undefined);
    }
    assert.equal(await source.find('toString'), undefined);
  });

  it('errors say what is wrong and show nothing of what was read', async () => {
    const refusals: [config: unknown, registry: string, message: RegExp][] = [
      [
        { credsStore: 'failing' },
        'r.example',
        /docker-credential-failing failed for r\.example: it ended with code 3/,
      ],
      [{ credsStore: 'lab' }, 'broken.example', /did not answer with JSON/],
      [{ credsStore: 'missing' }, 'r.example', /not on the PATH/],
      [{ credsStore: '../evil' }, 'r.example', /its name is not allowed/],
      ['{"auths": {"r": {"auth": "c2VjcmV0', 'r.example', /cannot be read as JSON/],
      ['null', 'r.example', /holds no JSON object/],
      ['["secret"]', 'r.example', /holds no JSON object/],
      [`"${'secret'.repeat(200_000)}"`, 'r.example', /is larger than 1 MiB/],
    ];
    for (const [at, [config, registry, message]] of refusals.entries()) {
      const source = new CredentialSource([file(`bad-${at}.json`, config)]);
      await assert.rejects(source.find(registry), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(JSON.stringify(error) + error.message, /hunter2|secret|c2Vj/);
        return true;
      });
    }
  });
});

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { AllowedRegistries } from '../../src/registry/allowed-registries.ts';
import { CredentialSource } from '../../src/registry/credentials.ts';
import { Registries } from '../../src/registry/registries.ts';

const tls = (host: string) => ({ host, plainHttp: false });

suite('the registries that may be asked', () => {
  test('are those that are listed, each in the way that is meant', () => {
    const allowed = new AllowedRegistries([
      tls('registry.example:5000'),
      tls('127.0.0.1:5000'),
      tls('localhost:5000'),
      tls('[::1]:5000'),
      { host: 'old.example', plainHttp: true },
    ]);
    assert.deepEqual(allowed.schemesOf('registry.example:5000'), ['https']);
    assert.deepEqual(allowed.schemesOf('Registry.Example:5000'), ['https']);
    for (const loopback of ['127.0.0.1:5000', 'localhost:5000', '[::1]:5000']) {
      assert.deepEqual(allowed.schemesOf(loopback), ['https', 'http']);
    }
    assert.deepEqual(allowed.schemesOf('old.example'), ['http']);
    const others = [
      'registry.example',
      'registry.example:5001',
      'evil.registry.example:5000',
      '127.0.0.2:5000',
      '169.254.169.254',
      'docker.io',
    ];
    for (const other of others) {
      assert.throws(
        () => allowed.schemesOf(other),
        (error: any) => {
          assert.equal(error.code, 'FORBIDDEN');
          assert.match(error.message, /allowed are registry\.example:5000, 127\.0\.0\.1:5000, /);
          assert.equal(error.details.hint, `add ${other} to DOCKGRAPH_REGISTRIES of the gateway`);
          return true;
        },
      );
    }
    assert.throws(() => new AllowedRegistries([]).schemesOf('a.example'), {
      message: /none is allowed$/,
    });
  });

  test('get tokens from their own host and port, or from one that is listed', () => {
    const allowed = new AllowedRegistries([
      tls('registry.example:5000'),
      tls('auth.example'),
      tls('docker.io'),
      tls('127.0.0.1:6000'),
    ]);
    const check = (realm: string, asked = 'https://registry.example:5000/v2/') =>
      allowed.assertTokenService('registry.example:5000', new URL(asked), new URL(realm));
    check('https://registry.example:5000/token');
    check('https://auth.example/token');
    check('https://auth.example:443/token');
    check('http://127.0.0.1:6000/token');
    allowed.assertTokenService(
      'docker.io',
      new URL('https://registry-1.docker.io/v2/'),
      new URL('https://auth.docker.io/token'),
    );
    const refused = [
      'https://registry.example/token',
      'http://registry.example:5000/token',
      'http://auth.example/token',
      'https://auth.example:8443/token',
      'https://auth.example.evil/token',
      'http://169.254.169.254/latest/meta-data',
    ];
    for (const realm of refused) assert.throws(() => check(realm), { code: 'FORBIDDEN' }, realm);
  });

  test('are named as in references', async () => {
    const registries = new Registries({
      allowed: [tls('docker.io'), tls('a.example')],
      credentials: new CredentialSource([]),
      certificates: '/nonexistent',
    });
    assert.equal((await registries.open('index.docker.io')).registry, 'docker.io');
    assert.equal((await registries.open('a.example')).registry, 'a.example');
    const odd = ['team', '', 'a.example/team', 'https://a.example', 'me@a.example', 'a b', '..:1'];
    for (const name of odd) {
      await assert.rejects(registries.open(name), { code: 'BAD_REFERENCE' }, name);
    }
  });

  test('with an authority that cannot be read say which file it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dockgraph-certs-'));
    try {
      await mkdir(join(folder, 'a.example:5000'));
      await writeFile(join(folder, 'a.example:5000', 'ca.crt'), 'no certificate');
      const registries = new Registries({
        allowed: [tls('a.example:5000')],
        credentials: new CredentialSource([]),
        certificates: folder,
      });
      await assert.rejects(registries.open('a.example:5000'), {
        code: 'ENGINE_ERROR',
        message: /a\.example:5000\/ca\.crt is no readable certificate/,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

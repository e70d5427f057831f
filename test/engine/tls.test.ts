import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { openEngine } from '../../src/engine/open-engine.ts';
import { selfSigned } from '../config/self-signed.ts';
import { FakeEngine } from '../support/fake-engine.ts';

/** The error of connecting to an engine whose certificate is this one, and trusted. */
async function connectError(certificate: { cert: string; key: string }) {
  const directory = await mkdtemp(join(tmpdir(), 'dockgraph-tls-'));
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, certificate.cert);
  await using fake = await FakeEngine.start({ tls: certificate });
  assert.ok(fake.endpoint.transport === 'TLS');
  const engine = openEngine({ ...fake.endpoint, caFile }, { host: 'bravo' });
  try {
    return await engine.connect().then(
      () => assert.fail('it should have been refused'),
      (thrown: unknown) => thrown as { code: string; message: string },
    );
  } finally {
    await engine.close();
    await rm(directory, { recursive: true });
  }
}

suite("an engine's certificate", () => {
  test('for another name is refused, and the names are told', async () => {
    const error = await connectError(selfSigned('other.example'));
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /certificate is for another name: .*127\.0\.0\.1/);
  });

  test('that has expired is refused', async () => {
    const error = await connectError(selfSigned('127.0.0.1', { expired: true }));
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /has expired; renew it on the host/);
  });
});

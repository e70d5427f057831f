import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import type { EngineEndpoint, TlsEndpoint } from '../../src/engine/endpoint.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { lab, startEngine } from '../lab/index.ts';
import type { EngineRelease, Lab, TlsFiles } from '../lab/index.ts';
import { labTlsEndpoint } from '../support/lab-endpoint.ts';

async function connectError(endpoint: EngineEndpoint): Promise<{ code: string; message: string }> {
  const engine = openEngine(endpoint, { host: 'bravo', connectTimeoutMs: 5_000 });
  try {
    const error = await engine.connect().then(
      () => assert.fail('it should have been refused'),
      (thrown: unknown) => thrown as { code: string; message: string; host: string },
    );
    assert.equal(error.host, 'bravo');
    return error;
  } finally {
    await engine.close();
  }
}

async function connects(endpoint: EngineEndpoint): Promise<void> {
  const engine = openEngine(endpoint, { host: 'bravo', connectTimeoutMs: 5_000 });
  try {
    await engine.connect();
    assert.ok(Array.isArray(await engine.listImages()));
  } finally {
    await engine.close();
  }
}

interface Refusal {
  name: string;
  change: (theLab: Lab) => Partial<TlsEndpoint>;
  code: string;
  message: RegExp;
}

const client = ({ cert, key }: TlsFiles) => ({ certFile: cert, keyFile: key });

const REFUSALS: Refusal[] = [
  {
    name: 'a client certificate of a foreign authority',
    change: ({ negative }) => client(negative.tls.foreignClient),
    code: 'HOST_AUTH_FAILED',
    message: /refused our client certificate: .*cert\.pem was not signed by an authority/,
  },
  {
    name: 'an expired client certificate',
    change: ({ negative }) => client(negative.tls.expiredClient),
    code: 'HOST_AUTH_FAILED',
    message: /refused our client certificate: .*cert\.pem expired on 2020-\d\d-\d\d: renew it/,
  },
  {
    name: 'a certificate of the engine that our authority did not sign',
    change: ({ negative }) => ({ caFile: negative.tls.wrongCa.ca }),
    code: 'HOST_AUTH_FAILED',
    message: /the engine's certificate is not signed by .*ca\.pem; set tls\.ca/,
  },
  {
    name: 'a key that does not belong to the certificate',
    change: ({ negative }) => ({ keyFile: negative.tls.foreignClient.key }),
    code: 'HOST_AUTH_FAILED',
    message: /cannot be used: .*key values mismatch; ca .*cert .*key /,
  },
  {
    name: 'a certificate file that is not there',
    change: () => ({ certFile: '/nonexistent/cert.pem' }),
    code: 'HOST_AUTH_FAILED',
    message: /cannot read the client certificate of bravo: ENOENT.*\/nonexistent\/cert\.pem/,
  },
];

suite('TLS', () => {
  let theLab: Lab;
  before(async () => {
    theLab = await lab();
  });

  for (const { name, change, code, message } of REFUSALS) {
    test(`${name} is refused in words that help`, async () => {
      const error = await connectError({ ...labTlsEndpoint(theLab), ...change(theLab) });
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
    });
  }

  test('no client certificate is refused in words that help', async () => {
    const { certFile: _cert, keyFile: _key, ...endpoint } = labTlsEndpoint(theLab);
    const error = await connectError(endpoint);
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /none is configured: set tls\.cert and tls\.key/);
  });

  test("the system's authorities do not know the lab's", async () => {
    const { caFile: _, ...endpoint } = labTlsEndpoint(theLab);
    const error = await connectError(endpoint);
    assert.equal(error.code, 'HOST_AUTH_FAILED');
    assert.match(error.message, /not signed by the authorities of this system/);
    await connects({ ...endpoint, skipVerify: true });
  });

  test('plain HTTP to it is told to want TLS', async () => {
    const { host, port } = labTlsEndpoint(theLab);
    const error = await connectError({ transport: 'TCP', host, port });
    assert.equal(error.code, 'ENGINE_ERROR');
    assert.match(error.message, /wants TLS on this port/);
  });

  test('to a plain port is told to be none', async () => {
    const { port } = new URL(theLab.hosts.delta.endpoint);
    const error = await connectError({ ...labTlsEndpoint(theLab), port: Number(port) });
    assert.equal(error.code, 'HOST_UNREACHABLE');
    assert.match(error.message, /does not speak TLS/);
  });

  for (const release of ['20.10', '26.1'] as EngineRelease[]) {
    test(`${release}: what is refused with TLS 1.3 after the handshake is told all the same`, async () => {
      await using engine = await startEngine({ release, listen: 'tcp', tls: theLab.serverTls });
      const { port } = new URL(engine.endpoint);
      const endpoint = { ...labTlsEndpoint(theLab), port: Number(port) };
      await connects(endpoint);
      for (let n = 0; n < 20; n++) {
        const foreign = client(theLab.negative.tls.foreignClient);
        const error = await connectError({ ...endpoint, ...foreign });
        assert.equal(error.code, 'HOST_AUTH_FAILED', error.message);
      }
    });
  }

  test('certificates are read anew at every connection', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dockgraph-tls-'));
    const good = labTlsEndpoint(theLab);
    const certFile = join(directory, 'cert.pem');
    const keyFile = join(directory, 'key.pem');
    const { foreignClient } = theLab.negative.tls;
    await copyFile(foreignClient.cert, certFile);
    await copyFile(foreignClient.key, keyFile);
    const engine = openEngine({ ...good, certFile, keyFile }, { host: 'bravo' });
    await assert.rejects(engine.connect(), { code: 'HOST_AUTH_FAILED' });
    await copyFile(good.certFile!, certFile);
    await copyFile(good.keyFile!, keyFile);
    await engine.connect();
    await engine.close();
    await rm(directory, { recursive: true });
  });
});

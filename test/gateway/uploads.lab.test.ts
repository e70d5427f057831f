import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '../../src/common/digest.ts';
import { HOST_NAMES, lab } from '../lab/index.ts';
import type { Lab } from '../lab/index.ts';
import { writeTar } from '../lab/seed/tar-writer.ts';
import { UploadGateway } from './upload-gateway.ts';

const everywhere = { hosts: { all: true }, waitSeconds: 120 };
const NAME = 'dockgraph-uploads';

/** As the programs of these names compress. */
async function packed(tar: Buffer, program: 'bzip2' | 'xz'): Promise<Buffer> {
  const running = promisify(execFile)(program, ['-c'], { encoding: 'buffer' });
  running.child.stdin!.end(tar);
  return (await running).stdout;
}

// The lab's engines are shared: what is made here has a name of its own, and goes again.
describe('uploads on all engines of the lab at once', () => {
  let engines: Lab;
  let gateway: UploadGateway;
  let root: Buffer;
  let context: Buffer;

  before(async () => {
    engines = await lab();
    const unique = Buffer.from(`made at ${Date.now()} by ${process.pid}\n`);
    root = await buffer(writeTar([{ path: 'hello', content: unique }]));
    const dockerfile = Buffer.from('FROM scratch\nCOPY app /app\nLABEL from=upload\n');
    context = await buffer(
      writeTar([
        { path: 'Dockerfile', content: dockerfile },
        { path: 'app', folder: true },
        { path: 'app/file', content: unique },
        { path: 'app/large', content: Buffer.alloc(3_000_000, unique) },
      ]),
    );
    gateway = await UploadGateway.start(engines.hostsFile);
  });
  after(async () => {
    await gateway?.[Symbol.asyncDispose]();
    for (const host of HOST_NAMES) {
      const format = '{{.Repository}}:{{.Tag}}';
      const listed = await engines.docker(host, ['images', '--format', format, `${NAME}/*`]);
      const names = listed.split('\n').filter((name) => name !== '');
      // By name: an image goes once no other is built on it.
      if (names.length > 0) await engines.docker(host, ['rmi', ...names]);
    }
  });

  const layersOf = (operation: any): string[][] =>
    operation.tasks.map(({ result }: any) =>
      result.image.image.layers.map(({ diffId }: any) => diffId),
    );

  const succeeded = (operation: any, names: readonly string[] = HOST_NAMES) => {
    assert.equal(operation.state, 'SUCCEEDED', JSON.stringify(operation));
    assert.deepEqual(
      operation.tasks.map(({ hostName }: any) => hostName).toSorted(),
      names.toSorted(),
    );
    return operation;
  };

  it('imports a root file system, plain and compressed', async () => {
    // Engines call a program for xz, which those of 26.1 do not have in the lab.
    const withXz = HOST_NAMES.filter((name) => engines.hosts[name].release === '20.10');
    assert.ok(withXz.length > 0);
    const forms: [string, Buffer, readonly string[]][] = [
      ['plain', root, HOST_NAMES],
      ['gzip', gzipSync(root), HOST_NAMES],
      ['bzip2', await packed(root, 'bzip2'), HOST_NAMES],
      ['xz', await packed(root, 'xz'), withXz],
      ['zstd', zstdCompressSync(root), HOST_NAMES],
    ];
    for (const [form, tar, names] of forms) {
      const upload = await gateway.upload(tar);
      const reference = `${NAME}/root:${form}`;
      const operation = succeeded(
        await gateway.run('importImage', { ...everywhere, hosts: { names }, upload, reference }),
        names,
      );
      // Whatever it came in, it is the same tar: docker hashes layers as they are unpacked.
      for (const layers of layersOf(operation)) assert.deepEqual(layers, [digestOf(root)]);
      for (const { result } of operation.tasks) {
        const comment = `Imported from upload ${digestOf(tar)}`;
        assert.equal(result.image.image.comment, comment);
      }
    }
  });

  it('builds a context, plain and compressed', async () => {
    for (const [form, tar] of [
      ['plain', context],
      ['gzip', gzipSync(context)],
      ['zstd', zstdCompressSync(context)],
    ] as const) {
      const upload = await gateway.upload(tar);
      const tags = [`${NAME}/built:${form}`];
      const operation = succeeded(
        await gateway.run('buildImage', { ...everywhere, context: { upload }, tags }),
      );
      for (const layers of layersOf(operation)) assert.equal(layers.length, 1);
    }
  });

  it('retries a build that failed, from the same upload', async () => {
    const dockerfile = Buffer.from(`FROM ${NAME}/later:1\nCOPY file /file\n`);
    const tar = await buffer(
      writeTar([
        { path: 'Dockerfile', content: dockerfile },
        { path: 'file', content: Buffer.from(`${process.pid}\n`) },
      ]),
    );
    const upload = await gateway.upload(tar);
    const input = { ...everywhere, context: { upload }, tags: [`${NAME}/retried:1`] };
    const failed = await gateway.run('buildImage', input);
    assert.equal(failed.state, 'FAILED', JSON.stringify(failed));
    const base = await gateway.upload(root);
    const reference = `${NAME}/later:1`;
    succeeded(await gateway.run('importImage', { ...everywhere, upload: base, reference }));
    const { id } = failed;
    const retried = succeeded(await gateway.run('retryOperation', { id, waitSeconds: 120 }));
    for (const { attempts } of retried.tasks) assert.equal(attempts, 2);
    for (const layers of layersOf(retried)) assert.equal(layers.length, 2);
    assert.equal((await gateway.remove(upload)).status, 204);
  });

  it('passes on what engines say of a tar that is cut', async () => {
    const upload = await gateway.upload(gzipSync(context).subarray(0, 2_000));
    const reference = `${NAME}/cut:1`;
    const { state, tasks } = await gateway.run('importImage', { ...everywhere, upload, reference });
    assert.equal(state, 'FAILED', JSON.stringify(tasks));
    for (const { error } of tasks) assert.match(error.message, /EOF/i);
  });
});

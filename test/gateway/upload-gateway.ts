import assert from 'node:assert/strict';
import { readdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../src/config/settings.ts';
import { startGateway } from '../../src/gateway.ts';
import type { Gateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/http/logger.ts';

/** What an operation of these tests is asked for. */
const FIELDS = `id state logTail input tasks { hostName state attempts error { code message hint retryable }
  progress { phase currentBytes totalBytes }
  result { ... on BuildImageResult { engineId image { image { layers { diffId } } } }
    ... on ImportImageResult { engineId image { image { comment layers { diffId } } } } } }`;

/** A gateway in this process, whose uploads a test looks at; it can be started anew. */
export class UploadGateway implements AsyncDisposable {
  readonly #folder: string;
  readonly #hostsFile: string;
  #gateway!: Gateway;

  private constructor(folder: string, hostsFile: string) {
    this.#folder = folder;
    this.#hostsFile = hostsFile;
  }

  static async start(hostsFile: string): Promise<UploadGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'dockgraph-uploading-'));
    const gateway = new UploadGateway(folder, hostsFile);
    await gateway.open();
    return gateway;
  }

  /** Starts it, over the data of an earlier one; resolves when every host was tried. */
  async open(): Promise<void> {
    const environment = {
      variables: {},
      homeDir: this.#folder,
      userName: 'me',
      workingDir: this.#folder,
      systemSshDir: this.#folder,
    };
    const flags = { config: this.#hostsFile, listen: '127.0.0.1:0', 'data-dir': 'data' };
    const settings = readSettings(flags, environment);
    this.#gateway = await startGateway(settings, environment, createLogger({ level: 'silent' }));
    await this.#gateway.fleet.settled(AbortSignal.timeout(30_000));
  }

  close(): Promise<void> {
    return this.#gateway.close({ graceMs: 0 });
  }

  /** Sends a tar ahead; its ID. */
  async upload(tar: Uint8Array): Promise<string> {
    const response = await fetch(`${this.#gateway.url}/uploads`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-tar' },
      body: tar as Uint8Array<ArrayBuffer>,
    });
    const answer = (await response.json()) as { id: string };
    assert.equal(response.status, 201, JSON.stringify(answer));
    return answer.id;
  }

  /** Removes it; the HTTP status and the error. */
  async remove(id: string): Promise<{ status: number; error: any }> {
    const response = await fetch(`${this.#gateway.url}/uploads/${id}`, { method: 'DELETE' });
    const text = await response.text();
    return { status: response.status, error: text === '' ? null : JSON.parse(text).errors[0] };
  }

  /** Lets all uploads expire while the gateway is not running. */
  async expire(): Promise<void> {
    const folder = join(this.#folder, 'data', 'uploads');
    const before = Date.now() / 1000 - 25 * 3600;
    for (const file of await readdir(folder)) await utimes(join(folder, file), before, before);
  }

  async query(query: string, variables: object): Promise<any> {
    const response = await fetch(`${this.#gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  }

  /** Runs a mutation that starts or changes an operation; answers the operation. */
  async run(mutation: string, input: object): Promise<any> {
    const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
    const text = `mutation ($input: ${type}!) { ${mutation}(input: $input) { operation { ${FIELDS} } } }`;
    const { data, errors } = await this.query(text, { input });
    assert.deepEqual(errors ?? [], []);
    return data[mutation].operation;
  }

  /** Waits until an operation is final. */
  async ended(id: string): Promise<any> {
    const text = `query ($id: ID!) { operation(id: $id, waitSeconds: 60) { ${FIELDS} } }`;
    const { data, errors } = await this.query(text, { id });
    assert.deepEqual(errors ?? [], []);
    return data.operation;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

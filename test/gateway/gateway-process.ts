import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const DEADLINE_MS = 15_000;

/** What a command printed and how it ended. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the CLI to its end, with an empty home. */
export async function runCli(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const home = mkdtempSync(join(tmpdir(), 'dockgraph-home-'));
  const child = start(args, { HOME: home, ...env });
  const output = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  rmSync(home, { recursive: true, force: true });
  return { code, ...output };
}

/** A gateway as an operator runs it: a process of its own. */
export class GatewayProcess implements AsyncDisposable {
  /** A folder of its own, removed at the end. */
  readonly folder = mkdtempSync(join(tmpdir(), 'dockgraph-gateway-'));
  url = '';
  readonly #log: { msg?: string }[] = [];
  readonly #listeners = new Set<() => void>();
  #child: ChildProcess | undefined;

  /** Starts `serve` on a free port; resolves when it listens. */
  async serve(args: string[], env: NodeJS.ProcessEnv = {}): Promise<this> {
    const own = ['--listen', '127.0.0.1:0', '--data-dir', join(this.folder, 'data')];
    this.#log.length = 0;
    this.#child = start(['serve', ...own, ...args], env);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#log.push(JSON.parse(line) as object);
      for (const listener of this.#listeners) listener();
    });
    const [, url] = await this.logged(/^GraphQL at (\S+)\/graphql/);
    this.url = url!;
    return this;
  }

  /** Resolves with the match when a log line's message fits, at once if one did. */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    const find = () => this.#log.map(({ msg }) => pattern.exec(msg ?? '')).find((match) => match);
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = find();
      if (match) resolve(match);
    };
    const timer = setTimeout(
      () => reject(new Error(`never logged ${pattern}: ${JSON.stringify(this.#log)}`)),
      DEADLINE_MS,
    );
    this.#listeners.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(look);
    }
  }

  async ask(
    query: string,
    headers: Record<string, string> = {},
    variables: Record<string, unknown> = {},
  ): Promise<any> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }

  /** Sends the signal; resolves with the exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child!;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child) await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Only what is given of the environment: nothing of the machine's docker. */
function start(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const { PATH } = process.env;
  return spawn(process.execPath, [MAIN, ...args], {
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

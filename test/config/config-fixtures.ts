import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Environment } from '../../src/config/environment.ts';

/** A folder of its own for a test: `home/` is the user's, `etc-ssh/` stands for /etc/ssh. */
export interface TestFolder {
  path: string;
  home: string;
  /** Writes files by their paths in the folder, making folders on the way. */
  write(files: Record<string, string>): Promise<void>;
  /** Absolute path of a file in it. */
  file(name: string): string;
  environment(variables?: Record<string, string>): Environment;
}

export async function testFolder(t: TestContext): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'dockgraph-config-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  const file = (name: string) => join(path, name);
  return {
    path,
    home: file('home'),
    file,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(file(name)), { recursive: true });
        await writeFile(file(name), content);
      }
    },
    environment: (variables = {}) => ({
      variables,
      homeDir: file('home'),
      userName: 'me',
      workingDir: path,
      systemSshDir: file('etc-ssh'),
    }),
  };
}

/** The problems of the ConfigError that `work` must end with, as `file:line:column message`. */
export async function problemsOf(work: () => unknown): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof ConfigError, `a ConfigError, not ${String(error)}`);
    for (const { message } of error.problems.slice(0, 50))
      assert.ok(error.message.includes(message));
    return error.problems.map(({ file, line, column, message }) =>
      [line === undefined ? file : `${line}:${column}`, message].filter(Boolean).join(' '),
    );
  }
  return assert.fail('expected a ConfigError');
}

import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { freePort, waitUntil } from '../lab/index.ts';

const run = promisify(execFile);

/** Git's own server on loopback, with one repository. */
export interface GitServer extends AsyncDisposable {
  /** `git://127.0.0.1:PORT`; the repository is `repo.git` there. */
  readonly url: string;
}

/** Starts one whose branch `topic` has these files; the default branch has none. */
export async function startGitServer(files: Record<string, string>): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'dockgraph-git-'));
  const work = join(root, 'work');
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: work });
  await mkdir(work);
  await git('init', '--quiet', '--initial-branch=main');
  await git('commit', '--quiet', '--allow-empty', '--message=empty');
  await git('checkout', '--quiet', '-b', 'topic');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), content);
  }
  await git('add', '.');
  await git('commit', '--quiet', '--message=files');
  await git('clone', '--quiet', '--bare', '.', join(root, 'repo.git'));
  const port = await freePort();
  const daemon = spawn('git', [
    'daemon',
    '--export-all',
    '--reuseaddr',
    '--listen=127.0.0.1',
    `--port=${port}`,
    `--base-path=${root}`,
    root,
  ]);
  await waitUntil(() => answers(port), { what: 'git daemon', deadlineMs: 10_000 });
  return {
    url: `git://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await ended;
      await rm(root, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

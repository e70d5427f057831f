/*
 * One long-running program in namespaces of its own (mount, UTS, PID), as if on a machine of its
 * own: its own host name, /etc, /run and, for the newer engines, /usr.
 *
 * setpriv (throw-away only) → unshare → sh, which is process 1 of the PID namespace → the program.
 * When process 1 ends the kernel ends everything else in the namespace (containerd, shims,
 * containers, ssh sessions) and its mounts go too: so nothing can be left behind, however hard
 * the program was killed.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeEtc } from './daemon-etc.ts';
import type { ProcessIdentity } from './process-identity.ts';
import {
  childrenOf,
  identifyProcess,
  isRunning,
  programOf,
  signalProcess,
} from './process-identity.ts';
import { waitUntil } from './wait-until.ts';

/** What to run and what it sees of the machine. */
interface DaemonSpec {
  /** Its host name. */
  readonly name: string;
  /** Its folder; the caller's files in it are left alone, except `etc`. */
  readonly directory: string;
  readonly command: readonly [string, ...string[]];
  /** A folder to use as /usr, for programs of another Debian release. */
  readonly usr?: string | undefined;
  /** Files under its /etc besides the few that every program needs: path → content. */
  readonly etc?: Readonly<Record<string, string>> | undefined;
  /** Symbolic links in its /run: name → target. */
  readonly run?: Readonly<Record<string, string>> | undefined;
  /** Ends with the process that started it, even when that one is killed. */
  readonly throwAway: boolean;
}

/** The processes of a daemon, as kept in `daemon.json` in its folder. */
interface DaemonProcesses {
  readonly supervisor: ProcessIdentity;
  /** Not known yet in the first moments. */
  readonly program?: ProcessIdentity | undefined;
}

/** Arguments: directory, /usr to use or empty, host name, number of links, links…, command…. */
const SANDBOX = `set -e
directory=$1 usr=$2 links=$4
echo "$3" > /proc/sys/kernel/hostname
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/sshd
shift 4
while [ "$links" -gt 0 ]; do ln -s "$2" "/run/$1"; shift 2; links=$((links - 1)); done
mount --bind "$directory/etc" /etc
if [ -n "$usr" ]; then mount --bind "$usr" /usr; fi
set +e
"$@"
exit $?`;

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 15_000;
const KILL_DEADLINE_MS = 15_000;

/** A program in namespaces of its own; survives us unless it is throw-away. */
export class Daemon {
  readonly #spec: DaemonSpec;
  #processes: DaemonProcesses | undefined;

  constructor(spec: DaemonSpec) {
    this.#spec = spec;
  }

  /** Its number as this machine sees it; it has another one in its own namespace. */
  get pid(): number | undefined {
    return this.running ? this.#processes?.program?.pid : undefined;
  }

  get running(): boolean {
    const program = this.#processes?.program;
    return program !== undefined && isRunning(program);
  }

  get logFile(): string {
    return join(this.#spec.directory, 'daemon.log');
  }

  /** Finds the processes that an earlier run of ours started in this folder. */
  async attach(): Promise<void> {
    this.#processes = await readProcesses(this.#spec.directory);
  }

  /** Starts it and waits until `ready` answers true; fails at once when it ends before that. */
  async start(ready: () => Promise<boolean>): Promise<void> {
    const { directory, name } = this.#spec;
    await this.kill();
    await mkdir(directory, { recursive: true });
    await writeEtc(join(directory, 'etc'), name, this.#spec.etc ?? {});
    const supervisor = this.#spawn();
    await this.#keep({ supervisor });
    const program = await waitUntil(() => this.#findProgram(supervisor), {
      what: `start of ${name}`,
      deadlineMs: START_DEADLINE_MS,
    }).catch((error: unknown) => this.#failed(error));
    await this.#keep({ supervisor, program });
    await waitUntil(
      async () => {
        if (!isRunning(program)) throw new Error(`${name} ended while it started`);
        return ready();
      },
      { what: `readiness of ${name}`, deadlineMs: START_DEADLINE_MS },
    ).catch((error: unknown) => this.#failed(error));
  }

  /** SIGTERM, and SIGKILL when that does not help in time. */
  async stop(): Promise<void> {
    const processes = this.#processes;
    if (processes === undefined) return;
    if (processes.program !== undefined) signalProcess(processes.program, 'SIGTERM');
    await waitUntil(() => !isRunning(processes.supervisor), {
      what: `end of ${this.#spec.name}`,
      deadlineMs: STOP_DEADLINE_MS,
    }).catch(() => this.kill());
    this.#processes = undefined;
  }

  /** SIGKILL to the program, as in a crash; everything in its namespace goes with it. */
  async kill(): Promise<void> {
    const processes = this.#processes;
    if (processes === undefined) return;
    await killProcesses(processes);
    this.#processes = undefined;
  }

  /** The last lines it logged, for error messages. */
  async logTail(lines = 15): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    return log.trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Written before the program is known: whoever interrupts us, `down` finds it. */
  async #keep(processes: DaemonProcesses): Promise<void> {
    this.#processes = processes;
    await writeFile(join(this.#spec.directory, 'daemon.json'), JSON.stringify(processes));
  }

  async #failed(error: unknown): Promise<never> {
    await this.kill();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}; the end of ${this.logFile}:\n${await this.logTail()}`);
  }

  #spawn(): ProcessIdentity {
    const { directory, name, usr = '', run = {}, command, throwAway } = this.#spec;
    const links = Object.entries(run);
    const unshare = ['unshare', '-m', '-u', '-p', '-f', '--kill-child', '--mount-proc'];
    const sandbox = ['sh', '-c', SANDBOX, 'sh', directory, usr, name, String(links.length)];
    const argv = [...unshare, ...sandbox, ...links.flat(), ...command];
    const log = openSync(join(directory, 'daemon.log'), 'a');
    const child = spawn(
      throwAway ? 'setpriv' : 'env',
      throwAway ? ['--pdeathsig', 'KILL', ...argv] : argv,
      {
        detached: true,
        stdio: ['ignore', log, log],
        cwd: '/',
        env: { PATH, HOME: '/root', LANG: 'C.UTF-8' },
      },
    );
    closeSync(log);
    child.on('error', () => undefined);
    child.unref();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (identity === undefined) throw new Error(`${name} could not be started`);
    return identity;
  }

  #findProgram(supervisor: ProcessIdentity): ProcessIdentity | undefined {
    if (!isRunning(supervisor)) throw new Error(`${this.#spec.name} could not be started`);
    const wanted = basename(this.#spec.command[0]);
    for (const init of childrenOf(supervisor.pid)) {
      for (const pid of childrenOf(init)) {
        if (basename(programOf(pid)).startsWith(wanted)) return identifyProcess(pid);
      }
    }
    return undefined;
  }
}

async function readProcesses(directory: string): Promise<DaemonProcesses | undefined> {
  const text = await readFile(join(directory, 'daemon.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DaemonProcesses);
}

/** Process 1 of the namespace is killed: the kernel then ends all others before it is gone. */
async function killProcesses({ program, supervisor }: DaemonProcesses): Promise<void> {
  if (program !== undefined) signalProcess(program, 'SIGKILL');
  const init = isRunning(supervisor) ? childrenOf(supervisor.pid).map(identifyProcess) : [];
  for (const process of init) if (process !== undefined) signalProcess(process, 'SIGKILL');
  // It has not come to the point of having a child: then nothing else is there.
  if (init.length === 0) signalProcess(supervisor, 'SIGKILL');
  await waitUntil(() => !isRunning(supervisor) && !(program && isRunning(program)), {
    what: `end of process ${supervisor.pid}`,
    deadlineMs: KILL_DEADLINE_MS,
  });
}

/** Ends the daemon that an earlier process started in this folder, and removes the folder. */
export async function removeDaemon(directory: string): Promise<void> {
  const processes = await readProcesses(directory);
  if (processes !== undefined) await killProcesses(processes);
  await removeFolder(directory);
}

/** Removes a folder whose last mount may go away a moment after its last process. */
export async function removeFolder(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Options of {@link runCommand}. */
export interface CommandOptions {
  /** Written to the command's standard input, which is empty otherwise. */
  readonly input?: string | Uint8Array | Readable | undefined;
  /** The whole environment of the command; ours when left out. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  /** Aborting kills the command. */
  readonly signal?: AbortSignal | undefined;
  /** Show the command's output while it runs instead of keeping it. */
  readonly inherit?: boolean | undefined;
}

/** A command that could not be run, ended with a code other than 0 or was killed. */
export class CommandError extends Error {
  readonly stderr: string;
  readonly exitCode: number | null;

  constructor(what: string, stderr: string, exitCode: number | null) {
    super(`${what}${stderr === '' ? '' : `: ${stderr}`}`);
    this.name = 'CommandError';
    this.stderr = stderr;
    this.exitCode = exitCode;
  }
}

/** Runs a command to its end and answers its standard output; rejects with {@link CommandError}. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { input, inherit = false } = options;
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { signal: options.signal, killSignal: 'SIGKILL' }),
    stdio: [
      input === undefined ? 'ignore' : 'pipe',
      inherit ? 'inherit' : 'pipe',
      inherit ? 'inherit' : 'pipe',
    ],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    const what = [command, ...args].join(' ');
    child.on('error', (error) => reject(new CommandError(`${what}: ${error.message}`, '', null)));
    child.on('close', (code, signal) => {
      const complaint = Buffer.concat(stderr).toString().trim();
      if (code === 0) resolve();
      else reject(new CommandError(`${what} (${code ?? signal})`, complaint, code));
    });
  });
  if (input !== undefined && child.stdin !== null) {
    const source = input instanceof Readable ? input : Readable.from([Buffer.from(input)]);
    // A command that ends early closes its input: its exit code says why, not the EPIPE.
    const fed = pipeline(source, child.stdin).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
      child.kill('SIGKILL');
      throw error;
    });
    const [end, feed] = await Promise.allSettled([ended, fed]);
    if (feed.status === 'rejected') throw feed.reason;
    if (end.status === 'rejected') throw end.reason;
  } else {
    await ended;
  }
  return Buffer.concat(stdout).toString();
}

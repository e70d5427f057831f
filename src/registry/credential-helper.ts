import { spawn } from 'node:child_process';
import { withDeadline } from '../common/abort.ts';
import { ForbiddenError } from '../common/errors.ts';

const DEFAULT_DEADLINE_MS = 10_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const HELPER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** What helpers say, with exit code 1, when they simply have nothing. */
const NOTHING = /credentials not found/i;

/** What a credential helper answers. */
export interface HelperAnswer {
  username: string;
  secret: string;
}

/**
 * Asks `docker-credential-NAME get` for a registry's credentials, as the docker CLI does: the
 * server's address on standard input, JSON on standard output. Undefined where it has none.
 * Nothing of its output ever gets into an error: it may hold a secret.
 */
export async function askCredentialHelper(
  name: string,
  serverAddress: string,
  deadlineMs = DEFAULT_DEADLINE_MS,
): Promise<HelperAnswer | undefined> {
  if (!HELPER_NAME.test(name)) throw failed(name, serverAddress, 'its name is not allowed');
  const what = `docker-credential-${name} for ${serverAddress}`;
  const { code, output } = await withDeadline({ what, ms: deadlineMs }, (ends) =>
    run(`docker-credential-${name}`, serverAddress, ends).catch((error: NodeJS.ErrnoException) => {
      throw failed(
        name,
        serverAddress,
        error.code === 'ENOENT' ? 'it is not on the PATH' : 'it cannot be started',
      );
    }),
  );
  if (code !== 0) {
    if (NOTHING.test(output)) return undefined;
    const why = code === null ? 'it was killed, or said too much' : `it ended with code ${code}`;
    throw failed(name, serverAddress, why);
  }
  let answer: { Username?: unknown; Secret?: unknown };
  try {
    answer = (JSON.parse(output) ?? {}) as typeof answer;
  } catch {
    throw failed(name, serverAddress, 'it did not answer with JSON');
  }
  const { Username: username, Secret: secret } = answer;
  if (typeof username === 'string' && typeof secret === 'string') return { username, secret };
  throw failed(name, serverAddress, 'its answer has no Username and Secret');
}

async function run(
  program: string,
  input: string,
  signal: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    code: number | null;
    output: string;
  }>();
  const child = spawn(program, ['get'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    signal,
    // One that hangs may not listen to anything less.
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
  });
  child.on('error', reject);
  child.on('close', (code) => resolve({ code, output }));
  // A helper may end without reading: its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return promise;
}

function failed(name: string, serverAddress: string, why: string): ForbiddenError {
  return new ForbiddenError(
    `the credential helper docker-credential-${name.slice(0, 50)} failed for ${serverAddress}: ${why}`,
    { details: { hint: 'Mend the helper, or give the credentials with the request.' } },
  );
}

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program of node_modules/.bin or the PATH in the project's folder; its exit code. */
export async function run(program: string, ...args: string[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', reject);
  child.on('exit', (code) => resolve(code ?? 1));
  return promise;
}

/** Builds the GraphiQL page into dist/graphiql. */
export function buildGraphiql(): Promise<number> {
  return run('vite', 'build', '--logLevel', 'warn', 'src/http/graphiql');
}

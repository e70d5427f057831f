import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../common/errors.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * The authorities that a registry is known by beside those that everyone knows, as PEM: the `*.crt`
 * of its folder, as docker has them in `/etc/docker/certs.d/HOST:PORT`. None where there is no such
 * folder. Read at every call, so that a new one counts at once.
 * @param registry a registry's name that was parsed: it is part of the path
 */
export async function authoritiesOf(folder: string, registry: string): Promise<string[]> {
  const own = join(folder, registry);
  const names = await readdir(own).catch(() => []);
  const files = names.filter((name) => name.endsWith('.crt')).toSorted();
  return Promise.all(files.map(async (name) => read(join(own, name), registry)));
}

async function read(file: string, registry: string): Promise<string> {
  const text = await stat(file).then(
    ({ size }) => (size > MAX_BYTES ? undefined : readFile(file, 'utf8')),
    () => undefined,
  );
  if (text?.includes('-----BEGIN CERTIFICATE-----') === true) return text;
  throw new EngineError(`${file} is no readable certificate in PEM, or larger than 1 MiB`, {
    retryable: false,
    details: { registry, hint: `mend the file: it is the authority of ${registry}` },
  });
}

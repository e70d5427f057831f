import { createReadStream } from 'node:fs';
import { messageOf } from '../common/errors.ts';
import { ConfigError } from './config-error.ts';

/**
 * Reads a text file of at most `maxBytes`. It is read as a stream and not by its size, so that pipes
 * (`--config <(generate-hosts)`) work and a file that grows cannot pass the bound.
 * @throws ConfigError that says why it cannot be read
 */
export async function readTextFile(file: string, maxBytes: number): Promise<string> {
  const bytes = await readBytes(file, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw ConfigError.of('is not UTF-8 text', { file });
  }
}

/** The same for a file that need not be there: undefined when it is not. */
export async function readTextFileIfAny(
  file: string,
  maxBytes: number,
): Promise<string | undefined> {
  try {
    return await readTextFile(file, maxBytes);
  } catch (error) {
    if (error instanceof ConfigError && isMissing(error.cause)) return undefined;
    throw error;
  }
}

/** Why a file could not be read, in words that fit behind its name. */
export function readFailure(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'no such file';
    case 'ENOTDIR':
      return 'no such file: a part of its path is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'is a folder, expected a file';
    case 'ELOOP':
      return 'is a symbolic link that leads to itself';
    default:
      return messageOf(error);
  }
}

/** Whether an error of the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The bytes of a file of at most `maxBytes`. @throws ConfigError that says why it cannot be read */
export async function readBytes(file: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // `end` is inclusive: this reads one byte more than allowed, to know of it.
    for await (const chunk of createReadStream(file, { end: maxBytes })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
    }
  } catch (error) {
    const failure = ConfigError.of(readFailure(error), { file });
    failure.cause = error;
    throw failure;
  }
  if (length > maxBytes) {
    throw ConfigError.of(`is larger than ${formatBytes(maxBytes)}`, { file });
  }
  return Buffer.concat(chunks);
}

function formatBytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}

import { parseArgs } from 'node:util';
import type { Part } from './part.ts';

/** What is to be run. */
export interface BenchCommand {
  suite: string;
  parts: readonly Part[];
  quick: boolean;
}

/** A command line that is not understood; the message is for a person. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseCommandLine(
  args: readonly string[],
  suites: Readonly<Record<string, readonly Part[]>>,
): BenchCommand {
  const { values, positionals } = parse(args);
  const names = Object.keys(suites).join(', ');
  const [suite, ...rest] = positionals;
  if (suite === undefined) throw new UsageError(`which suite? There are: ${names}`);
  if (!Object.hasOwn(suites, suite))
    throw new UsageError(`no suite "${suite}"; there are: ${names}`);
  if (rest.length > 0) throw new UsageError(`unexpected argument "${rest[0]}"`);
  const all = suites[suite]!;
  const wanted = (values.only ?? []).flatMap((list) => list.split(','));
  const unknown = wanted.find((name) => !all.some((part) => part.name === name));
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(', ');
    throw new UsageError(`${suite} has no part "${unknown}"; it has: ${known}`);
  }
  const parts = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name));
  return { suite, parts, quick: values.quick ?? false };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { only: { type: 'string', multiple: true }, quick: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

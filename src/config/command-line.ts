import { parseArgs } from 'node:util';
import { ConfigError, formatProblem } from './config-error.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Environment } from './environment.ts';
import { configFileOf, readSettings, unknownVariables, VARIABLES } from './settings.ts';
import type { ServeFlags, Settings } from './settings.ts';
import { tokenNameProblem } from './tokens-file.ts';

/** What the command line asks for. `warnings` are for people, to be told before anything is done. */
export type Command =
  | { kind: 'SERVE'; settings: Settings; warnings: string[] }
  /** Make a token and print it with its line for the tokens file. */
  | { kind: 'TOKEN'; name: string }
  /** Check the hosts file (absolute path; docker's host without one) and print the hosts. */
  | { kind: 'CHECK'; configFile: string | undefined; warnings: string[] }
  | { kind: 'HELP'; text: string }
  | { kind: 'VERSION' }
  /** Not understood: print `message` to stderr and exit with `exitCode`. */
  | { kind: 'MISTAKE'; message: string; exitCode: 2 };

/** The flags that take a value, by command. */
const COMMANDS = {
  serve: ['config', 'listen', 'data-dir', 'tokens'],
  token: [],
  check: ['config'],
} as const satisfies Record<string, readonly (keyof ServeFlags)[]>;

type CommandName = keyof typeof COMMANDS;

const USAGE = `Usage:
  dockgraph serve [--config FILE] [--listen HOST:PORT] [--data-dir DIR] [--tokens FILE]
  dockgraph check [--config FILE]    check the hosts file and print the hosts
  dockgraph token NAME               make a bearer token and its line for the tokens file
  dockgraph --help | --version`;

/** The whole of what `--help` prints. */
export const HELP = `dockgraph: one GraphQL endpoint for the images on all your Docker hosts

${USAGE}

Without a hosts file the host is served that the docker command would use.

Variables (flags win):
${Object.entries(VARIABLES)
  .map(([name, meaning]) => `  ${name.padEnd(31)} ${meaning}`)
  .join('\n')}
`;

/**
 * Understands the command line and the variables that go with it.
 * @param args what stands behind the program's name
 */
export function parseCommandLine(args: readonly string[], environment: Environment): Command {
  const { values, positionals, mistake } = parse(args);
  if (values.has('help') || positionals[0] === 'help') return { kind: 'HELP', text: HELP };
  if (values.has('version')) return { kind: 'VERSION' };
  if (mistake !== undefined) return usageMistake(mistake);
  const [name, ...operands] = positionals;
  if (name === undefined) return usageMistake('no command given');
  if (!isCommand(name)) return usageMistake(unknown('command', name, Object.keys(COMMANDS)));
  const taken: readonly string[] = COMMANDS[name];
  const foreign = [...values.keys()].find((flag) => !taken.includes(flag));
  if (foreign !== undefined) return usageMistake(`dockgraph ${name} takes no --${foreign}`);
  const extra = operands[name === 'token' ? 1 : 0];
  if (extra !== undefined) return usageMistake(`unexpected argument ${JSON.stringify(extra)}`);
  const flags: ServeFlags = Object.fromEntries(values);
  if (name === 'serve') return serve(flags, environment);
  if (name === 'token') return token(operands[0]);
  const configFile = configFileOf(flags, environment);
  return { kind: 'CHECK', configFile, warnings: unknownVariables(environment) };
}

function serve(flags: ServeFlags, environment: Environment): Command {
  try {
    const settings = readSettings(flags, environment);
    return { kind: 'SERVE', settings, warnings: unknownVariables(environment) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The mistake may come from a misspelt variable beside it.
    const lines = [...error.problems.map(formatProblem), ...unknownVariables(environment)];
    return { kind: 'MISTAKE', message: lines.join('\n'), exitCode: 2 };
  }
}

function token(name: string | undefined): Command {
  if (name === undefined) return usageMistake('dockgraph token needs a name');
  const problem = tokenNameProblem(name);
  return problem === undefined ? { kind: 'TOKEN', name } : usageMistake(problem);
}

/** Splits the arguments; flags are checked here since parseArgs' own messages name no flag of ours. */
function parse(args: readonly string[]): {
  values: Map<string, string>;
  positionals: string[];
  mistake: string | undefined;
} {
  const withValue = [...new Set(Object.values(COMMANDS).flat())];
  const known = [...withValue, 'help', 'version'];
  const { tokens, positionals } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(withValue.map((flag) => [flag, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  const values = new Map<string, string>();
  let mistake: string | undefined;
  for (const option of tokens) {
    if (option.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = option;
    if (!known.includes(name)) mistake ??= unknown('flag', rawName, dashed(known));
    else if (name === 'help' || name === 'version') values.set(name, '');
    else if (!value || (!inlineValue && value.startsWith('-'))) {
      mistake ??= `${rawName} needs a value`;
    } else values.set(name, value);
  }
  return { values, positionals, mistake };
}

function dashed(names: readonly string[]): string[] {
  return names.map((name) => `--${name}`);
}

function unknown(what: string, found: string, known: readonly string[]): string {
  const meant = didYouMean(found, known);
  return `unknown ${what} ${found}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function usageMistake(message: string): Command {
  return { kind: 'MISTAKE', message: `dockgraph: ${message}\n\n${USAGE}`, exitCode: 2 };
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { LineType, parse, SSHConfig } from 'ssh-config';
import type { Directive, Line, Match, Section } from 'ssh-config';
import { messageOf } from '../common/errors.ts';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { resolvePath } from './file-path.ts';
import { readTextFileIfAny } from './text-file.ts';

/** What ssh_config says of one host: first value wins, files and keys in order of appearance. */
export type SshOptions = Partial<Record<SshKeyword, string | string[]>>;

/** The keywords that bear on how an engine is reached. */
export type SshKeyword = (typeof KEYWORDS)[number];

const KEYWORDS = [
  'HostName',
  'User',
  'Port',
  'IdentityFile',
  'IdentitiesOnly',
  'IdentityAgent',
  'UserKnownHostsFile',
  'GlobalKnownHostsFile',
  'HostKeyAlias',
  'ProxyJump',
  'ProxyCommand',
] as const;
const STRUCTURE = ['Host', 'Match', 'Include'] as const;
const CANONICAL = new Map([...KEYWORDS, ...STRUCTURE].map((word) => [word.toLowerCase(), word]));

const MAX_BYTES = 4 * 1024 * 1024;
/** OpenSSH's own bound. */
const MAX_INCLUDE_DEPTH = 16;

/** One parsed file, and what its relative includes start from. */
interface ParsedFile {
  config: SSHConfig;
  includeDir: string;
}

/**
 * The user's and the system's ssh_config, read once, with their includes.
 *
 * The `ssh-config` package evaluates; it is given only the keywords above, spelled as it wants them,
 * because it would otherwise start programs for `Match exec` and `CanonicalizeHostname`. Those
 * sections do not apply here, whatever their program would have said.
 */
export class SshConfigFiles {
  /** What was left out of the files, for people. */
  readonly warnings = new Set<string>();
  private readonly parsed = new Map<string, Promise<ParsedFile | undefined>>();
  private readonly answers = new Map<string, Promise<SshOptions>>();
  private readonly included = new Map<string, Promise<string[]>>();
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** The options for a host as it was named, for the user that was named with it, if any. */
  async options(host: string, user?: string): Promise<SshOptions> {
    const key = JSON.stringify([host, user]);
    // Many hosts share a jump.
    let answer = this.answers.get(key);
    if (answer === undefined) {
      answer = this.evaluate(host, user);
      this.answers.set(key, answer);
    }
    return answer;
  }

  private async evaluate(host: string, user: string | undefined): Promise<SshOptions> {
    const config = new SSHConfig();
    const { homeDir, systemSshDir } = this.environment;
    const roots: [string, string][] = [
      [join(homeDir, '.ssh', 'config'), join(homeDir, '.ssh')],
      [join(systemSshDir, 'ssh_config'), systemSshDir],
    ];
    for (const [file, includeDir] of roots) {
      await this.append(config, await this.read(file, includeDir), { host, user, depth: 0 });
    }
    return compute(config, host, user);
  }

  /**
   * Appends a file's lines with includes put in their place. The evaluation is for one host, so a
   * section that includes is cut there: what it includes follows at top level if the section
   * applies, as OpenSSH's own reading has it, and not at all if it does not.
   */
  private async append(
    config: SSHConfig,
    file: ParsedFile | undefined,
    query: { host: string; user: string | undefined; depth: number },
  ): Promise<void> {
    if (file === undefined) return;
    for (const line of file.config) {
      if (!isSection(line)) {
        if (isInclude(line)) await this.include(config, line, file.includeDir, query);
        else config.push(withHostName(line, query.host));
        continue;
      }
      let part = new SSHConfig();
      for (const subline of line.config) {
        if (!isInclude(subline)) {
          part.push(withHostName(subline, query.host));
          continue;
        }
        config.push({ ...line, config: part });
        part = new SSHConfig();
        if (applies(line, config, query)) {
          await this.include(config, subline, file.includeDir, query);
        }
      }
      config.push({ ...line, config: part });
    }
  }

  private async include(
    config: SSHConfig,
    line: Directive,
    includeDir: string,
    query: { host: string; user: string | undefined; depth: number },
  ): Promise<void> {
    const depth = query.depth + 1;
    for (const pattern of valuesOf(line)) {
      if (depth > MAX_INCLUDE_DEPTH) {
        throw ConfigError.of(`ssh_config includes "${pattern}" in more than 16 levels`);
      }
      const path = resolvePath(pattern, includeDir, this.environment.homeDir);
      for (const file of await this.expand(path)) {
        await this.append(config, await this.read(file, includeDir), { ...query, depth });
      }
    }
  }

  private async expand(pattern: string): Promise<string[]> {
    if (!/[*?[]/.test(pattern)) return [pattern];
    let files = this.included.get(pattern);
    if (files === undefined) {
      files = matches(pattern);
      this.included.set(pattern, files);
    }
    return files;
  }

  private async read(file: string, includeDir: string): Promise<ParsedFile | undefined> {
    let parsed = this.parsed.get(file);
    if (parsed === undefined) {
      parsed = this.parse(file, includeDir);
      this.parsed.set(file, parsed);
    }
    return parsed;
  }

  private async parse(file: string, includeDir: string): Promise<ParsedFile | undefined> {
    const text = await readTextFileIfAny(file, MAX_BYTES);
    if (text === undefined) return undefined;
    const config = relevant(parseText(text, file), () => {
      this.warnings.add(`${file}: "Match exec" is never run; its section does not apply`);
    });
    return { config, includeDir };
  }
}

async function matches(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(file);
  return files.toSorted();
}

function compute(config: SSHConfig, host: string, user: string | undefined): SshOptions {
  return config.compute(user === undefined ? { Host: host } : { Host: host, User: user }, {
    matchExec: false,
  });
}

/** Whether a section applies, after what stands before it: asked by a mark that it would set. */
function applies(
  section: Section,
  before: SSHConfig,
  { host, user }: { host: string; user: string | undefined },
): boolean {
  const probe = new SSHConfig();
  for (const line of before) probe.push(line);
  probe.push({ ...section, config: parse('X-Applies yes') });
  return 'X-Applies' in compute(probe, host, user);
}

/** A HostName with `%h` put in, since `Match host` compares with it; other tokens wait. */
function withHostName(line: Line, host: string): Line {
  if (line.type !== LineType.DIRECTIVE || line.param !== 'HostName') return line;
  if (typeof line.value !== 'string' || !line.value.includes('%h')) return line;
  const value = line.value.replace(/%[%h]/g, (token) => (token === '%h' ? host : token));
  return { ...line, value };
}

function parseText(text: string, file: string): SSHConfig {
  try {
    return parse(text);
  } catch (error) {
    // The parser knows no line numbers, but its grammar ends with the line.
    const lines = text.split(/\r\n|\r|\n/);
    const index = lines.findIndex((line) => !parses(line));
    const place = index < 0 ? {} : { line: index + 1, column: 1 };
    const detail = index < 0 ? messageOf(error) : `cannot be parsed: ${lines[index]?.trim()}`;
    throw ConfigError.of(detail, { file, ...place });
  }
}

function parses(line: string): boolean {
  try {
    parse(line);
    return true;
  } catch {
    return false;
  }
}

function relevant(config: SSHConfig, onExec: () => void): SSHConfig {
  const kept = new SSHConfig();
  for (const line of config) {
    if (line.type !== LineType.DIRECTIVE) continue;
    const param = CANONICAL.get(line.param.toLowerCase());
    if (param === undefined) continue;
    if (!isSection(line)) {
      kept.push({ ...line, param });
      continue;
    }
    const section: Section = { ...line, param, config: relevant(line.config, onExec) };
    if (!isMatch(line)) {
      kept.push(section);
      continue;
    }
    const criteria = normalCriteria(line.criteria);
    if ('exec' in criteria || '!exec' in criteria) onExec();
    else kept.push({ ...section, criteria });
  }
  return kept;
}

/** Criteria in lower case; a negated one, which the package does not know, as a negated list. */
function normalCriteria(criteria: Match['criteria']): Match['criteria'] {
  return Object.fromEntries(
    Object.entries(criteria).map(([word, value]) => {
      const name = word.toLowerCase();
      if (!/^!(host|originalhost|user|localuser)$/.test(name) || typeof value !== 'string') {
        return [name, value];
      }
      const patterns = value.split(',').map((pattern) => `!${pattern}`);
      return [name.slice(1), ['*', ...patterns].join(',')];
    }),
  );
}

function isSection(line: Line): line is Section {
  return 'config' in line;
}

function isMatch(line: Line): line is Match {
  return 'criteria' in line;
}

function isInclude(line: Line): line is Directive {
  return line.type === LineType.DIRECTIVE && line.param === 'Include';
}

function valuesOf({ value }: Directive): string[] {
  return Array.isArray(value) ? value.map(({ val }) => val) : [value];
}

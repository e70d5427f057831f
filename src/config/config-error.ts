/** One mistake in the configuration. */
export interface ConfigProblem {
  /** The file that holds it; absent for flags and environment variables. */
  file?: string;
  /** Where in the file, both counted from 1. */
  line?: number;
  column?: number;
  /** What was found and what was expected, for people. Never a secret. */
  message: string;
}

/** A long list helps nobody; `problems` always holds them all. */
const MOST_SHOWN = 50;

/**
 * Configuration that cannot be used. It carries every mistake that was found, so that people mend
 * them in one go. It is told at start or on reload, never in an answer to a query: hence no
 * `DockgraphError`.
 */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describe(problems));
    this.name = 'ConfigError';
    this.problems = problems;
  }

  /** An error of one mistake. */
  static of(message: string, place: Omit<ConfigProblem, 'message'> = {}): ConfigError {
    return new ConfigError([{ ...place, message }]);
  }

  /** The same mistakes with `what` named before each that names no file. */
  about(what: string): ConfigError {
    return new ConfigError(
      this.problems.map((problem) =>
        problem.file === undefined ? { message: `${what}: ${problem.message}` } : problem,
      ),
    );
  }
}

/** The problem on one line, as compilers write it: `file:line:column: message`. */
export function formatProblem({ file, line, column, message }: ConfigProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}

function describe(problems: readonly ConfigProblem[]): string {
  const lines = problems.slice(0, MOST_SHOWN).map(formatProblem);
  if (problems.length > MOST_SHOWN) lines.push(`… and ${problems.length - MOST_SHOWN} more`);
  if (lines.length === 1) return lines.join('');
  return [`${problems.length} mistakes in the configuration:`, ...lines].join('\n  ');
}

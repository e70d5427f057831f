import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Question } from './parent.ts';

const STOP_GRACE_MS = 5_000;
const KEPT_OUTPUT = 4_000;

const running = new Set<ChildProcess>();

/** Ends what is left, however the bench ends. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** How a child is started. */
export interface ChildOptions {
  args?: readonly string[];
  /** Arguments of Node itself. */
  execArgv?: readonly string[];
  /** NODE_ENV; not set without. */
  nodeEnv?: 'production';
  /** Told of its output line by line. */
  onLine?: (line: string) => void;
}

/** A Node process of the bench's own, with a question-and-answer channel (see parent.ts). */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #onLine: ((line: string) => void) | undefined;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  #output = '';
  #lastLine = '';
  #questions = 0;

  constructor(file: URL, options: ChildOptions = {}) {
    this.#onLine = options.onLine;
    this.#process = fork(fileURLToPath(file), options.args ?? [], {
      execArgv: [...(options.execArgv ?? [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // As an operator has it; who wants production says so.
      env: { ...process.env, NODE_ENV: options.nodeEnv },
      // Ctrl-C is the bench's to handle: the children are asked to stop when it has put away its own.
      detached: true,
    });
    running.add(this.#process);
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    }
    this.#process.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
    this.ended = once(this.#process, 'exit').then(() => {
      running.delete(this.#process);
      for (const [id, answer] of this.#waiting) answer({ id, error: `it ended: ${this.output}` });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output.trim();
  }

  /** Undefined while it runs. */
  get exitCode(): number | null | undefined {
    const { exitCode, signalCode } = this.#process;
    return exitCode === null && signalCode === null ? undefined : exitCode;
  }

  /** Asks it something that it answers with `answerParent`. */
  async ask<T>(question: string, argument?: unknown): Promise<T> {
    if (this.exitCode !== undefined) throw new Error(`it ended: ${this.output}`);
    const id = this.#questions++;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#process.send({ id, question, argument } satisfies Question);
    const answer = await promise;
    this.#waiting.delete(id);
    if (answer.error !== undefined) throw new Error(`${question}: ${answer.error}`);
    return answer.value as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.exitCode !== undefined) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    if (!this.#onLine) return;
    const lines = (this.#lastLine + text).split('\n');
    this.#lastLine = lines.pop()!;
    for (const line of lines) this.#onLine(line);
  }
}

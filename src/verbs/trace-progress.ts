import { stripVTControlCharacters } from 'node:util';
import type { BuildOutput, BuildStatus, BuildTrace, BuildVertex } from '../engine/image-verbs.ts';
import type { PartProgress, TaskContext, TaskProgress } from '../operations/operation.ts';
import type { BuildStep } from './build-progress.ts';
import { OutputLines } from './output-lines.ts';

const MAX_VERTEXES = 2000;
const MAX_PARTS = 200;

/** A vertex as far as it has been told. */
interface Vertex {
  /** From 1, in the order in which they began, as docker prints them. */
  number: number;
  told: BuildVertex;
  /** Null for what BuildKit does beside the steps. */
  step: BuildStep | null;
  lines: OutputLines;
  parts: Map<string, PartProgress>;
}

/**
 * Makes of what BuildKit tells the lines that `docker build --progress=plain` prints, and reads off
 * it how far a build is and how much of it came from the cache.
 */
export class TraceProgress {
  readonly #context: TaskContext;
  readonly #vertexes = new Map<string, Vertex>();
  /** The one that the last line was about. */
  #current: Vertex | null = null;
  #begun = 0;
  #latest: Vertex | null = null;
  #failed: Vertex | null = null;

  constructor(context: TaskContext) {
    this.#context = context;
  }

  /** The one that failed, or was the last to begin; null before the first. */
  get step(): BuildStep | null {
    return (this.#failed ?? this.#latest)?.step ?? null;
  }

  /** The last lines that its command printed. */
  get lastLines(): readonly string[] {
    return (this.#failed ?? this.#latest)?.lines.last ?? [];
  }

  get steps(): number {
    return this.#steps().length;
  }

  /** As the classic builder counts: a base image that is there is none. BuildKit says either. */
  get cachedSteps(): number {
    return this.#steps().filter(({ told, step }) => told.cached && !/^FROM /i.test(step!.text))
      .length;
  }

  take({ vertexes, statuses, output, warnings }: BuildTrace): void {
    for (const vertex of vertexes) this.#takeVertex(vertex);
    for (const status of statuses) this.#takeStatus(status);
    for (const piece of output) this.#takeOutput(piece);
    for (const warning of warnings) this.#context.log(`WARNING: ${clean(warning)}`);
    this.#tell();
  }

  /** There is an image. */
  done(): void {
    this.#context.progress({ ...this.#progress([]), percent: 100 });
  }

  #takeVertex(told: BuildVertex): void {
    const vertex = this.#vertexes.get(told.id) ?? this.#newVertex(told);
    if (vertex === null) return;
    const before = vertex.told;
    const isNew = vertex.number === 0;
    vertex.told = told;
    if (told.startedAt === null) return;
    if (isNew) {
      vertex.number = ++this.#begun;
      if (vertex.step !== null) this.#latest = vertex;
    }
    if (this.#current !== vertex && told.startedAt !== before.startedAt) this.#show(vertex);
    if (told.completedAt === null || (!isNew && told.completedAt === before.completedAt)) return;
    vertex.lines.end();
    vertex.parts.clear();
    if (told.error !== '' && vertex.step !== null) this.#failed ??= vertex;
    this.#line(vertex, endOf(told, told.completedAt - told.startedAt));
  }

  #newVertex(told: BuildVertex): Vertex | null {
    if (this.#vertexes.size >= MAX_VERTEXES) return null;
    const vertex: Vertex = {
      number: 0,
      told: { ...told, startedAt: null, completedAt: null },
      step: stepOf(told.name),
      lines: new OutputLines((line, at) => {
        const seconds = (at - (vertex.told.startedAt ?? at)) / 1000;
        this.#line(vertex, `${Math.max(0, seconds).toFixed(3)} ${line}`);
      }),
      parts: new Map(),
    };
    this.#vertexes.set(told.id, vertex);
    return vertex;
  }

  #takeStatus({ id, vertex: of, name, current, total, isDone, durationMs }: BuildStatus): void {
    const vertex = this.#vertexes.get(of);
    if (vertex === undefined) return;
    // BuildKit may say that a part is done after it said so of the whole.
    const isOver = vertex.told.completedAt !== null;
    const status = name === '' || name === id ? (isDone ? 'done' : 'running') : name;
    if (!isOver && (vertex.parts.size < MAX_PARTS || vertex.parts.has(id))) {
      const [currentBytes, totalBytes] = total > 0 ? [current, total] : [null, null];
      vertex.parts.set(id, { id: shortId(id), status, currentBytes, totalBytes });
    }
    if (!isDone) return;
    const size = total > 0 ? `${total} B ` : '';
    this.#line(vertex, `${clean(id)} ${size}${secondsOf(durationMs ?? 0)} done`);
  }

  #takeOutput({ vertex: of, bytes, at }: BuildOutput): void {
    this.#vertexes.get(of)?.lines.push(bytes, at);
  }

  /** Says which vertex the next lines are about. */
  #show(vertex: Vertex): void {
    this.#current = vertex;
    this.#context.log(`#${vertex.number} ${clean(vertex.told.name)}`);
  }

  #line(vertex: Vertex, text: string): void {
    if (this.#current !== vertex) this.#show(vertex);
    this.#context.log(`#${vertex.number} ${text}`);
  }

  #steps(): Vertex[] {
    return [...this.#vertexes.values()].filter(({ step }) => step !== null);
  }

  #tell(): void {
    const parts = [...this.#vertexes.values()].flatMap((vertex) => [...vertex.parts.values()]);
    this.#context.progress(this.#progress(parts.slice(-MAX_PARTS)));
  }

  #progress(parts: PartProgress[]): TaskProgress {
    const steps = this.#steps();
    const ended = steps.filter(({ told }) => told.completedAt !== null).length;
    const sum = (bytes: (part: PartProgress) => number | null) =>
      parts.reduce<number | null>((total, part) => {
        const more = bytes(part);
        return more === null ? total : (total ?? 0) + more;
      }, null);
    return {
      phase: 'BUILDING',
      percent: steps.length === 0 ? null : (100 * ended) / steps.length,
      currentBytes: sum(({ currentBytes }) => currentBytes),
      totalBytes: sum(({ totalBytes }) => totalBytes),
      bytesPerSecond: null,
      etaSeconds: null,
      parts,
    };
  }
}

/** `[2/3] RUN make`, `[build 1/2] FROM …`, also with a platform before the numbers. */
function stepOf(name: string): BuildStep | null {
  const [, stage, number, of, text] = /^\[(?:(\S.*?) +)?(\d+)\/(\d+)\] (.*)$/s.exec(name) ?? [];
  if (text === undefined) return null;
  return {
    number: Number(number),
    of: Number(of),
    text: clean(text),
    ...(stage !== undefined && { stage }),
  };
}

function endOf({ error, cached }: BuildVertex, durationMs: number): string {
  if (error.endsWith('context canceled')) return 'CANCELED';
  if (error !== '') return `ERROR: ${clean(error)}`;
  return cached ? 'CACHED' : `DONE ${secondsOf(durationMs)}`;
}

function secondsOf(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
}

/** Layers as short as elsewhere; words as they are. */
function shortId(id: string): string {
  return clean(id.replace(/sha256:([0-9a-f]{12})[0-9a-f]{52}/, '$1'));
}

/** Of what a Dockerfile may have put there, one line that no terminal takes for orders. */
function clean(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, ' ').trim().slice(0, 1000);
}

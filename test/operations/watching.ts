import assert from 'node:assert/strict';
import type { TaskProgress } from '../../src/operations/operation.ts';
import type { OperationEvent } from '../../src/operations/operation-snapshot.ts';
import type { OperationStream } from '../../src/operations/operation-watch.ts';

/** Watches for as long as the test likes. */
export const never = new AbortController().signal;

/** Progress that has come so far. */
export function bytes(currentBytes: number): TaskProgress {
  return {
    phase: 'DOWNLOADING',
    currentBytes,
    totalBytes: 1_000_000,
    percent: null,
    bytesPerSecond: null,
    etaSeconds: null,
    parts: [],
  };
}

/** Reads a stream as fast as it goes. */
export class Reader {
  readonly events: OperationEvent[] = [];
  readonly done: Promise<void>;
  hasEnded = false;

  constructor(stream: OperationStream) {
    this.done = this.#read(stream);
  }

  get states(): string[] {
    return this.events.map(({ operation }) => operation.state);
  }

  async #read(stream: OperationStream): Promise<void> {
    for await (const event of stream) this.events.push(event);
    this.hasEnded = true;
  }
}

/** The next event, which there must be. */
export async function nextOf(stream: OperationStream): Promise<OperationEvent> {
  const { done, value } = await stream.next();
  assert.ok(!done, 'the stream goes on');
  return value;
}

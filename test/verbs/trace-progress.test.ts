import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildStatus, BuildTrace, BuildVertex } from '../../src/engine/image-verbs.ts';
import type { TaskProgress } from '../../src/operations/operation.ts';
import { TraceProgress } from '../../src/verbs/trace-progress.ts';

function started() {
  const told: TaskProgress[] = [];
  const lines: string[] = [];
  const progress = new TraceProgress({
    operationId: 'o',
    taskId: 't',
    host: 'alpha',
    attempt: 1,
    signal: new AbortController().signal,
    progress: (latest) => told.push(latest),
    log: (line) => lines.push(line),
  });
  const take = (trace: Partial<BuildTrace>) =>
    progress.take({ vertexes: [], statuses: [], output: [], warnings: [], ...trace });
  const say = (vertex: string, text: string | Uint8Array, at = 0) =>
    take({ output: [{ vertex, at, bytes: Buffer.from(text) }] });
  return { progress, told, lines, take, say };
}

const vertex = (
  id: string,
  name: string,
  [startedAt = null, completedAt = null]: (number | null)[] = [],
  more: Partial<BuildVertex> = {},
): BuildVertex => ({ id, name, startedAt, completedAt, cached: false, error: '', ...more });

const status = (of: string, id: string, more: Partial<BuildStatus> = {}): BuildStatus => ({
  vertex: of,
  id,
  name: '',
  current: 0,
  total: 0,
  isDone: false,
  durationMs: null,
  ...more,
});

describe('the progress of a build by BuildKit', () => {
  it('is told as docker prints it, and read off the steps', () => {
    const { progress, told, lines, take, say } = started();
    assert.equal(progress.step, null);
    const all = [
      vertex('f', '[1/3] FROM busybox'),
      vertex('r', '[2/3] RUN make'),
      vertex('c', '[3/3] COPY . /'),
    ];
    take({ vertexes: [vertex('i', '[internal] load metadata', [1000, 1200]), ...all] });
    assert.equal(told.at(-1)!.percent, 0);
    take({ vertexes: [vertex('f', all[0]!.name, [2000, 2000], { cached: true })] });
    take({ vertexes: [vertex('r', all[1]!.name, [3000])] });
    say('r', 'half ', 3100);
    say('r', 'a line\nred \u001b[91mwords\u001b[0m\nno end', 3250);
    assert.deepEqual(progress.step, { number: 2, of: 3, text: 'RUN make' });
    take({ vertexes: [vertex('r', all[1]!.name, [3000, 4500])] });
    // What is said again is not news.
    take({ vertexes: [vertex('r', all[1]!.name, [3000, 4500])] });
    const copied = vertex('c', all[2]!.name, [4500, 4600], { cached: true });
    take({ vertexes: [copied], warnings: ['old\nsyntax'] });
    assert.deepEqual(lines, [
      '#1 [internal] load metadata',
      '#1 DONE 0.2s',
      '#2 [1/3] FROM busybox',
      '#2 CACHED',
      '#3 [2/3] RUN make',
      '#3 0.250 half a line',
      '#3 0.250 red words',
      '#3 0.250 no end',
      '#3 DONE 1.5s',
      '#4 [3/3] COPY . /',
      '#4 CACHED',
      'WARNING: old syntax',
    ]);
    assert.equal(told.at(-1)!.percent, 100);
    // The base image is none.
    assert.deepEqual([progress.cachedSteps, progress.steps], [1, 3]);
    assert.ok(told.every(({ phase }) => phase === 'BUILDING'));
  });

  it('tells steps of several stages that run side by side apart', () => {
    const { progress, lines, take, say } = started();
    take({
      vertexes: [
        vertex('a', '[one 2/2] RUN a', [0]),
        vertex('b', '[linux/arm64 two 2/4] RUN b', [0]),
      ],
    });
    say('a', 'from a\n', 1000);
    say('b', 'from b\n', 2000);
    assert.deepEqual(lines, [
      '#1 [one 2/2] RUN a',
      '#2 [linux/arm64 two 2/4] RUN b',
      '#1 [one 2/2] RUN a',
      '#1 1.000 from a',
      '#2 [linux/arm64 two 2/4] RUN b',
      '#2 2.000 from b',
    ]);
    const failed = vertex('a', '[one 2/2] RUN a', [0, 3000], { error: 'exit code: 3' });
    take({
      vertexes: [
        failed,
        vertex('b', '[two 2/4] RUN b', [0, 3000], { error: 'x: context canceled' }),
      ],
    });
    assert.deepEqual(lines.slice(-4), [
      '#1 [one 2/2] RUN a',
      '#1 ERROR: exit code: 3',
      '#2 [two 2/4] RUN b',
      '#2 CANCELED',
    ]);
    assert.deepEqual(progress.step, { number: 2, of: 2, text: 'RUN a', stage: 'one' });
    assert.deepEqual(progress.lastLines, ['from a']);
  });

  it('shows the parts of what goes on, for as long as it does', () => {
    const { told, lines, take } = started();
    const layer = `sha256:${'ab'.repeat(32)}`;
    take({ vertexes: [vertex('f', '[1/2] FROM x', [0])] });
    take({ statuses: [status('f', layer, { name: 'downloading', current: 5, total: 10 })] });
    take({ statuses: [status('f', 'resolve x')] });
    const { parts, currentBytes, totalBytes, percent } = told.at(-1)!;
    assert.deepEqual(parts, [
      { id: 'abababababab', status: 'downloading', currentBytes: 5, totalBytes: 10 },
      { id: 'resolve x', status: 'running', currentBytes: null, totalBytes: null },
    ]);
    assert.deepEqual([currentBytes, totalBytes, percent], [5, 10, 0]);
    const done = { current: 10, total: 10, isDone: true, durationMs: 340 };
    take({ statuses: [status('f', layer, { name: 'done', ...done })] });
    assert.equal(lines.at(-1), `#1 ${layer} 10 B 0.3s done`);
    take({ vertexes: [vertex('f', '[1/2] FROM x', [0, 400])] });
    assert.deepEqual(told.at(-1)!.parts, []);
    // Engines may say that after the end of the whole.
    take({ statuses: [status('f', 'naming to x', { isDone: true, durationMs: 1 })] });
    assert.deepEqual(told.at(-1)!.parts, []);
  });

  it('keeps little, whatever an engine makes up', () => {
    const { progress, told, take, say } = started();
    for (let n = 0; n < 5000; n++) {
      take({ vertexes: [vertex(`${n}`, `[1/1] RUN ${n}`, [0])], statuses: [status('0', `${n}`)] });
      say(`${n}`, 'x\n'.repeat(10));
    }
    assert.equal(progress.steps, 2000);
    assert.ok(told.at(-1)!.parts.length <= 200);
    assert.equal(progress.lastLines.length, 3);
    take({
      statuses: [status('nobody', 'x')],
      output: [{ vertex: 'nobody', at: 0, bytes: Buffer.from('x') }],
    });
  });

  it('takes a character that comes in two pieces for one', () => {
    const { lines, take, say } = started();
    take({ vertexes: [vertex('r', '[1/1] RUN x', [0])] });
    const bytes = Buffer.from('é\n');
    say('r', bytes.subarray(0, 1));
    say('r', bytes.subarray(1));
    assert.equal(lines.at(-1), '#1 0.000 é');
  });
});

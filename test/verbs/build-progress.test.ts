import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TaskProgress } from '../../src/operations/operation.ts';
import { BuildProgress } from '../../src/verbs/build-progress.ts';
import { registriesIn } from '../../src/verbs/dockerfile-registries.ts';

function started() {
  const told: TaskProgress[] = [];
  const lines: string[] = [];
  const progress = new BuildProgress({
    operationId: 'o',
    taskId: 't',
    host: 'alpha',
    attempt: 1,
    signal: new AbortController().signal,
    progress: (latest) => told.push(latest),
    log: (line) => lines.push(line),
  });
  return { progress, told, lines };
}

describe('the progress of a build', () => {
  it('is read off the steps', () => {
    const { progress, told, lines } = started();
    assert.equal(progress.step, null);
    const output = [
      'Step 1/4 : FROM busybox:1',
      ' ---> f652bcf78e84',
      'Step 2/4 : ENV A=b',
      ' ---> Using cache',
      ' ---> 111111111111',
      'Step 3/4 : RUN make',
      ' ---> Running in 222222222222',
      '\u001b[91mwarning: old\u001b[0m',
    ];
    for (const line of output) progress.takeLine(line);
    assert.deepEqual(progress.step, { number: 3, of: 4, text: 'RUN make' });
    assert.equal(progress.cachedSteps, 1);
    assert.deepEqual(
      told.map(({ phase, percent }) => [phase, percent]),
      [
        ['BUILDING', 0],
        ['BUILDING', 25],
        ['BUILDING', 50],
      ],
    );
    assert.equal(lines.at(-1), 'warning: old');
    assert.equal(lines.length, output.length);
    progress.done();
    assert.equal(told.at(-1)!.percent, 100);
  });

  it('is read off the steps of podman, stage by stage', () => {
    const { progress, told } = started();
    const output = [
      '[1/2] STEP 1/2: FROM scratch AS first',
      '[1/2] STEP 2/2: COPY a /a',
      '--> Using cache c999147ec5e18c1dfc67eaaf1d610ff5387ef4100389429681069bf85fcb535d',
      '--> c999147ec5e1',
      '[2/2] STEP 1/2: FROM first',
      'Step 2/2 : a lie',
      '[2/2] STEP 2/2: LABEL a=b',
    ];
    for (const line of output) progress.takeLine(line);
    assert.deepEqual([progress.steps, progress.cachedSteps], [4, 1]);
    assert.deepEqual(progress.step, { stage: '[2/2]', number: 2, of: 2, text: 'LABEL a=b' });
    assert.deepEqual(
      told.map(({ percent }) => percent),
      [0, 25, 50, 75],
    );
    const one = started().progress;
    one.takeLine('STEP 1/2: FROM busybox:1');
    assert.deepEqual(one.step, { number: 1, of: 2, text: 'FROM busybox:1' });
  });

  it('is not moved by what a command prints', () => {
    const { progress } = started();
    progress.takeLine('Step 1/2 : RUN lie');
    progress.takeLine(' ---> Running in 222222222222');
    for (const line of ['Step 9/9 : x', 'Step 1/2 : x', ' ---> Using cache']) {
      progress.takeLine(line);
    }
    assert.deepEqual(progress.step, { number: 1, of: 2, text: 'RUN lie' });
    assert.equal(progress.cachedSteps, 0);
  });

  it('shows the layers of what a step pulls, for as long as it is that step', () => {
    const { progress, told } = started();
    progress.takeLine('Step 1/2 : FROM base');
    const layer = { id: 'abc', status: 'Downloading', currentBytes: 5, totalBytes: 10 };
    progress.takePull(layer);
    assert.deepEqual(told.at(-1), {
      phase: 'BUILDING',
      percent: 0,
      currentBytes: 5,
      totalBytes: 10,
      bytesPerSecond: null,
      etaSeconds: null,
      parts: [layer],
    });
    progress.takeLine('Step 2/2 : RUN true');
    assert.deepEqual(told.at(-1)!.parts, []);
  });
});

describe('the registries of a Dockerfile', () => {
  it('are those of the images that it names', () => {
    const dockerfile = `# syntax=docker/dockerfile:1
ARG BASE=registry.example.com/base
FROM --platform=linux/amd64 registry:5000/team/base:1 AS one
from nginx
FROM $BASE
FROM UPPER/CASE
COPY --chown=1:1 --from=quay.io/tool /a /b
COPY --from=one /a /b
RUN echo FROM elsewhere.example.com/x
`;
    assert.deepEqual(registriesIn(dockerfile), ['registry:5000', 'docker.io', 'quay.io']);
    assert.deepEqual(registriesIn(''), []);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TaskError, TaskState } from '../../src/operations/operation.ts';
import type { OperationSnapshot, TaskSnapshot } from '../../src/operations/operation-snapshot.ts';
import { toNewOperation } from '../../src/operations/operation-request.ts';
import {
  IllegalStepError,
  stateOfTasks,
  stepOperation,
  stepTask,
} from '../../src/operations/task-state.ts';
import type { TaskStep } from '../../src/operations/task-state.ts';
import { request } from './harness.ts';

const ERROR: TaskError = { code: 'NOT_FOUND', message: 'gone', hint: null, retryable: false };
const STATES: TaskState[] = [
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'INTERRUPTED',
];

function stepTo(to: TaskState): TaskStep {
  if (to === 'QUEUED' || to === 'RUNNING') return { to };
  if (to === 'SUCCEEDED') return { to, result: 42 };
  return { to, error: ERROR };
}

function newOperation(hosts: string[]): OperationSnapshot {
  return toNewOperation(request({ hosts }), { id: 'op', createdAt: 1, event: 1 });
}

function taskIn(state: TaskState): TaskSnapshot {
  return { ...newOperation(['alpha']).tasks[0]!, state };
}

suite('a task', () => {
  const legal: Record<TaskState, TaskState[]> = {
    QUEUED: ['RUNNING', 'CANCELLED', 'INTERRUPTED'],
    RUNNING: ['SUCCEEDED', 'FAILED', 'CANCELLED', 'INTERRUPTED'],
    SUCCEEDED: [],
    FAILED: ['QUEUED'],
    CANCELLED: ['QUEUED'],
    INTERRUPTED: ['QUEUED'],
  };

  for (const from of STATES) {
    for (const to of STATES) {
      const isLegal = legal[from].includes(to);
      test(`that is ${from} ${isLegal ? 'can' : 'cannot'} become ${to}`, () => {
        const step = () => stepTask(taskIn(from), stepTo(to), 5);
        if (isLegal) assert.equal(step().state, to);
        else assert.throws(step, IllegalStepError);
      });
    }
  }

  test('knows when it ran, how often, and what came out', () => {
    const queued = taskIn('QUEUED');
    const running = stepTask(queued, { to: 'RUNNING' }, 5);
    assert.deepEqual(running, { ...queued, state: 'RUNNING', startedAt: 5, attempts: 1 });
    const failed = stepTask(running, { to: 'FAILED', error: ERROR }, 6);
    assert.deepEqual(failed, { ...running, state: 'FAILED', finishedAt: 6, error: ERROR });
    const again = stepTask(failed, { to: 'QUEUED' }, 7);
    assert.deepEqual(again, { ...queued, attempts: 1 });
    const done = stepTask(stepTask(again, { to: 'RUNNING' }, 8), stepTo('SUCCEEDED'), 9);
    const { startedAt, finishedAt, attempts, result, error } = done;
    assert.deepEqual(
      { startedAt, finishedAt, attempts, result, error },
      { startedAt: 8, finishedAt: 9, attempts: 2, result: 42, error: null },
    );
  });
});

suite('an operation', () => {
  const S = 'SUCCEEDED';
  const F = 'FAILED';
  const C = 'CANCELLED';
  const I = 'INTERRUPTED';
  const Q = 'QUEUED';
  const R = 'RUNNING';
  const cases: [TaskState[], string][] = [
    [[Q], Q],
    [[Q, Q], Q],
    [[R, Q], R],
    [[R], R],
    [[S, Q], R],
    [[F, Q], R],
    [[C, R], R],
    [[S, S], S],
    [[F, F], F],
    [[C, C], C],
    [[I, I], I],
    [[S, F], 'PARTIAL'],
    [[S, C], 'PARTIAL'],
    [[S, I], 'PARTIAL'],
    [[S, F, C, I], 'PARTIAL'],
    [[F, C], F],
    [[F, I], F],
    [[F, I, C], F],
    [[I, C], I],
  ];
  for (const [states, expected] of cases) {
    test(`whose tasks are ${states.join(', ')} is ${expected}`, () => {
      assert.equal(stateOfTasks(states), expected);
      assert.equal(stateOfTasks(states.toReversed()), expected);
    });
  }

  test('begins with its first task and ends with its last', () => {
    const created = newOperation(['alpha', 'bravo']);
    const [alpha, bravo] = created.tasks.map(({ id }) => id) as [string, string];
    const begun = stepOperation(created, [{ taskId: bravo, step: { to: 'RUNNING' } }], 5);
    assert.deepEqual([begun.state, begun.startedAt, begun.finishedAt], ['RUNNING', 5, null]);
    assert.equal(begun.tasks[0], created.tasks[0]);
    const ended = stepOperation(
      begun,
      [
        { taskId: bravo, step: stepTo('SUCCEEDED') },
        { taskId: alpha, step: stepTo('CANCELLED') },
      ],
      6,
    );
    assert.deepEqual([ended.state, ended.startedAt, ended.finishedAt], ['PARTIAL', 5, 6]);
    const again = stepOperation(ended, [{ taskId: alpha, step: { to: 'QUEUED' } }], 7);
    assert.deepEqual([again.state, again.startedAt, again.finishedAt], ['RUNNING', 5, null]);
  });

  test('that never ran has never begun', () => {
    const created = newOperation(['alpha']);
    const [{ id }] = created.tasks as [TaskSnapshot];
    const { startedAt, finishedAt } = stepOperation(
      created,
      [{ taskId: id, step: stepTo('CANCELLED') }],
      5,
    );
    assert.deepEqual([startedAt, finishedAt], [null, 5]);
  });

  test('is as it was after a step that is illegal', () => {
    const created = newOperation(['alpha', 'bravo']);
    const copy = structuredClone(created);
    const [alpha, bravo] = created.tasks.map(({ id }) => id) as [string, string];
    const steps = [
      { taskId: alpha, step: stepTo('RUNNING') },
      { taskId: bravo, step: stepTo('SUCCEEDED') },
    ];
    assert.throws(() => stepOperation(created, steps, 5), IllegalStepError);
    assert.deepEqual(created, copy);
    assert.equal(stepOperation(created, [], 5), created);
  });
});

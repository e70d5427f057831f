import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PlanShelf } from '../../src/common/plan-shelf.ts';
import type { Plan } from '../../src/common/plan-shelf.ts';

type Heavy = Plan & { weight: number };

function shelf(limits: { maxPlans?: number; maxWeight?: number; maxAgeMs?: number } = {}) {
  const clock = { at: 1_000, now: () => clock.at, sleep: () => Promise.resolve() };
  const plans = new PlanShelf<Heavy>(({ weight }) => weight, { clock, ...limits });
  const keep = (weight = 1) => plans.keep({ ...plans.stamp(), weight }).id;
  return { clock, plans, keep };
}

suite('a shelf of plans', () => {
  test('keeps a plan until it expires', () => {
    const { clock, plans, keep } = shelf({ maxAgeMs: 100 });
    const id = keep();
    assert.equal(plans.find(id)?.expiresAt, 1_100);
    clock.at = 1_099;
    assert.equal(plans.find(id)?.id, id);
    clock.at = 1_100;
    assert.equal(plans.find(id), undefined);
    assert.equal(plans.find('another'), undefined);
  });

  test('drops the oldest where there are too many', () => {
    const { plans, keep } = shelf({ maxPlans: 2 });
    const ids = [keep(), keep(), keep()];
    assert.deepEqual(
      ids.map((id) => plans.find(id) !== undefined),
      [false, true, true],
    );
  });

  test('drops the oldest where they are too heavy, and keeps the newest however heavy', () => {
    const { plans, keep } = shelf({ maxWeight: 10 });
    const ids = [keep(4), keep(4), keep(4), keep(50)];
    assert.deepEqual(
      ids.map((id) => plans.find(id) !== undefined),
      [false, false, false, true],
    );
  });
});

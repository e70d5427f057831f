import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostSet } from '../../src/fleet/host-set.ts';
import { parseLabelSelector } from '../../src/fleet/label-selector.ts';
import { orderedSlice } from '../../src/fleet/ordered.ts';
import type { Order, Position } from '../../src/fleet/ordered.ts';
import { parseTimeExpression } from '../../src/fleet/time-expression.ts';

describe('a label selector', () => {
  const labels = { env: 'prod', zone: 'a', 'app.kubernetes.io/name': 'x' };
  const FITS: Record<string, boolean> = {
    'env=prod': true,
    'env==prod': true,
    'env=prod,zone=a': true,
    'env=prod, zone!=b': true,
    'env!=prod': false,
    'tier!=web': true,
    env: true,
    '!env': false,
    '!tier': true,
    'app.kubernetes.io/name=x': true,
    'env=': false,
  };
  for (const [selector, fits] of Object.entries(FITS)) {
    it(`"${selector}" ${fits ? 'fits' : 'does not fit'}`, () => {
      assert.equal(parseLabelSelector(selector)(labels), fits);
    });
  }
  for (const bad of ['', 'env=prod,', '=x', '!env=prod', 'a b', 'env=prod,,zone']) {
    it(`"${bad}" is refused with what was expected`, () => {
      assert.throws(() => parseLabelSelector(bad), /expected key=value, key!=value, key or !key/);
    });
  }
});

describe('a time', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  const TIMES: Record<string, number> = {
    '24h': now - 86_400_000,
    '1h30m': now - 5_400_000,
    '2026-11-20T11:00:00Z': now - 3_600_000,
    '2026-11-20': now - 12 * 3_600_000,
    '1700000000': 1_700_000_000_000,
  };
  for (const [text, expected] of Object.entries(TIMES)) {
    it(`"${text}" is read`, () => assert.equal(parseTimeExpression(text, now), expected));
  }
  for (const bad of ['', 'yesterday', '24', 'h', '2026-13-45', '-5h'].filter((t) => t !== '24')) {
    it(`"${bad}" is refused`, () => {
      assert.throws(() => parseTimeExpression(bad, now), /is not a time; expected RFC 3339/);
    });
  }
});

describe('a set of hosts', () => {
  it('counts, joins and lists over word borders', () => {
    const a = new HostSet();
    for (const index of [0, 31, 32, 500]) a.add(index);
    const b = new HostSet();
    for (const index of [31, 999]) b.add(index);
    assert.equal(a.intersects(b), true);
    b.addAll(a);
    a.delete(32);
    assert.deepEqual([...a], [0, 31, 500]);
    assert.deepEqual([...b], [0, 31, 32, 500, 999]);
    assert.deepEqual(
      [a.size, b.size, a.has(32), a.has(31), b.has(5000)],
      [3, 5, false, true, false],
    );
  });
});

describe('a page of an ordered list', () => {
  interface Row {
    id: string;
    key: number;
  }
  const rows: Row[] = Array.from({ length: 97 }, (_, at) => ({
    id: `r${(at * 37) % 97}`,
    key: at % 7,
  }));
  for (const direction of ['ASC', 'DESC'] as const) {
    const order: Order<Row> = { direction, keyOf: ({ key }) => key, idOf: ({ id }) => id };
    const sign = direction === 'ASC' ? 1 : -1;
    const all = rows.toSorted((a, b) => sign * (a.key - b.key) || (a.id < b.id ? -1 : 1));
    const at = (row: Row | undefined): Position | undefined => row && { key: row.key, id: row.id };

    for (const limit of [0, 1, 10, 97, 200]) {
      it(`${direction} by ${limit}: walking on and back gives the whole list once`, () => {
        const forth: Row[] = [];
        for (let guard = 0; guard < 200; guard++) {
          const slice = orderedSlice(rows, order, {
            after: at(forth.at(-1)),
            limit,
            fromEnd: false,
          });
          forth.push(...slice.records);
          assert.equal(slice.totalCount, 97);
          assert.equal(slice.hasPrevious, forth.length > slice.records.length);
          assert.equal(slice.hasNext, forth.length < 97);
          if (!slice.hasNext || limit === 0) break;
        }
        assert.deepEqual(forth, limit === 0 ? [] : all);
        const back: Row[] = [];
        for (let guard = 0; guard < 200; guard++) {
          const slice = orderedSlice(rows, order, { before: at(back[0]), limit, fromEnd: true });
          back.unshift(...slice.records);
          if (!slice.hasPrevious || limit === 0) break;
        }
        assert.deepEqual(back, limit === 0 ? [] : all);
      });
    }

    it(`${direction}: a position whose row is gone is still a place`, () => {
      const [, second, third] = all;
      const left = rows.filter((row) => row !== second);
      const { records } = orderedSlice(left, order, {
        after: at(second),
        limit: 1,
        fromEnd: false,
      });
      assert.deepEqual(records, [third]);
    });
  }
});

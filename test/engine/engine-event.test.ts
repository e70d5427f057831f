import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { engineEvent } from '../../src/engine/engine-event.ts';

suite('a message of /events', () => {
  test('20.10: legacy fields beside the present ones', () => {
    const message = {
      status: 'tag',
      id: 'sha256:1',
      Type: 'image',
      Action: 'tag',
      Actor: { ID: 'sha256:1', Attributes: { name: 'app:1' } },
      scope: 'local',
      time: 1700000000,
      timeNano: 1_700_000_000_123_456_000,
    };
    assert.deepEqual(engineEvent(message), {
      type: 'image',
      action: 'tag',
      actorId: 'sha256:1',
      attributes: { name: 'app:1' },
      at: 1700000000123,
    });
  });

  test('29: no legacy fields', () => {
    const message = {
      Type: 'container',
      Action: 'create',
      Actor: { ID: 'c1', Attributes: { image: 'app:1' } },
      time: 1700000000,
    };
    assert.deepEqual(engineEvent(message), {
      type: 'container',
      action: 'create',
      actorId: 'c1',
      attributes: { image: 'app:1' },
      at: 1700000000000,
    });
  });

  test('podman: names of its own pass', () => {
    const id = 'ab'.repeat(32);
    const event = engineEvent({ Type: 'image', Action: 'loadfromarchive', Actor: { ID: id } });
    assert.equal(event?.action, 'loadfromarchive');
    assert.equal(event?.actorId, `sha256:${id}`);
    assert.deepEqual(event?.attributes, {});
  });

  test('very old: legacy fields alone', () => {
    const event = engineEvent({ status: 'start', id: 'c1', time: 1 });
    assert.equal(event?.type, 'container');
    assert.equal(event?.actorId, 'c1');
  });

  const noise = [
    'exec_create: sh -c true',
    'exec_start: sh -c true',
    'exec_die',
    'health_status: healthy',
    'top',
    'attach',
    'resize',
  ];
  for (const action of noise) {
    test(`of a container, "${action}", is nobody's business`, () => {
      assert.equal(engineEvent({ Type: 'container', Action: action, Actor: { ID: 'c1' } }), null);
    });
  }

  for (const action of ['create', 'start', 'die', 'destroy', 'rename', 'commit', 'topple']) {
    test(`of a container, "${action}", is told`, () => {
      assert.equal(engineEvent({ Type: 'container', Action: action })?.action, action);
    });
  }

  test('without meaning is passed over', () => {
    for (const message of [null, 1, 'x', [], {}, { Type: 'image' }]) {
      assert.equal(engineEvent(message), null);
    }
  });
});

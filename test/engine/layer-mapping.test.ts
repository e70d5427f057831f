import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { mapHistoryToLayers } from '../../src/engine/layer-mapping.ts';

const EMPTY = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
const LAYER = (n: number) => `sha256:${String(n).repeat(64)}`;

/** `size instruction`, oldest first; `buildkit:` before it for BuildKit's comment. */
function steps(...rows: string[]) {
  return rows.map((row) => {
    const [, size, buildkit, createdBy] = /^(\d+) (buildkit:)?(.*)$/.exec(row)!;
    return {
      sizeBytes: Number(size),
      comment: buildkit ? 'buildkit.dockerfile.v0' : '',
      createdBy: createdBy!,
    };
  });
}

interface Case {
  name: string;
  steps: string[];
  layers: string[];
  expected: (number | null)[];
  empty: boolean[];
}

const CASES: Case[] = [
  {
    name: 'as many sizes as layers',
    steps: ['5 /bin/sh -c #(nop) ADD file:1 in /', '0 CMD ["sh"]', '7 RUN make', '0 strange'],
    layers: [LAYER(1), LAYER(2)],
    expected: [0, 2],
    empty: [false, true, false, true],
  },
  {
    name: 'a layer without bytes among instructions that make none (BuildKit)',
    steps: ['5 ADD x /', '0 buildkit:ENV A=1', '0 buildkit:RUN mkdir /x', '0 buildkit:CMD ["sh"]'],
    layers: [LAYER(1), LAYER(2)],
    expected: [0, 2],
    empty: [false, true, false, true],
  },
  {
    name: 'a layer without bytes among instructions that make none (classic builder)',
    steps: [
      '5 /bin/sh -c #(nop) ADD file:1 in / ',
      '0 /bin/sh -c #(nop)  ENV A=1',
      '0 /bin/sh -c #(nop) WORKDIR /x',
      '0 /bin/sh -c #(nop)  EXPOSE 80',
    ],
    layers: [LAYER(1), LAYER(2)],
    expected: [0, 2],
    empty: [false, true, false, true],
  },
  {
    name: 'the empty tar, which no step with bytes can have made',
    steps: ['0 RUN true', '5 COPY a /', '6 COPY b /'],
    layers: [EMPTY, LAYER(1), LAYER(2)],
    expected: [0, 1, 2],
    empty: [false, false, false],
  },
  {
    name: 'two candidates for one layer: unknown, the others certain',
    steps: ['5 ADD x /', '0 RUN mkdir /x', '0 RUN mkdir /x', '7 COPY y /'],
    layers: [LAYER(1), LAYER(2), LAYER(3)],
    expected: [0, null, 3],
    empty: [false, false, true, false],
  },
  {
    name: 'a metadata instruction with a size made a layer all the same',
    steps: ['5 buildkit:ENV A=1', '0 buildkit:CMD ["sh"]'],
    layers: [LAYER(1)],
    expected: [0],
    empty: [false, true],
  },
  {
    name: 'an unusual builder: where instructions mislead, sizes alone decide',
    steps: ['5 x', '0 buildkit:ENV A=1'],
    layers: [LAYER(1), LAYER(2)],
    expected: [0, 1],
    empty: [false, false],
  },
  {
    name: 'less history than layers',
    steps: ['5 x'],
    layers: [LAYER(1), LAYER(2)],
    expected: [null, null],
    empty: [false],
  },
  {
    name: 'more sizes than layers (squashed)',
    steps: ['5 x', '6 y', '0 z'],
    layers: [LAYER(1)],
    expected: [null],
    empty: [false, false, true],
  },
  { name: 'no history', steps: [], layers: [LAYER(1)], expected: [null], empty: [] },
  { name: 'nothing at all', steps: [], layers: [], expected: [], empty: [] },
  {
    name: 'no layers',
    steps: ['0 buildkit:ENV A=1', '0 RUN x'],
    layers: [],
    expected: [],
    empty: [true, true],
  },
  {
    name: 'a layer that occurs twice',
    steps: ['5 COPY a /', '5 COPY a /', '0 CMD x'],
    layers: [LAYER(1), LAYER(1)],
    expected: [0, 1],
    empty: [false, false, true],
  },
];

suite('history to layers', () => {
  for (const { name, steps: rows, layers, expected, empty } of CASES) {
    test(name, () => {
      assert.deepEqual(mapHistoryToLayers(steps(...rows), layers), {
        stepOfLayer: expected,
        emptySteps: empty,
      });
    });
  }

  test('the largest that is let in is done quickly', () => {
    const rows = Array.from({ length: 10_000 }, (_, at) => `${at % 10 === 0 ? 5 : 0} RUN ${at}`);
    const layers = Array.from({ length: 1_000 }, (_, at) => `sha256:${at}`);
    const { stepOfLayer } = mapHistoryToLayers(steps(...rows), layers);
    assert.equal(stepOfLayer[999], 9990);
  });
});

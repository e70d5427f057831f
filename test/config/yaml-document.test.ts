import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '../../src/config/yaml-document.ts';
import { problemsOf } from './config-fixtures.ts';

test('keeps every scalar as it was written', () => {
  const { data } = parseYaml(
    '{a: 1.10, b: true, c: 007, d: null, e: , f: "q", g: [~, 2020-01-01]}',
    'f',
  );
  assert.deepEqual(data, {
    a: '1.10',
    b: 'true',
    c: '007',
    d: 'null',
    e: '',
    f: 'q',
    g: ['~', '2020-01-01'],
  });
});

test('follows anchors and merge keys, own keys first', () => {
  const text = `
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
one: {b: own, <<: *base}
two:
  <<: [*more, *base]
same: *base
`;
  assert.deepEqual(parseYaml(text, 'f').data, {
    base: { a: '1', b: '2' },
    more: { b: '3', c: '4' },
    one: { b: 'own', a: '1' },
    two: { b: '3', c: '4', a: '1' },
    same: { a: '1', b: '2' },
  });
});

test('finds values, keys and the surroundings of what is missing', () => {
  const document = parseYaml('base: &b\n  deep: x\nlist:\n  - one\n  - k: v\n    <<: *b\n', 'f');
  const at = (...path: (string | number)[]) => Object.values(document.locate(path)).join(':');
  assert.equal(at(), '1:1');
  assert.equal(at('list'), '4:3');
  assert.equal(at('list', 0), '4:5');
  assert.equal(at('list', 1, 'k'), '5:8');
  assert.deepEqual(document.locate(['list', 1, 'k'], 'key'), { line: 5, column: 5 });
  assert.equal(at('list', 1, 'deep'), '2:9', 'what was merged is found where it is written');
  assert.equal(at('list', 1, 'gone', 'further'), '5:5');
  assert.equal(at('list', 7), '4:3');
});

test('tells each kind of broken YAML with its place', async () => {
  const table: [string, string[]][] = [
    ['a: 1\na: 2', ['2:1 Map keys must be unique']],
    ['a: "x', ['1:6 Missing closing "quote']],
    ['a:\n\t- b', ['2:1 Tabs are not allowed as indentation']],
    ['a: b: c', ['1:4 Nested mappings are not allowed in compact mappings']],
    ['a: 1\n---\nb: 2', ['2:1 a second YAML document starts here']],
    ['a: !Env X', ['1:4 Unresolved tag: !Env']],
    ['a: *gone', ['1:4 *gone has no anchor &gone before it']],
    ['a: &a [*a]', ['1:8 *a refers to itself']],
    ['? [a]\n: b', ['1:3 a key must be a plain word']],
    ['<<: 3', ['1:1 "<<" takes a map or a list of maps, such as *defaults']],
    ['a: *x\nb: *y', ['1:4 *x has no anchor &x before it', '2:4 *y has no anchor &y before it']],
    ['['.repeat(60) + ']'.repeat(60), ['1:52 nested deeper than 50 levels']],
  ];
  for (const [text, expected] of table) {
    assert.deepEqual(await problemsOf(() => parseYaml(text, 'f')), expected, text);
  }
});

test('reads an empty file as nothing', () => {
  assert.equal(parseYaml('', 'f').data, null);
  assert.equal(parseYaml('# only a comment\n', 'f').data, null);
});

test('refuses alias bombs', async () => {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 30; i++) {
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  }
  assert.deepEqual(await problemsOf(() => parseYaml(lines.join('\n'), 'f')), [
    '7:10 aliases stand for more than 2000000 values',
  ]);
});

test('lets many values share an anchor', () => {
  const shared = '  - {<<: *d, n: x}\n'.repeat(10_000);
  const { data } = parseYaml(`d: &d {a: {b: c}, e: f}\nlist:\n${shared}`, 'f');
  assert.equal((data as { list: unknown[] }).list.length, 10_000);
});

test('survives nesting that would overflow the stack', async () => {
  const problems = await problemsOf(() => parseYaml('['.repeat(100_000), 'f'));
  assert.ok(problems.length > 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from '../../src/config/did-you-mean.ts';

test('knows a slip of the fingers from another word', () => {
  const known = ['name', 'endpoint', 'labels', 'tls', 'ssh', 'identityFile'];
  const table: [string, string | undefined][] = [
    ['label', 'labels'],
    ['endpiont', 'endpoint'],
    ['Name', 'name'],
    ['sssh', 'ssh'],
    ['identity_file', 'identityFile'],
    ['colour', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ];
  for (const [word, expected] of table) assert.equal(didYouMean(word, known), expected, word);
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { test } from 'node:test';
import {
  formatTokenLine,
  hashToken,
  newToken,
  parseTokens,
  readTokensFile,
} from '../../src/config/tokens-file.ts';
import { problemsOf, testFolder } from './config-fixtures.ts';

test('makes tokens that differ and hashes them', () => {
  const token = newToken();
  assert.match(token, /^dg_[A-Za-z0-9_-]{43}$/);
  assert.notEqual(newToken(), token);
  const hex = createHash('sha256').update(token).digest('hex');
  assert.equal(hashToken(token), `sha256:${hex}`);
});

test('reads what it writes, with comments and blank lines', () => {
  const [a, b] = [hashToken('a'), hashToken('b')];
  const text = `\uFEFF# who may ask\n\n${formatTokenLine({ name: 'ci', hash: a })}\r\n  ops@example.com :  ${b.toUpperCase().replace('SHA', 'sha')}  # laptop\n`;
  assert.deepEqual(parseTokens(text, 'f'), [
    { name: 'ci', hash: a },
    { name: 'ops@example.com', hash: b },
  ]);
});

test('tells every mistake with its line and repeats no value', async () => {
  const hash = hashToken('a');
  const token = newToken();
  const text = [
    `ci: ${hash}`,
    'nonsense',
    `  -x: ${hashToken('b')}`,
    `paste: ${token}`,
    'short: sha256:abcd',
    'plain: secret',
    `ci: ${hashToken('c')}`,
    `again: ${hash}`,
    `two words: ${hash}`,
  ].join('\n');
  const problems = await problemsOf(() => parseTokens(text, 'f'));
  assert.deepEqual(problems, [
    '2:1 expected NAME: sha256:HEX',
    '3:3 bad token name "-x"; expected letters, digits, "_", ".", "@" and "-", first a letter or digit, at most 63',
    '4:1 "paste" has the token itself; expected its hash, as dockgraph token NAME prints it',
    '5:1 "short" has no hash; expected sha256: and 64 hex digits',
    '6:1 "plain" has no hash; expected sha256: and 64 hex digits',
    '7:1 duplicate name "ci", first used on line 1',
    '8:1 "again" has the same token as line 1; each name needs its own',
    '9:1 expected NAME: sha256:HEX',
  ]);
});

test('warns of a file that everybody can write, and of one without tokens', async (t) => {
  const folder = await testFolder(t);
  const file = folder.file('tokens');
  await folder.write({ tokens: `ci: ${hashToken('a')}\n` });
  await chmod(file, 0o644);
  assert.deepEqual((await readTokensFile(file)).warnings, []);
  await chmod(file, 0o666);
  assert.deepEqual((await readTokensFile(file)).warnings, [
    `${file} can be written by everybody; chmod o-w it`,
  ]);
  await chmod(file, 0o600);
  await folder.write({ tokens: '# none yet\n' });
  assert.deepEqual((await readTokensFile(file)).warnings, [
    `${file} holds no token: nobody is let in`,
  ]);
  assert.deepEqual(await problemsOf(() => readTokensFile(folder.file('gone'))), [
    `${folder.file('gone')} no such file`,
  ]);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BadUserInputError, ForbiddenError } from '../../src/common/errors.ts';
import { assertAllowed, fetchableUrl } from '../../src/verbs/allowed-url.ts';

describe('a URL for engines to fetch', () => {
  it('has one form', () => {
    const cases: [string, string][] = [
      ['https://Files.Example.com:443/a/../b c', 'https://files.example.com/b%20c'],
      ['http:\\\\files\\a', 'http://files/a'],
      ['https://git.example.com/a.git#main:folder', 'https://git.example.com/a.git#main:folder'],
      ['git://git.example.com/a.git', 'git://git.example.com/a.git'],
      ['https://a/x%2Fy?token=1', 'https://a/x%2Fy?token=1'],
    ];
    for (const [text, url] of cases) assert.equal(fetchableUrl(text, { git: true }), url);
  });

  it('is refused when it is none, has a password, or hides where it leads', () => {
    const bad = [
      '',
      '-',
      'a.tar',
      '/etc/passwd',
      'file:///etc/passwd',
      'ftp://a/b',
      'git@host:a.git',
      'data:,x',
      'ssh://git@host/a',
      'http://',
      'https://me@a/',
      'https://me:pw@a/',
      'https://a/b/%2e%2e%2fc',
      'https://a/b/..%2fc',
      'https://a/b/..%5Cc',
      'https://a/b/%252e%252e%252fc',
    ];
    for (const text of bad) {
      assert.throws(() => fetchableUrl(text, { git: true }), BadUserInputError, text);
    }
    assert.throws(() => fetchableUrl('git://a/b', { git: false }), /http:\/\/, https:\/\//);
    assert.throws(
      () => fetchableUrl('ssh://me:s3cret@a/b', { git: true }),
      (error: Error) => !error.message.includes('s3cret'),
    );
  });

  it('is allowed by whole segments of its beginning', () => {
    const cases: [allowed: string, url: string, isAllowed: boolean][] = [
      ['https://a/', 'https://a/b/c', true],
      ['https://a/', 'http://a/b', false],
      ['https://a/', 'https://a:8443/b', false],
      ['https://a/', 'https://a.evil.example/b', false],
      ['https://a/b', 'https://a/b', true],
      ['https://a/b', 'https://a/b?x#y', true],
      ['https://a/b', 'https://a/b/c', true],
      ['https://a/b', 'https://a/bc', false],
      ['https://a/b/', 'https://a/b', false],
      ['https://a/b/', 'https://a/B/c', false],
      ['git://a', 'git://a/b.git', true],
      ['git://a', 'git://ab/b.git', false],
    ];
    for (const [allowed, url, isAllowed] of cases) {
      const check = () => assertAllowed(url, ['https://other/', allowed], 'alpha');
      if (isAllowed) check();
      else assert.throws(check, ForbiddenError, `${allowed} ${url}`);
    }
  });

  it('says which setting allows it, and nothing of its query', () => {
    assert.throws(
      () => assertAllowed('https://a/b?signature=s3cret', [], 'alpha'),
      ({ message, code, host, details }: ForbiddenError) => {
        assert.equal(message, 'engines may not be sent to https://a for this; none is allowed');
        assert.deepEqual([code, host], ['FORBIDDEN', 'alpha']);
        assert.match(String(details?.['hint']), /DOCKGRAPH_IMPORT_URLS/);
        return true;
      },
    );
  });
});

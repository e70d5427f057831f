import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { singleFileTar } from '../../src/archive/single-file-tar.ts';

const tar = (args: string[], input: Buffer) => execFileSync('tar', args, { input });

describe('a tar of one file', () => {
  it('is what tar reads, whatever the size of the content', () => {
    for (const size of [0, 1, 511, 512, 513, 10_000]) {
      const content = Buffer.alloc(size, 'ü\n');
      const bytes = singleFileTar('Dockerfile', content);
      assert.equal(bytes.length % 512, 0);
      assert.equal(bytes.length, 512 + Math.ceil(size / 512) * 512 + 1024);
      assert.ok(tar(['-xO', 'Dockerfile'], bytes).equals(content), `${size} bytes`);
      assert.ok(bytes.subarray(-1024).every((byte) => byte === 0));
    }
  });

  it('has a plain header: a file of root, from 1970', () => {
    const listed = tar(['--utc', '--numeric-owner', '-tv'], singleFileTar('a', Buffer.from('x')));
    assert.match(listed.toString(), /^-rw-r--r-- 0\/0 +1 1970-01-01 00:00 a\n$/);
    const header = singleFileTar('a', Buffer.from('x')).subarray(0, 512);
    assert.equal(header.toString('latin1', 257, 265), 'ustar\u000000');
    assert.equal(header.toString('latin1', 154, 156), '\0 ');
  });

  it('is the same for the same content', () => {
    const content = Buffer.from('FROM scratch\n');
    assert.ok(singleFileTar('Dockerfile', content).equals(singleFileTar('Dockerfile', content)));
  });

  it('takes names that fit a header, in bytes', () => {
    const longest = 'n'.repeat(100);
    assert.match(tar(['-t'], singleFileTar(longest, Buffer.alloc(0))).toString(), /^n{100}\n$/);
    for (const name of ['', `${longest}n`, 'ü'.repeat(51)]) {
      assert.throws(() => singleFileTar(name, Buffer.alloc(0)), RangeError);
    }
  });
});

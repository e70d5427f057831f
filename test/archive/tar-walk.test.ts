import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, linkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { TAR_END, tarFile, tarHeader } from '../../src/archive/tar-header.ts';
import { TarError, TarWalk } from '../../src/archive/tar-walk.ts';
import { tarOf } from './archive-builder.ts';

const LONG = `${'long/'.repeat(60)}name`;

/** A file with another type in its header. */
function typed(type: string, content: string | Buffer, path = 'extended'): Buffer {
  const bytes = tarFile(path, Buffer.from(content));
  bytes.write(type, 156, 'latin1');
  return checked(bytes);
}

/** With the checksum that its header has now. */
function checked(bytes: Buffer): Buffer {
  bytes.fill(' ', 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(sum.toString(8).padStart(6, '0'), 148, 'latin1');
  return bytes;
}

/** A PAX record, its length in bytes. */
function record(text: string): Buffer {
  const bytes = Buffer.byteLength(text) + 2;
  const length = [2, 3].map((digits) => bytes + digits).find((n) => `${n}`.length === n - bytes);
  return Buffer.from(`${length} ${text}\n`);
}

interface Walked {
  heads: string[];
  contents: string[];
}

function walked(tar: Buffer, size = tar.length): Walked {
  const heads: string[] = [];
  const contents: string[] = [];
  const raw: Buffer[] = [];
  let content: Buffer[] = [];
  const walk = new TarWalk({
    begin: ({ path, isFile, linkTarget }) => {
      heads.push(
        `${isFile ? 'file' : 'other'} ${path}${linkTarget === null ? '' : ` → ${linkTarget}`}`,
      );
      content = [];
    },
    content: (part) => content.push(part),
    raw: (part) => raw.push(part),
    end: () => contents.push(Buffer.concat(content).toString()),
  });
  for (let at = 0; at < tar.length; at += size) walk.push(tar.subarray(at, at + size));
  walk.finish();
  assert.ok(tar.subarray(0, -1024).equals(Buffer.concat(raw)), 'all but the end is passed on');
  return { heads, contents };
}

function problem(...parts: Buffer[]): string {
  try {
    walked(Buffer.concat(parts));
  } catch (error) {
    assert.ok(error instanceof TarError, (error as Error).stack);
    return error.message;
  }
  throw new Error('it was taken for a good one');
}

suite('the walk over a tar', () => {
  test('is the same byte by byte, with long names and links', async () => {
    const tar = Buffer.concat([
      typed('L', `${LONG}\0`),
      tarFile('short', Buffer.from('of the long name')),
      typed('x', record(`path=pax/${'n'.repeat(60)}`)),
      tarFile('short', Buffer.alloc(700, 'p')),
      typed('K', `${LONG}\0`),
      typed('2', '', 'gnu-link'),
      typed('x', Buffer.concat([record('mtime=1.5'), record('linkpath=ü/b\nc'), record('path=ü')])),
      typed('1', '', 'hard-link'),
      typed('x', record('size=3')),
      checked(Buffer.from(tarFile('sized', Buffer.from('abc'))).fill('0', 124, 135)),
      typed('g', record('comment=of all')),
      await tarOf([
        { path: 'link', linkTo: '../elsewhere' },
        { path: 'folder', folder: true },
        { path: './manifest.json', content: Buffer.from('[]') },
        { path: 'empty', content: Buffer.alloc(0) },
      ]),
    ]);
    const whole = walked(tar);
    assert.deepEqual(whole, {
      heads: [
        `file ${LONG}`,
        `file pax/${'n'.repeat(60)}`,
        `other gnu-link → ${LONG}`,
        'other ü → ü/b\nc',
        'file sized',
        'other link → ../elsewhere',
        'other folder',
        'file manifest.json',
        'file empty',
      ],
      contents: ['of the long name', 'p'.repeat(700), '', '', 'abc', '', '', '[]', ''],
    });
    for (const size of [1, 7, 511, 512, 513, 1000]) assert.deepEqual(walked(tar, size), whole);
  });

  test('reads what tar writes, in each of its formats', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dockgraph-walk-'));
    try {
      const long = 'n'.repeat(120);
      writeFileSync(join(folder, long), 'content');
      symlinkSync(long, join(folder, 'soft'));
      linkSync(join(folder, long), join(folder, 'zhard'));
      for (const format of ['gnu', 'pax']) {
        const args = ['-c', `--format=${format}`, '-C', folder, long, 'soft', 'zhard'];
        const tar = execFileSync('tar', args);
        const heads: string[] = [];
        const walk = new TarWalk({
          begin: ({ path, linkTarget, size }) => heads.push(`${path} ${linkTarget} ${size}`),
          content: (bytes) => assert.equal(bytes.toString(), 'content'),
          end: () => {},
        });
        walk.push(tar);
        walk.finish();
        assert.deepEqual(heads, [`${long} null 7`, `soft ${long} 0`, `zhard ${long} 0`]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('knows sizes of 8 GiB and more, as written here and as tar lists them', () => {
    for (const size of [8 ** 11 - 1, 8 ** 11, 12_345_678_901_234]) {
      let seen = 0;
      const walk = new TarWalk({
        begin: (head) => (seen = head.size),
        content: () => {},
        end: () => {},
      });
      const header = tarHeader('large', size);
      walk.push(header);
      assert.equal(seen, size);
      const listed = execFileSync('sh', ['-c', 'tar -tv 2>/dev/null || true'], { input: header });
      assert.match(listed.toString(), new RegExp(` ${size} `));
    }
  });

  test('says what is wrong, in which entry and where', () => {
    const file = tarFile('one', Buffer.from('1'));
    assert.equal(problem(), 'there are no bytes');
    assert.match(problem(file.subarray(0, 600)), /in the middle of one, after 600 bytes/);
    assert.match(problem(file), /before the end of the tar, after 1024 bytes/);
    assert.match(problem(file, TAR_END.subarray(512)), /before the end of the tar, after 1536/);
    assert.match(problem(file, Buffer.alloc(512, 'x')), /no tar after one \(at byte 1024\)/);
    assert.match(problem(Buffer.alloc(512, 'x')), /no tar at its beginning \(at byte 0\)/);
    assert.match(problem(file, TAR_END, file), /something after the end of the tar \(at byte/);
    assert.match(problem(file, TAR_END.subarray(512), file), /after the end of the tar/);
    for (const broken of ['9', '1 path=a\n', 'x path=a\n', '99 path=a\n', '10 path=ab', '0 a\n']) {
      assert.match(problem(typed('x', broken), file, TAR_END), /extended header is damaged/);
    }
    assert.match(problem(typed('x', record('size=-1')), file), /one has no size/);
    assert.match(problem(typed('x', record('size=9007199254740993')), file), /one has no size/);
    assert.match(problem(typed('L', 'name'), TAR_END), /behind an extended header/);
    const negative = Buffer.from(file);
    negative.fill(0xff, 124, 136);
    assert.match(problem(checked(negative)), /one has no size \(at byte 0\)/);
    const words = Buffer.from(file);
    words.write('not a number', 124, 'latin1');
    assert.match(problem(checked(words)), /one has no size/);
    const large = checked(Buffer.from(typed('x', '')).fill('7', 124, 135));
    assert.match(problem(large), /extended headers are larger than 1048576 bytes \(at byte 0\)/);
    // They are kept until their entry comes, which may be never.
    const half = typed('L', Buffer.alloc(600_000, 'a'));
    assert.match(problem(half, half), /extended headers are larger than 1048576 bytes/);
    const small = Array.from({ length: 3_000 }, () => typed('g', ''));
    assert.match(problem(...small), /extended headers are larger than 1048576 bytes/);
    assert.equal(walked(Buffer.concat([half, file, half, file, TAR_END])).heads.length, 2);
  });
});

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  fingerprintOf,
  judgeHostKey,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../src/engine/dial/ssh/known-hosts.ts';

/** A key in wire format: its type, then anything. */
function key(keyType: string, content: string): Buffer {
  const part = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text, 'latin1')]);
  };
  return Buffer.concat([part(keyType), part(content)]);
}

const ED = key('ssh-ed25519', 'the right key');
const ED_OTHER = key('ssh-ed25519', 'another key');
const ECDSA = key('ecdsa-sha2-nistp256', 'an elliptic one');
const RSA = key('ssh-rsa', 'a long one');

function line(patterns: string, wire: Buffer, keyType = 'ssh-ed25519'): string {
  return `${patterns} ${keyType} ${wire.toString('base64')} somebody@somewhere`;
}

function hashed(name: string): string {
  const salt = Buffer.from('twenty bytes of salt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

function judge(text: string, name: string | string[], wire: Buffer = ED) {
  const names = typeof name === 'string' ? [name] : name;
  return judgeHostKey(parseKnownHosts(text, 'KH'), names, wire);
}

suite('known_hosts', () => {
  const patterns: [patterns: string, name: string, known: boolean][] = [
    ['host.example', 'host.example', true],
    ['HOST.example', 'host.example', true],
    ['host.example', 'host-example', false],
    ['host.example', 'a.host.example', false],
    ['other,host.example,10.0.0.1', 'host.example', true],
    ['other,host.example,10.0.0.1', '10.0.0.1', true],
    ['*.example', 'host.example', true],
    ['*.example', 'example', false],
    ['10.0.0.?', '10.0.0.7', true],
    ['10.0.0.?', '10.0.0.77', false],
    ['*.example,!bad.example', 'good.example', true],
    ['*.example,!bad.example', 'bad.example', false],
    ['!bad.example', 'good.example', false],
    ['[host.example]:2222', '[host.example]:2222', true],
    ['[host.example]:2222', 'host.example', false],
    ['host.example', '[host.example]:2222', false],
    ['[*.example]:2222', '[host.example]:2222', true],
    ['[::1]:2222', '[::1]:2222', true],
    ['*', '[host.example]:2222', true],
    [hashed('host.example'), 'host.example', true],
    [hashed('host.example'), 'other.example', false],
    [hashed('[host.example]:2222'), '[host.example]:2222', true],
    ['|2|c2FsdA==|aGFzaA==', 'host.example', false],
    ['|1|broken', 'host.example', false],
  ];
  for (const [pattern, name, known] of patterns) {
    test(`${pattern.slice(0, 40)} ${known ? 'is' : 'is not'} about ${name}`, () => {
      assert.equal(judge(line(pattern, ED), name).kind, known ? 'KNOWN' : 'UNKNOWN');
    });
  }

  test('names a host with its port unless that is 22', () => {
    assert.equal(knownHostName('Host.Example', 22), 'host.example');
    assert.equal(knownHostName('Host.Example', 2222), '[host.example]:2222');
    assert.equal(knownHostName('::1', 2222), '[::1]:2222');
  });

  test('another key of the same type is a change, told with file and line', () => {
    const text = `# our hosts\n\n${line('host', ED_OTHER)}\n`;
    assert.deepEqual(judge(text, 'host'), { kind: 'CHANGED', file: 'KH', line: 3 });
  });

  test('one of several keys of a type is enough', () => {
    assert.equal(judge(`${line('host', ED_OTHER)}\n${line('host', ED)}`, 'host').kind, 'KNOWN');
  });

  test('a key of another type is unknown, and the known types are told', () => {
    const text = line('host', ECDSA, 'ecdsa-sha2-nistp256');
    assert.deepEqual(judge(text, 'host'), { kind: 'UNKNOWN', otherTypes: ['ecdsa-sha2-nistp256'] });
  });

  test('a revoked key is refused even where another line knows it', () => {
    const text = `${line('host', ED)}\n@revoked ${line('*', ED)}`;
    assert.deepEqual(judge(text, 'host'), { kind: 'REVOKED', file: 'KH', line: 2 });
    assert.equal(
      judge(`@revoked ${line('host', ED_OTHER)}\n${line('host', ED)}`, 'host').kind,
      'KNOWN',
    );
  });

  test('lines of authorities, comments and rubbish say nothing', () => {
    const text = [
      `@cert-authority ${line('*', ED)}`,
      `@strange ${line('*', ED)}`,
      `#${line('*', ED)}`,
      '* ssh-ed25519',
      '* ssh-ed25519 AAAA',
      `* ssh-rsa ${ED.toString('base64')}`,
      '',
    ].join('\r\n');
    assert.deepEqual(parseKnownHosts(text, 'KH'), []);
    assert.equal(judge(text, 'host').kind, 'UNKNOWN');
  });

  test('a host known without its port is known, but a difference there is no change', () => {
    const names = ['[host]:2222', 'host'];
    assert.equal(judge(line('host', ED), names).kind, 'KNOWN');
    assert.equal(judge(line('host', ED_OTHER), names).kind, 'UNKNOWN');
    assert.equal(
      judge(`${line('[host]:2222', ED_OTHER)}\n${line('host', ED)}`, names).kind,
      'CHANGED',
    );
  });

  test('tells the types of keys that a host is known by', () => {
    const text = [
      line('host', RSA, 'ssh-rsa'),
      line('host', ED),
      line('other', ECDSA, 'ecdsa-sha2-nistp256'),
      `@revoked ${line('host', ECDSA, 'ecdsa-sha2-nistp256')}`,
    ].join('\n');
    const lines = parseKnownHosts(text, 'KH');
    assert.deepEqual(knownKeyTypes(lines, ['[host]:2222', 'host']), ['ssh-rsa', 'ssh-ed25519']);
    assert.deepEqual(knownKeyTypes(lines, ['stranger']), []);
  });

  test('prints fingerprints as OpenSSH does', () => {
    const known = Buffer.from(
      'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
      'base64',
    );
    assert.equal(fingerprintOf(known), 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  });
});

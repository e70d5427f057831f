import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpointUrl, parseSshDestination } from '../../src/config/endpoint-url.ts';
import { problemsOf } from './config-fixtures.ts';

const none = undefined;

test('understands every form of endpoint', () => {
  const table: [string, object][] = [
    ['unix:///var/run/docker.sock', { scheme: 'unix', socketPath: '/var/run/docker.sock' }],
    ['unix://', { scheme: 'unix', socketPath: none }],
    ['tcp://host:2376', { scheme: 'tcp', host: 'host', port: 2376 }],
    ['tcp://host', { scheme: 'tcp', host: 'host', port: none }],
    ['TCP://10.0.0.1:1/', { scheme: 'tcp', host: '10.0.0.1', port: 1 }],
    ['tcp://[fe80::1]:2375', { scheme: 'tcp', host: 'fe80::1', port: 2375 }],
    ['ssh://far', { scheme: 'ssh', user: none, host: 'far', port: none, socketPath: none }],
    ['ssh://me@far:22', { scheme: 'ssh', user: 'me', host: 'far', port: 22, socketPath: none }],
    ['ssh://far/', { scheme: 'ssh', user: none, host: 'far', port: none, socketPath: none }],
    [
      'ssh://me@corp.example@far/run/user/1000/docker.sock',
      {
        scheme: 'ssh',
        user: 'me@corp.example',
        host: 'far',
        port: none,
        socketPath: '/run/user/1000/docker.sock',
      },
    ],
    [
      'ssh://a%40b@[::1]:2200/with%20space',
      { scheme: 'ssh', user: 'a@b', host: '::1', port: 2200, socketPath: '/with space' },
    ],
  ];
  for (const [text, expected] of table) assert.deepEqual(parseEndpointUrl(text), expected, text);
});

test('says what is wrong with an endpoint and what was expected', async () => {
  const forms = 'unix:///PATH, tcp://HOST[:PORT] or ssh://[USER@]HOST[:PORT][/PATH-OF-SOCKET]';
  const table: [string, string][] = [
    ['', `"" has no scheme; expected ${forms}`],
    ['host:2375', `"host:2375" has no scheme; expected ${forms}`],
    ['/var/run/docker.sock', `"/var/run/docker.sock" has no scheme; expected ${forms}`],
    [
      'npipe:////./pipe/docker_engine',
      `unsupported scheme "npipe" in "npipe:////./pipe/docker_engine"; expected ${forms}`,
    ],
    ['fd://', `unsupported scheme "fd" in "fd://"; expected ${forms}`],
    [
      'https://h:2376',
      'unsupported scheme "https" in "https://h:2376"; docker writes tcp://HOST:PORT, with and without TLS',
    ],
    ['unix://docker.sock', '"unix://docker.sock" is not absolute; expected unix:///PATH'],
    ['tcp://', '"tcp://" names no host'],
    ['tcp://:2375', '"tcp://:2375" names no host'],
    ['tcp://h:0', '"tcp://h:0": "0" is no port; expected 1 to 65535'],
    ['tcp://h:65536', '"tcp://h:65536": "65536" is no port; expected 1 to 65535'],
    ['tcp://h:', '"tcp://h:": "" is no port; expected 1 to 65535'],
    ['tcp://h:http', '"tcp://h:http": "http" is no port; expected 1 to 65535'],
    ['tcp://::1:80', '"tcp://::1:80" is no HOST[:PORT]; IPv6 goes in brackets: [::1]'],
    ['tcp://[h]:80', '"tcp://[h]:80": "h" is no IPv6 address'],
    ['tcp://[::1:80', '"tcp://[::1:80" is no HOST[:PORT]; IPv6 goes in brackets: [::1]'],
    ['tcp://-h', '"tcp://-h": "-h" is no host name or address'],
    ['tcp://a b', '"tcp://a b": "a b" is no host name or address'],
    ['tcp://h:1/base', '"tcp://h:1/base" has a path; expected tcp://HOST[:PORT]'],
    ['tcp://me@h', '"tcp://me@h" names a user; expected tcp://HOST[:PORT]'],
    ['tcp://me:pw@h', '"tcp://me:***@h" names a user; expected tcp://HOST[:PORT]'],
    ['ssh://me:pw@h', '"ssh://me:***@h" holds a password, which ssh does not take; use a key'],
    ['ssh://@h', '"ssh://@h" has an empty user before the @'],
    ['ssh://%zz@h', '"ssh://%zz@h" has a broken %-escape'],
    [
      'ssh://h/s?x=1',
      '"ssh://h/s?x=1" has a query or fragment; expected ssh://[USER@]HOST[:PORT][/PATH-OF-SOCKET]',
    ],
  ];
  for (const [text, expected] of table) {
    assert.deepEqual(await problemsOf(() => parseEndpointUrl(text)), [expected], text);
  }
});

test('shows no password of an endpoint', async () => {
  for (const text of [
    'ssh://u:s3cret@h',
    'tcp://u:s3cret@h',
    'http://u:s3cret@h',
    'u:s3cret@h:1',
  ]) {
    const [problem] = await problemsOf(() => parseEndpointUrl(text));
    assert.ok(!problem?.includes('s3cret'), problem);
  }
});

test('understands the machines of a jump', async () => {
  const table: [string, object][] = [
    ['bastion', { user: none, host: 'bastion', port: none }],
    ['me@bastion:2200', { user: 'me', host: 'bastion', port: 2200 }],
    ['ssh://me@[::1]:22', { user: 'me', host: '::1', port: 22 }],
  ];
  for (const [text, expected] of table) assert.deepEqual(parseSshDestination(text), expected);
  assert.deepEqual(await problemsOf(() => parseSshDestination('')), ['"" names no host']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '../../src/config/environment.ts';
import { parseListenAddress, readSettings, unknownVariables } from '../../src/config/settings.ts';
import type { ServeFlags, Settings } from '../../src/config/settings.ts';
import { problemsOf } from './config-fixtures.ts';

function environment(variables: Record<string, string>): Environment {
  return {
    variables,
    homeDir: '/home/me',
    userName: 'me',
    workingDir: '/cwd',
    systemSshDir: '/etc/ssh',
  };
}

function read(variables: Record<string, string> = {}, flags: ServeFlags = {}): Settings {
  return readSettings(flags, environment(variables));
}

test('has defaults for everything', () => {
  assert.deepEqual(read(), {
    listen: { host: '127.0.0.1', port: 4000 },
    dataDir: '/home/me/.local/share/dockgraph',
    allowedOrigins: [],
    importUrls: [],
    uploads: { maxBytes: 2 * 1024 ** 3, maxTotalBytes: 10 * 1024 ** 3 },
    registries: [],
    registryCertsDir: '/etc/docker/certs.d',
    logLevel: 'info',
    limits: { maxCost: 2_000_000, maxDepth: 15 },
    resyncMs: 300_000,
    callTimeoutMs: 30_000,
  });
});

test('reads every variable', () => {
  const settings = read({
    DOCKGRAPH_CONFIG: 'hosts.yaml',
    DOCKGRAPH_LISTEN: '[::1]:0',
    DOCKGRAPH_DATA_DIR: '~/data',
    DOCKGRAPH_TOKENS_FILE: '/etc/tokens',
    DOCKGRAPH_ALLOWED_ORIGINS: 'https://Ops.example.com/, http://localhost:3000 ,',
    DOCKGRAPH_IMPORT_URLS: ' https://Files.example.com/images , git://git.example.com,',
    DOCKGRAPH_UPLOAD_MAX_BYTES: '1000',
    DOCKGRAPH_UPLOADS_MAX_BYTES: '5000',
    DOCKGRAPH_REGISTRIES: 'Registry:5000, https://a.example,http://b.example:80 ,[::1]:5000',
    DOCKGRAPH_REGISTRY_CERTS: 'certs',
    DOCKGRAPH_LOG_LEVEL: 'DEBUG',
    DOCKGRAPH_MAX_COST: '5',
    DOCKGRAPH_MAX_DEPTH: '7',
    DOCKGRAPH_RESYNC_SECONDS: '60',
    DOCKGRAPH_CALL_TIMEOUT_SECONDS: '2',
  });
  assert.deepEqual(settings, {
    configFile: '/cwd/hosts.yaml',
    listen: { host: '::1', port: 0 },
    dataDir: '/home/me/data',
    tokensFile: '/etc/tokens',
    allowedOrigins: ['https://ops.example.com', 'http://localhost:3000'],
    importUrls: ['https://files.example.com/images', 'git://git.example.com'],
    uploads: { maxBytes: 1000, maxTotalBytes: 5000 },
    registries: [
      { host: 'registry:5000', plainHttp: false },
      { host: 'a.example', plainHttp: false },
      { host: 'b.example:80', plainHttp: true },
      { host: '[::1]:5000', plainHttp: false },
    ],
    registryCertsDir: '/cwd/certs',
    logLevel: 'debug',
    limits: { maxCost: 5, maxDepth: 7 },
    resyncMs: 60_000,
    callTimeoutMs: 2000,
  });
});

test('lets flags win over variables', () => {
  const settings = read(
    {
      DOCKGRAPH_CONFIG: '/v',
      DOCKGRAPH_LISTEN: 'nonsense',
      DOCKGRAPH_DATA_DIR: '/v',
      DOCKGRAPH_TOKENS_FILE: '/v',
    },
    { config: '/f', listen: 'localhost:1', 'data-dir': '/f', tokens: '/f' },
  );
  assert.partialDeepStrictEqual(settings, {
    configFile: '/f',
    listen: { host: 'localhost', port: 1 },
    dataDir: '/f',
    tokensFile: '/f',
  });
});

test('keeps its data by XDG_DATA_HOME where that is absolute', () => {
  assert.equal(read({ XDG_DATA_HOME: '/xdg' }).dataDir, '/xdg/dockgraph');
  assert.equal(read({ XDG_DATA_HOME: 'xdg' }).dataDir, '/home/me/.local/share/dockgraph');
});

test('takes empty variables for variables that are not set', () => {
  assert.deepEqual(read({ DOCKGRAPH_LISTEN: '', DOCKGRAPH_MAX_COST: '' }), read());
});

const LISTEN_FORMS = 'expected HOST:PORT, such as 127.0.0.1:4000, [::1]:4000 or 0.0.0.0:4000';

const noAddress = (text: string) =>
  `"${text}" does not say which address to listen on; ${LISTEN_FORMS}`;

const noPort = (text: string) =>
  `"${text}" is no HOST:PORT with a port up to 65535; ${LISTEN_FORMS}`;

test('parses where to listen', async () => {
  const good: [string, object][] = [
    ['127.0.0.1:4000', { host: '127.0.0.1', port: 4000 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::]:65535', { host: '::', port: 65535 }],
  ];
  for (const [text, expected] of good) assert.deepEqual(parseListenAddress(text), expected);
  const bad: [string, string][] = [
    ['', noAddress('')],
    [':4000', noAddress(':4000')],
    ['4000', noAddress('4000')],
    ['localhost', noPort('localhost')],
    ['localhost:', noPort('localhost:')],
    ['localhost:65536', noPort('localhost:65536')],
    ['localhost:http', noPort('localhost:http')],
    ['[::1]', noPort('[::1]')],
    ['::1:4000', '"::1:4000" is no HOST[:PORT]; IPv6 goes in brackets: [::1]'],
    ['http://localhost:4000', noPort('http://localhost:4000')],
  ];
  for (const [text, expected] of bad) {
    assert.deepEqual(await problemsOf(() => parseListenAddress(text)), [expected], text);
  }
});

const notOrigin = (text: string) =>
  `DOCKGRAPH_ALLOWED_ORIGINS: expected an origin such as https://ops.example.com; found "${text}"`;

const notUrl = (text: string) =>
  `DOCKGRAPH_IMPORT_URLS: expected the beginning of a URL such as https://files.example.com/images/; found "${text}"`;

const notRegistry = (text: string) =>
  `DOCKGRAPH_REGISTRIES: expected a registry such as registry:5000, or http://registry:5000; found "${text}"`;

test('tells every wrong value with what was expected', async () => {
  const problems = await problemsOf(() =>
    read(
      {
        DOCKGRAPH_ALLOWED_ORIGINS: '*,null,https://a/path,ftp://b,https://ok',
        DOCKGRAPH_IMPORT_URLS:
          '*,files.example.com,file:///etc,https://me:pw@a/,https://a/?b,https://ok',
        DOCKGRAPH_REGISTRIES: 'ok,*,a/b,ftp://a,http://me:pw@a,a:99999,https://',
        DOCKGRAPH_LOG_LEVEL: 'loud',
        DOCKGRAPH_MAX_COST: '0',
        DOCKGRAPH_MAX_DEPTH: '101',
        DOCKGRAPH_RESYNC_SECONDS: '5m',
        DOCKGRAPH_CALL_TIMEOUT_SECONDS: '1.5',
      },
      { listen: ':4000' },
    ),
  );
  assert.deepEqual(problems, [
    `--listen: ":4000" does not say which address to listen on; ${LISTEN_FORMS}`,
    notOrigin('*'),
    notOrigin('null'),
    notOrigin('https://a/path'),
    notOrigin('ftp://b'),
    notUrl('*'),
    notUrl('files.example.com'),
    notUrl('file:///etc'),
    notUrl('https://***@a/'),
    notUrl('https://a/?b'),
    notRegistry('*'),
    notRegistry('a/b'),
    notRegistry('ftp://a'),
    notRegistry('http://***@a'),
    notRegistry('a:99999'),
    notRegistry('https://'),
    'DOCKGRAPH_LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent; found "loud"',
    'DOCKGRAPH_MAX_COST: expected a whole number from 1 to 9007199254740991; found "0"',
    'DOCKGRAPH_MAX_DEPTH: expected a whole number from 1 to 100; found "101"',
    'DOCKGRAPH_RESYNC_SECONDS: expected a whole number from 1 to 86400; found "5m"',
    'DOCKGRAPH_CALL_TIMEOUT_SECONDS: expected a whole number from 1 to 3600; found "1.5"',
  ]);
  assert.match(
    (await problemsOf(() => read({ DOCKGRAPH_LISTEN: '80' })))[0] ?? '',
    /^DOCKGRAPH_LISTEN: /,
  );
});

test('warns of variables that nothing reads', () => {
  const variables = {
    DOCKGRAPH_LISTN: 'x',
    DOCKGRAPH_DATADIR: 'y',
    DOCKGRAPH_LISTEN: 'z',
    PATH: '',
  };
  assert.deepEqual(unknownVariables(environment(variables)), [
    'DOCKGRAPH_DATADIR is not known and left out; nearest is DOCKGRAPH_DATA_DIR',
    'DOCKGRAPH_LISTN is not known and left out; nearest is DOCKGRAPH_LISTEN',
  ]);
});

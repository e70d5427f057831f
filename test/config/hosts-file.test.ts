import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseHostsFile, readHostsFile } from '../../src/config/hosts-file.ts';
import { problemsOf, testFolder } from './config-fixtures.ts';
import type { TestFolder } from './config-fixtures.ts';
import { selfSigned } from './self-signed.ts';

const ONE = selfSigned('one');
const OTHER = selfSigned('other');
const SSH_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';

/** A folder with certificates, keys and a known_hosts to name in hosts files. */
async function folderWithFiles(t: TestContext): Promise<TestFolder> {
  const folder = await testFolder(t);
  await folder.write({
    'pki/ca.pem': ONE.cert + OTHER.cert,
    'pki/cert.pem': ONE.cert,
    'pki/key.pem': ONE.key,
    'pki/other-key.pem': OTHER.key,
    'pki/expired.pem': selfSigned('old', { expired: true }).cert,
    'pki/encrypted-key.pem': ONE.privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
    'pki/broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'pki/empty.pem': '',
    'pki/text.pem': 'hello\n',
    id: SSH_KEY,
    'id.pub': 'ssh-ed25519 AAAAC3Nz me@here\n',
    known_hosts: 'far ssh-ed25519 AAAA\n',
    passphrase: 'secret\n',
    'home/keys/id': SSH_KEY,
  });
  return folder;
}

async function read(folder: TestFolder, text: string) {
  await folder.write({ 'dockgraph.yaml': text });
  return readHostsFile(folder.file('dockgraph.yaml'), folder.environment());
}

test('reads hosts of every transport', async (t) => {
  const folder = await folderWithFiles(t);
  const { hosts, warnings } = await read(
    folder,
    `
hosts:
  - name: alpha
    endpoint: unix:///run/alpha.sock
    labels: {env: prod, rank: 1, canary: true, version: 1.10}
  - name: bravo
    endpoint: tcp://bravo.example
    tls:
      ca: pki/ca.pem
      cert: ./pki/cert.pem
      key: ${folder.file('pki/key.pem')}
  - name: charlie
    endpoint: ssh://ops@charlie:2201
    ssh:
      identityFile: ~/keys/id
      knownHosts: known_hosts
      socket: /run/user/1000/docker.sock
      passphraseFile: passphrase
      jump: me@bastion:22, inner
  - name: delta
    endpoint: tcp://[::1]
    labels:
  - name: 5
    endpoint: tcp://foxtrot
    tls: {}
`,
  );
  const knownHostsFiles = [folder.file('known_hosts')];
  const identityFiles = [folder.file('home/keys/id')];
  const passphraseFile = folder.file('passphrase');
  const common = { identityFiles, passphraseFile, knownHostsFiles };
  assert.deepEqual(hosts, [
    {
      name: 'alpha',
      labels: { env: 'prod', rank: '1', canary: 'true', version: '1.10' },
      endpoint: { transport: 'UNIX', socketPath: '/run/alpha.sock' },
    },
    {
      name: 'bravo',
      labels: {},
      endpoint: {
        transport: 'TLS',
        host: 'bravo.example',
        port: 2376,
        caFile: folder.file('pki/ca.pem'),
        certFile: folder.file('pki/cert.pem'),
        keyFile: folder.file('pki/key.pem'),
      },
    },
    {
      name: 'charlie',
      labels: {},
      endpoint: {
        transport: 'SSH',
        host: 'charlie',
        port: 2201,
        user: 'ops',
        ...common,
        remoteSocketPath: '/run/user/1000/docker.sock',
        jumps: [
          { host: 'bastion', port: 22, user: 'me', ...common },
          { host: 'inner', port: 22, user: 'me', ...common },
        ],
      },
    },
    { name: 'delta', labels: {}, endpoint: { transport: 'TCP', host: '::1', port: 2375 } },
    { name: '5', labels: {}, endpoint: { transport: 'TLS', host: 'foxtrot', port: 2376 } },
  ]);
  assert.deepEqual(warnings, []);
});

test('takes anchors and merges, kept under x- keys', async (t) => {
  const { hosts } = await read(
    await folderWithFiles(t),
    `
x-prod: &prod
  labels: {env: prod}
  tls: &tls {ca: pki/ca.pem}
hosts:
  - {name: a, endpoint: tcp://a, <<: *prod}
  - {name: b, endpoint: tcp://b, tls: *tls}
`,
  );
  assert.deepEqual(
    hosts.map(({ endpoint, labels }) => [endpoint.transport, labels]),
    [
      ['TLS', { env: 'prod' }],
      ['TLS', {}],
    ],
  );
});

test('does not mind an expired certificate: the host will say so', async (t) => {
  const { hosts } = await read(
    await folderWithFiles(t),
    'hosts: [{name: a, endpoint: tcp://a, tls: {ca: pki/expired.pem}}]',
  );
  assert.equal(hosts.length, 1);
});

test('warns of what is hardly meant', async (t) => {
  const folder = await testFolder(t);
  const file = folder.file('dockgraph.yaml');
  assert.deepEqual((await read(folder, 'hosts: []')).warnings, [`${file} names no hosts`]);
  const twice = 'hosts:\n  - {name: a, endpoint: tcp://h}\n  - {name: b, endpoint: tcp://h:2375}';
  assert.deepEqual((await read(folder, twice)).warnings, [
    `${file}: "a" and "b" are the same engine`,
  ]);
});

const FORMS = 'unix:///PATH, tcp://HOST[:PORT] or ssh://[USER@]HOST[:PORT][/PATH-OF-SOCKET]';
const NAME_RULE = 'letters, digits, "_", "." and "-", first a letter or digit, at most 63';
const HOST_KEYS = 'name, endpoint, labels, tls, ssh';

/** Mistakes by file. The first host of each stands on line 2. */
const MISTAKES: Record<string, [text: string, problems: string[]][]> = {
  'of the whole file': [
    ['', ['1:1 expected a map with the key "hosts"; found nothing']],
    ['- a', ['1:1 expected a map with the key "hosts"; found a list']],
    ['x-a: b', ['1:1 hosts: is missing; expected a list of hosts']],
    ['hosts:', ['1:7 hosts: expected a list of hosts; found nothing (write [] for none)']],
    ['hosts: {a: b}', ['1:8 hosts: expected a list of hosts; found a map']],
    ['host: []\nhosts: []', ['1:1 host: unknown key; did you mean "hosts"? known are hosts']],
    [
      'hosts: [',
      ['1:9 Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
  ],
  'of a host’s keys': [
    [
      'hosts:\n  - {}',
      [
        '2:5 hosts[0].name: is missing; expected a name',
        `2:5 hosts[0].endpoint: is missing; expected ${FORMS}`,
      ],
    ],
    ['hosts:\n  - alpha', ['2:5 hosts[0]: expected a map with name and endpoint; found "alpha"']],
    ['hosts:\n  -', ['2:4 hosts[0]: expected a map with name and endpoint; found nothing']],
    [
      'hosts:\n  - name: a\n    endpoint:\n',
      [`3:14 hosts[0].endpoint: expected ${FORMS}; found nothing`],
    ],
    [
      'hosts:\n  - name: a\n    endpont: tcp://h\n',
      [
        `2:5 hosts[0].endpoint: is missing; expected ${FORMS}`,
        `3:5 hosts[0].endpont: unknown key; did you mean "endpoint"? known are ${HOST_KEYS}`,
      ],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    colour: red\n',
      [`4:5 hosts[0].colour: unknown key; known are ${HOST_KEYS}`],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    tls:\n      cacert: pki/ca.pem\n',
      ['5:7 hosts[0].tls.cacert: unknown key; known are ca, cert, key'],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: ssh://h\n    ssh:\n      identity_file: id\n',
      [
        '5:7 hosts[0].ssh.identity_file: unknown key; did you mean "identityFile"? known are identityFile, knownHosts, socket, jump, passphraseFile',
      ],
    ],
  ],
  'of names and labels': [
    [
      'hosts:\n  - {name: -a, endpoint: tcp://h}',
      [`2:12 hosts[0].name: bad name "-a"; expected ${NAME_RULE}`],
    ],
    [
      'hosts:\n  - {name: a/b, endpoint: tcp://h}',
      [`2:12 hosts[0].name: bad name "a/b"; expected ${NAME_RULE}`],
    ],
    [
      `hosts:\n  - {name: ${'a'.repeat(64)}, endpoint: tcp://h}`,
      [`2:12 hosts[0].name: name "${'a'.repeat(64)}" is too long; expected ${NAME_RULE}`],
    ],
    [
      'hosts:\n  - {name: [a], endpoint: tcp://h}',
      ['2:12 hosts[0].name: expected a name; found a list'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://g}\n  - {name: b, endpoint: tcp://h}\n  - {name: a, endpoint: tcp://i}',
      ['4:12 hosts[2].name: duplicate name "a", first used on line 2'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, labels: [x]}',
      ['2:42 hosts[0].labels: expected a map of texts; found a list'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, labels: {x: {}}}',
      ['2:46 hosts[0].labels.x: expected a text; found a map'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, labels: {a=b: c}}',
      [
        '2:43 hosts[0].labels["a=b"]: bad label "a=b"; expected letters, digits, "_", ".", "/" and "-"',
      ],
    ],
  ],
  'of endpoints': [
    [
      'hosts:\n  - name: a\n    endpoint: npipe:////./pipe/docker_engine',
      [
        `3:15 hosts[0].endpoint: unsupported scheme "npipe" in "npipe:////./pipe/docker_engine"; expected ${FORMS}`,
      ],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: unix:///s\n    tls: {ca: pki/ca.pem}',
      ['4:5 hosts[0].tls: only a tcp:// endpoint takes it, not unix://'],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    ssh: {identityFile: id}',
      ['4:5 hosts[0].ssh: only an ssh:// endpoint takes it, not tcp://'],
    ],
  ],
  'of tls': [
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    tls:',
      ['4:9 hosts[0].tls: expected a map with ca, cert and key; found nothing'],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    tls: {cert: pki/cert.pem}',
      ['4:11 hosts[0].tls.cert: a certificate needs its key: expected "key" beside it'],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    tls: {key: pki/key.pem}',
      ['4:11 hosts[0].tls.key: a key needs its certificate: expected "cert" beside it'],
    ],
    [
      'hosts:\n  - name: a\n    endpoint: tcp://h\n    tls: {cert: pki/cert.pem, key: pki/other-key.pem}',
      [
        '4:36 hosts[0].tls.key: DIR/pki/other-key.pem is not the key of the certificate in DIR/pki/cert.pem',
      ],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {ca: gone.pem}}',
      ['2:44 hosts[0].tls.ca: DIR/gone.pem: no such file'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {ca: pki}}',
      ['2:44 hosts[0].tls.ca: DIR/pki: is a folder, expected a file'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {ca: pki/ca.pem/x}}',
      ['2:44 hosts[0].tls.ca: DIR/pki/ca.pem/x: no such file: a part of its path is not a folder'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {ca: pki/empty.pem}}',
      ['2:44 hosts[0].tls.ca: DIR/pki/empty.pem holds no PEM certificate; it is empty'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {ca: pki/text.pem}}',
      ['2:44 hosts[0].tls.ca: DIR/pki/text.pem holds no PEM certificate; it is no PEM file'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {ca: pki/key.pem}}',
      ['2:44 hosts[0].tls.ca: DIR/pki/key.pem holds no PEM certificate; it holds a private key'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {cert: pki/cert.pem, key: pki/cert.pem}}',
      ['2:65 hosts[0].tls.key: DIR/pki/cert.pem holds no PEM private key; it holds a certificate'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: tcp://h, tls: {cert: pki/cert.pem, key: pki/encrypted-key.pem}}',
      [
        '2:65 hosts[0].tls.key: DIR/pki/encrypted-key.pem is encrypted; expected a private key without a passphrase',
      ],
    ],
  ],
  'of ssh': [
    [
      'hosts:\n  - {name: a, endpoint: ssh://h, ssh: {identityFile: [id, id.pub, gone]}}',
      [
        '2:59 hosts[0].ssh.identityFile[1]: DIR/id.pub holds no private key for ssh; it is the public half, expected the private',
        '2:67 hosts[0].ssh.identityFile[2]: DIR/gone: no such file',
      ],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://h, ssh: {knownHosts: gone}}',
      ['2:52 hosts[0].ssh.knownHosts[0]: DIR/gone: no such file'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://h, ssh: {passphraseFile: gone}}',
      ['2:56 hosts[0].ssh.passphraseFile: DIR/gone: no such file'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://h, ssh: {socket: run/s}}',
      ['2:48 hosts[0].ssh.socket: expected an absolute path, found "run/s"'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://h/a, ssh: {socket: /b}}',
      ['2:50 hosts[0].ssh.socket: the endpoint names "/a"'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://h, ssh: {jump: "a:x"}}',
      ['2:46 hosts[0].ssh.jump: "a:x": "x" is no port; expected 1 to 65535'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://h, ssh: {jump: "a,,b"}}',
      ['2:46 hosts[0].ssh.jump: "" names no host'],
    ],
    [
      'hosts:\n  - {name: a, endpoint: ssh://me@h, ssh: {jump: me@h}}',
      ['2:25 hosts[0].endpoint: ProxyJump goes in a circle: me@h:22 → me@h:22'],
    ],
  ],
};

for (const [topic, table] of Object.entries(MISTAKES)) {
  test(`tells mistakes ${topic}`, async (t) => {
    const folder = await folderWithFiles(t);
    for (const [text, expected] of table) {
      const problems = await problemsOf(() => read(folder, text));
      const shown = problems.map((problem) => problem.replaceAll(folder.path, 'DIR'));
      assert.deepEqual(shown, expected, text);
    }
  });
}

test('tells a broken certificate with what crypto says of it', async (t) => {
  const folder = await folderWithFiles(t);
  const text = 'hosts: [{name: a, endpoint: tcp://h, tls: {ca: pki/broken.pem}}]';
  const [problem] = await problemsOf(() => read(folder, text));
  assert.match(
    problem ?? '',
    /^1:48 hosts\[0\]\.tls\.ca: .*broken\.pem holds a broken certificate \(/,
  );
});

test('tells all mistakes at once, in one readable message', async (t) => {
  const folder = await folderWithFiles(t);
  const text = `hosts:
  - name: bad name
    endpoint: fd://x
    tls: {ca: gone.pem, extra: 1}
  - name: b
    endpoint: ssh://me:s3cret@h
    label: {}
`;
  const file = folder.file('dockgraph.yaml');
  await assert.rejects(read(folder, text), {
    message: `6 mistakes in the configuration:
  ${file}:2:11: hosts[0].name: bad name "bad name"; expected ${NAME_RULE}
  ${file}:3:15: hosts[0].endpoint: unsupported scheme "fd" in "fd://x"; expected ${FORMS}
  ${file}:4:15: hosts[0].tls.ca: ${folder.file('gone.pem')}: no such file
  ${file}:4:25: hosts[0].tls.extra: unknown key; known are ca, cert, key
  ${file}:6:15: hosts[1].endpoint: "ssh://me:***@h" holds a password, which ssh does not take; use a key
  ${file}:7:5: hosts[1].label: unknown key; did you mean "labels"? known are ${HOST_KEYS}`,
  });
});

test('tells a mistake in an anchor once, however many hosts share it', async (t) => {
  const folder = await testFolder(t);
  const text = `x-tls: &tls {ca: gone.pem}
hosts:
  - {name: a, endpoint: tcp://a, tls: *tls}
  - {name: b, endpoint: tcp://b, tls: *tls}
`;
  assert.deepEqual(await problemsOf(() => read(folder, text)), [
    `1:18 hosts[0].tls.ca: ${folder.file('gone.pem')}: no such file`,
  ]);
});

test('tells what in ssh_config stands in the way, at the endpoint that leads there', async (t) => {
  const folder = await testFolder(t);
  await folder.write({ 'home/.ssh/config': 'Host far\n  ProxyCommand nc %h %p\n' });
  const text = 'hosts:\n  - {name: a, endpoint: ssh://far}';
  assert.deepEqual(await problemsOf(() => read(folder, text)), [
    '2:25 hosts[0].endpoint: ssh_config sets ProxyCommand "nc %h %p" for "far", which is not supported; use ProxyJump there, or ssh.jump in the hosts file',
  ]);
});

test('tells a hosts file that is missing, binary or too large', async (t) => {
  const folder = await testFolder(t);
  const file = folder.file('dockgraph.yaml');
  const readIt = () => readHostsFile(file, folder.environment());
  assert.deepEqual(await problemsOf(readIt), [`${file} no such file`]);
  assert.deepEqual(await problemsOf(() => read(folder, '#'.repeat(10 * 1024 * 1024 + 1))), [
    `${file} is larger than 10 MiB`,
  ]);
});

function manyHosts(count: number): string {
  const lines = Array.from(
    { length: count },
    (_, i) => `  - {name: h${i}, endpoint: tcp://h${i}}\n`,
  );
  return `hosts:\n${lines.join('')}`;
}

test('bounds the number of hosts', async (t) => {
  const folder = await testFolder(t);
  const parse = (hosts: number) =>
    parseHostsFile(manyHosts(hosts), folder.file('f'), folder.environment());
  assert.equal((await parse(10_000)).hosts.length, 10_000);
  assert.deepEqual(await problemsOf(() => parse(10_001)), [
    '1:1 hosts: holds 10001 hosts; at most 10000 are taken',
  ]);
});

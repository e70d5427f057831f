import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { SshConfig } from '../../src/config/ssh-config.ts';
import type { SshTarget } from '../../src/config/ssh-config.ts';
import { problemsOf, testFolder } from './config-fixtures.ts';
import type { TestFolder } from './config-fixtures.ts';

/** Resolves a host with these texts as ~/.ssh/config and beside it. */
async function resolve(
  folder: TestFolder,
  target: string | Partial<SshTarget>,
  {
    config = '',
    variables = {},
    files = {},
  }: {
    config?: string;
    variables?: Record<string, string>;
    files?: Record<string, string>;
  } = {},
) {
  await folder.write({ 'home/.ssh/config': config, ...files });
  const destination = typeof target === 'string' ? { host: target } : target;
  return new SshConfig(folder.environment(variables)).resolve({
    host: 'far',
    user: undefined,
    port: undefined,
    ...destination,
  });
}

test('uses the defaults of ssh where nothing is said', async (t) => {
  const folder = await testFolder(t);
  await folder.write({
    'home/.ssh/id_rsa': '',
    'home/.ssh/id_ed25519': '',
    'home/.ssh/id_other': '',
  });
  assert.deepEqual(await resolve(folder, 'far', { variables: { SSH_AUTH_SOCK: '/agent' } }), {
    transport: 'SSH',
    host: 'far',
    port: 22,
    user: 'me',
    identityFiles: [folder.file('home/.ssh/id_ed25519'), folder.file('home/.ssh/id_rsa')],
    agentSocket: '/agent',
    knownHostsFiles: [
      folder.file('home/.ssh/known_hosts'),
      folder.file('home/.ssh/known_hosts2'),
      folder.file('etc-ssh/ssh_known_hosts'),
    ],
    remoteSocketPath: '/var/run/docker.sock',
    jumps: [],
  });
});

test('resolves an alias with its keys, agent and known hosts', async (t) => {
  const folder = await testFolder(t);
  const config = `
# keywords in any case, with = and quotes
Host far other
  hostname %h.example.com
  PORT=2201
  user "deploy"
  IdentityFile ~/.ssh/%r@%h:%p
  IdentityFile "~/.ssh/my key"
  IdentityFile ~/.ssh/gone
  IdentityFile ~/.ssh/public.pub
  IdentityAgent ~/agent-%u
  UserKnownHostsFile ~/.ssh/%n %d/\${EXTRA}
  GlobalKnownHostsFile none
  HostKeyAlias farm
Host *
  User late
  IdentityFile %d/.ssh/everybody
`;
  const resolved = await resolve(folder, 'far', {
    config,
    variables: { EXTRA: 'extra', SSH_AUTH_SOCK: '/ignored' },
    files: {
      'home/.ssh/deploy@far.example.com:2201': '',
      'home/.ssh/my key': '',
      'home/.ssh/public.pub': '',
      'home/.ssh/everybody': '',
    },
  });
  assert.deepEqual(resolved, {
    transport: 'SSH',
    host: 'far.example.com',
    port: 2201,
    user: 'deploy',
    identityFiles: [
      folder.file('home/.ssh/deploy@far.example.com:2201'),
      folder.file('home/.ssh/my key'),
      folder.file('home/.ssh/everybody'),
    ],
    agentSocket: folder.file('home/agent-me'),
    knownHostsFiles: [folder.file('home/.ssh/far'), folder.file('home/extra')],
    hostKeyAlias: 'farm',
    remoteSocketPath: '/var/run/docker.sock',
    jumps: [],
  });
});

test('lets the URL and the hosts file win', async (t) => {
  const folder = await testFolder(t);
  const config = `
Host far
  HostName real
  User theirs
  Port 1
  IdentityFile /theirs
  UserKnownHostsFile /theirs
  ProxyJump theirs
`;
  const resolved = await resolve(
    folder,
    {
      user: 'ours',
      port: 2,
      socketPath: '/ours.sock',
      identityFiles: ['/ours'],
      knownHostsFiles: ['/known'],
      passphraseFile: '/pass',
      jump: 'none',
    },
    { config },
  );
  assert.deepEqual(resolved, {
    transport: 'SSH',
    host: 'real',
    port: 2,
    user: 'ours',
    identityFiles: ['/ours'],
    passphraseFile: '/pass',
    knownHostsFiles: ['/known'],
    remoteSocketPath: '/ours.sock',
    jumps: [],
  });
});

test('names the configured keys when none of them is there, so that the error can', async (t) => {
  const folder = await testFolder(t);
  const config = 'IdentityFile /gone/a\nIdentityFile /gone/b\nIdentityFile /gone/a\n';
  const { identityFiles } = await resolve(folder, 'far', { config });
  assert.deepEqual(identityFiles, ['/gone/a', '/gone/b']);
  const none = await resolve(folder, 'far', {
    config: 'IdentityFile none',
    files: { 'home/.ssh/id_rsa': '' },
  });
  assert.deepEqual(none.identityFiles, []);
});

test('chooses the agent', async (t) => {
  const folder = await testFolder(t);
  const variables = { SSH_AUTH_SOCK: '/agent', MY_AGENT: '/mine' };
  const table: [config: string, agent: string | undefined][] = [
    ['', '/agent'],
    ['IdentityAgent none', undefined],
    ['IdentityAgent SSH_AUTH_SOCK', '/agent'],
    ['IdentityAgent $MY_AGENT', '/mine'],
    ['IdentityAgent ${MY_AGENT}', '/mine'],
    ['IdentityAgent $NOT_SET', undefined],
    ['IdentityAgent /x/%u.sock', '/x/me.sock'],
    ['IdentitiesOnly yes', undefined],
    ['IdentitiesOnly no', '/agent'],
    ['IdentitiesOnly yes\nIdentityAgent /x', '/x'],
  ];
  for (const [config, agent] of table) {
    const { agentSocket } = await resolve(folder, 'far', { config, variables });
    assert.equal(agentSocket, agent, config);
  }
  assert.equal((await resolve(folder, 'far')).agentSocket, undefined);
});

test('includes files, relative to ~/.ssh, by pattern, in order', async (t) => {
  const folder = await testFolder(t);
  const files = {
    'home/.ssh/conf.d/20-late.conf': 'Port 20\nUser late\n',
    'home/.ssh/conf.d/10-early.conf': 'Host far\n  Port 10\n',
    'home/.ssh/conf.d/.hidden.conf': 'Port 1\n',
    'home/outside': 'Include conf.d/deep\n',
    'home/.ssh/conf.d/deep': 'HostKeyAlias deep\n',
  };
  const config = 'Include conf.d/*.conf missing ~/outside\nPort 30\n';
  const { port, user, hostKeyAlias } = await resolve(folder, 'far', { config, files });
  assert.deepEqual([port, user, hostKeyAlias], [10, 'late', 'deep']);
  assert.equal((await resolve(folder, 'near', { config, files })).port, 20);
});

test('includes within a section only where the section applies', async (t) => {
  const folder = await testFolder(t);
  const config = `
Host far
  Include inner
  Port 5
Host near
  Include inner
Match user ops
  Include ops
Host *
  Port 9
`;
  const files = {
    'home/.ssh/inner': 'User inner\nHost other\n  Port 1\nHost far\n  HostName inside\n',
    'home/.ssh/ops': 'HostKeyAlias ops\n',
  };
  const show = async (target: string | Partial<SshTarget>) => {
    const { host, user, port, hostKeyAlias } = await resolve(folder, target, { config, files });
    return [host, user, port, hostKeyAlias];
  };
  assert.deepEqual(await show('far'), ['inside', 'inner', 5, undefined]);
  assert.deepEqual(await show('near'), ['near', 'inner', 9, undefined]);
  assert.deepEqual(await show('other'), ['other', 'me', 9, undefined]);
  assert.deepEqual(await show({ host: 'other', user: 'ops' }), ['other', 'ops', 9, 'ops']);
});

test('ends includes that include themselves', async (t) => {
  const folder = await testFolder(t);
  assert.deepEqual(await problemsOf(() => resolve(folder, 'far', { config: 'Include config' })), [
    'ssh_config includes "config" in more than 16 levels',
  ]);
});

test('reads the system’s file after the user’s', async (t) => {
  const folder = await testFolder(t);
  const files = {
    'etc-ssh/ssh_config': 'Include more/*\nPort 7\nUser system\n',
    'etc-ssh/more/a': 'HostKeyAlias system\n',
  };
  // The user's last section must not swallow the system's lines.
  const config = 'Host far\n  Port 6\nHost elsewhere\n  Port 8';
  const { port, user, hostKeyAlias } = await resolve(folder, 'far', { config, files });
  assert.deepEqual([port, user, hostKeyAlias], [6, 'system', 'system']);
});

test('understands Match but for what would run a program', async (t) => {
  const folder = await testFolder(t);
  const trap = folder.file('trap');
  const config = `
CanonicalizeHostname yes
CanonicalDomains example.com
Match exec "touch ${trap}"
  Port 1
Match !exec "touch ${trap}"
  Port 2
Match originalhost far exec "touch ${trap}"
  Port 3
Host far
  HostName %h.example.com
  User deploy
  CanonicalizeHostname yes
  CanonicalDomains example.com
Match HOST far.example.com user deploy
  HostKeyAlias matched
Match !host far.example.com
  User other
Match all
  Port 4
`;
  const resolved = await resolve(folder, 'far', { config });
  assert.deepEqual([resolved.port, resolved.hostKeyAlias, resolved.user], [4, 'matched', 'deploy']);
  assert.equal((await resolve(folder, 'near', { config })).user, 'other');
  assert.ok(!existsSync(trap));
  const sshConfig = new SshConfig(folder.environment());
  await sshConfig.resolve({ host: 'far', user: undefined, port: undefined });
  assert.deepEqual(sshConfig.warnings, [
    `${folder.file('home/.ssh/config')}: "Match exec" is never run; its section does not apply`,
  ]);
});

test('follows ProxyJump, each machine by its own section', async (t) => {
  const folder = await testFolder(t);
  const config = `
Host far
  ProxyJump first,ops@last:2200
Host first
  HostName 10.0.0.1
  User jumper
  ProxyJump zero
Host last
  ProxyJump never-followed
Host zero
  Port 2222
`;
  const { jumps } = await resolve(folder, 'far', { config });
  assert.deepEqual(
    jumps.map(({ host, user, port }) => `${user}@${host}:${port}`),
    ['me@zero:2222', 'jumper@10.0.0.1:22', 'ops@last:2200'],
  );
});

test('takes the jump of the hosts file, and none where it says none', async (t) => {
  const folder = await testFolder(t);
  const config = 'Host far\n  ProxyJump theirs\nHost off\n  ProxyJump none\n';
  const jumpsOf = async (target: Partial<SshTarget>) =>
    (await resolve(folder, target, { config })).jumps.map(({ host }) => host);
  assert.deepEqual(await jumpsOf({}), ['theirs']);
  assert.deepEqual(await jumpsOf({ jump: 'ours,[::1]:22' }), ['ours', '::1']);
  assert.deepEqual(await jumpsOf({ jump: 'none' }), []);
  assert.deepEqual(await jumpsOf({ host: 'off' }), []);
});

test('gives a jump the keys and known hosts of the hosts file unless ssh_config names its own', async (t) => {
  const folder = await testFolder(t);
  const config =
    'Host own\n  IdentityFile /own\n  UserKnownHostsFile /own-hosts\n  GlobalKnownHostsFile none\n';
  const { jumps } = await resolve(
    folder,
    { identityFiles: ['/given'], knownHostsFiles: ['/given-hosts'], jump: 'plain,own' },
    { config },
  );
  assert.deepEqual(
    jumps.map(({ identityFiles, knownHostsFiles }) => [identityFiles, knownHostsFiles]),
    [
      [['/given'], ['/given-hosts']],
      [['/own'], ['/own-hosts']],
    ],
  );
});

test('tells what cannot be done', async (t) => {
  const folder = await testFolder(t);
  const config = folder.file('home/.ssh/config');
  const table: [text: string, problem: string][] = [
    [
      'Host far\n  ProxyCommand ssh -W "%h:%p" bastion\n  ProxyJump x',
      'ssh_config sets ProxyCommand "ssh -W \\"%h:%p\\" bastion" for "far", which is not supported; use ProxyJump there, or ssh.jump in the hosts file',
    ],
    [
      'Host far\n  ProxyJump a\nHost a\n  ProxyJump b\nHost b\n  ProxyJump far',
      'ProxyJump goes in a circle: me@far:22 → me@a:22 → me@b:22 → me@far:22',
    ],
    [
      'Host *\n  ProxyJump bastion',
      'ProxyJump goes in a circle: me@far:22 → me@bastion:22 → me@bastion:22',
    ],
    ['ProxyJump a:b', '"a:b": "b" is no port; expected 1 to 65535'],
    ['Port ssh', '"Port ssh for far in ssh_config": "ssh" is no port; expected 1 to 65535'],
    ['IdentityFile ~/%z', 'IdentityFile "~/%z" in ssh_config: unknown token %z'],
    ['IdentityFile ${NOT_SET}/a', 'IdentityFile "${NOT_SET}/a" in ssh_config: $NOT_SET is not set'],
    ['User me\n\nHost "far\n', `${config}:3:1 cannot be parsed: Host "far`],
    ['Match host', `${config}:1:1 cannot be parsed: Match host`],
  ];
  for (const [text, expected] of table) {
    const run = () => resolve(folder, 'far', { config: text });
    const problems = await problemsOf(run);
    const withFile = expected.startsWith(config) ? expected.slice(config.length + 1) : expected;
    assert.deepEqual(problems, [withFile], text);
  }
});

test('bounds the machines on the way', async (t) => {
  const folder = await testFolder(t);
  const jump = Array.from({ length: 17 }, (_, index) => `j${index}`).join(',');
  const problems = await problemsOf(() => resolve(folder, { jump }));
  assert.match(problems[0] ?? '', /leads over more than 16 machines$/);
});

test('lets ProxyJump stand before ProxyCommand, and ProxyCommand be none', async (t) => {
  const folder = await testFolder(t);
  const config = `
Host far
  ProxyJump j
  ProxyCommand nc %h %p
Host direct
  ProxyCommand none
  ProxyJump j
`;
  const jumpsOf = async (host: string) =>
    (await resolve(folder, host, { config })).jumps.map((jump) => jump.host);
  assert.deepEqual(await jumpsOf('far'), ['j']);
  assert.deepEqual(await jumpsOf('direct'), []);
});

test('knows every token of a path', async (t) => {
  const folder = await testFolder(t);
  const config =
    'Host far\n  HostName real\n  HostKeyAlias alias\n  IdentityFile /%%-%h-%n-%p-%r-%u-%k-%L-%l-%i\n';
  const { identityFiles } = await resolve(folder, { user: 'them', port: 5 }, { config });
  const local = hostname();
  assert.deepEqual(identityFiles, [
    `/%-real-far-5-them-me-alias-${local.split('.')[0]}-${local}-${process.getuid?.()}`,
  ]);
});

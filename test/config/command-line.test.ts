import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HELP, parseCommandLine } from '../../src/config/command-line.ts';
import { VARIABLES } from '../../src/config/settings.ts';

function parse(line: string, variables: Record<string, string> = {}) {
  return parseCommandLine(line.split(' ').filter(Boolean), {
    variables,
    homeDir: '/home/me',
    userName: 'me',
    workingDir: '/cwd',
    systemSshDir: '/etc/ssh',
  });
}

test('understands each command', () => {
  const serve = parse('serve --config hosts.yaml --listen=[::1]:0 --data-dir /d --tokens t', {
    DOCKGRAPH_TOKEN_FILE: 'x',
  });
  assert.partialDeepStrictEqual(serve, {
    kind: 'SERVE',
    settings: {
      configFile: '/cwd/hosts.yaml',
      listen: { host: '::1', port: 0 },
      dataDir: '/d',
      tokensFile: '/cwd/t',
    },
    warnings: ['DOCKGRAPH_TOKEN_FILE is not known and left out; nearest is DOCKGRAPH_TOKENS_FILE'],
  });
  assert.deepEqual(parse('token ci'), { kind: 'TOKEN', name: 'ci' });
  assert.deepEqual(parse('check --config x'), {
    kind: 'CHECK',
    configFile: '/cwd/x',
    warnings: [],
  });
  assert.partialDeepStrictEqual(parse('check', { DOCKGRAPH_CONFIG: '/v' }), { configFile: '/v' });
  assert.partialDeepStrictEqual(parse('check'), { configFile: undefined });
  for (const line of ['--help', '-h', 'help', 'serve --help', 'serve --wrong -h']) {
    assert.equal(parse(line).kind, 'HELP', line);
  }
  for (const line of ['--version', '-v']) assert.equal(parse(line).kind, 'VERSION', line);
});

test('explains what it does not understand, with the usage and exit code 2', () => {
  const table: [line: string, mistake: string][] = [
    ['', 'no command given'],
    ['--listen 127.0.0.1:1', 'no command given'],
    ['serv', 'unknown command serv; did you mean serve?'],
    ['frobnicate', 'unknown command frobnicate'],
    ['serve --confg x', 'unknown flag --confg; did you mean --config?'],
    ['serve -x', 'unknown flag -x'],
    ['serve --listen', '--listen needs a value'],
    ['serve --listen=', '--listen needs a value'],
    ['serve --config --listen x', '--config needs a value'],
    ['serve extra', 'unexpected argument "extra"'],
    ['check --listen 127.0.0.1:1', 'dockgraph check takes no --listen'],
    ['token', 'dockgraph token needs a name'],
    ['token a b', 'unexpected argument "b"'],
    [
      'token a:b',
      'bad token name "a:b"; expected letters, digits, "_", ".", "@" and "-", first a letter or digit, at most 63',
    ],
  ];
  for (const [line, mistake] of table) {
    const command = parse(line);
    assert.ok(command.kind === 'MISTAKE', line);
    assert.equal(command.exitCode, 2);
    assert.equal(command.message.split('\n')[0], `dockgraph: ${mistake}`);
    assert.match(command.message, /\nUsage:\n {2}dockgraph serve /);
  }
});

test('explains wrong values without the usage, with the slip that may be their cause', () => {
  const command = parse('serve --listen :1', { DOCKGRAPH_MAX_COST: 'x', DOCKGRAPH_MAX_COTS: '1' });
  assert.ok(command.kind === 'MISTAKE');
  assert.equal(command.exitCode, 2);
  const lines = command.message.split('\n');
  assert.match(lines[0] ?? '', /^--listen: ":1" does not say which address/);
  assert.match(lines[1] ?? '', /^DOCKGRAPH_MAX_COST: expected a whole number/);
  assert.match(lines[2] ?? '', /^DOCKGRAPH_MAX_COTS is not known/);
  assert.equal(lines.length, 3);
});

test('names every variable in its help', () => {
  for (const name of Object.keys(VARIABLES)) assert.ok(HELP.includes(`  ${name} `), name);
});

import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { systemEnvironment, variable } from '../../src/config/environment.ts';

test('takes the home folder from HOME and an empty variable for none', () => {
  const environment = systemEnvironment({ HOME: '/home/me', EMPTY: '', SET: 'x' });
  assert.equal(environment.homeDir, '/home/me');
  assert.equal(environment.workingDir, process.cwd());
  assert.equal(variable(environment, 'EMPTY'), undefined);
  assert.equal(variable(environment, 'SET'), 'x');
  assert.equal(systemEnvironment({}).homeDir, homedir());
  assert.notEqual(systemEnvironment({}).userName, '');
});

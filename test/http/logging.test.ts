import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createLogger } from '../../src/http/logger.ts';
import { ALICE, start, TOKENS } from './start-server.ts';

suite('the log', () => {
  test('hides secrets at every depth', () => {
    const lines: string[] = [];
    const logger = createLogger({
      destination: { write: (line: string) => void lines.push(line) },
    });
    const secret = 'hunter2';
    const keys = [
      'authorization',
      'Authorization',
      'cookie',
      'set-cookie',
      'password',
      'token',
      'privateKey',
      'passphrase',
      'X-Registry-Auth',
      'x-registry-auth',
    ];
    for (const key of keys) {
      logger.info({
        [key]: secret,
        headers: { [key]: secret },
        a: { b: { [key]: secret, c: { [key]: secret } } },
      });
    }
    assert.doesNotMatch(lines.join(''), /hunter2/);
    assert.match(lines[0] ?? '', /"authorization":"\[redacted\]"/);
    assert.equal(JSON.parse(lines[0] ?? '').level, 'info');
  });

  test('has a line for a failed operation: by name and hash, without text or variables', async (t) => {
    const { post, log, logText } = await start(t, { tokens: TOKENS });
    await post(
      {
        query: 'query Greet($name: String) { hello(name: $name) missing }',
        variables: { name: 'hunter2' },
      },
      { authorization: `Bearer ${ALICE}`, 'x-request-id': 'trace-7' },
    );
    const line = log.find(({ operation }) => operation === 'Greet');
    assert.equal(line?.['level'], 'info');
    assert.equal(line['requestId'], 'trace-7');
    assert.equal(line['viewer'], 'alice');
    assert.match(String(line['queryHash']), /^[0-9a-f]{16}$/);
    assert.deepEqual(line['codes'], ['NOT_FOUND']);
    assert.ok(Number(line['durationMs']) > 0);
    assert.doesNotMatch(logText(), /hunter2|hello|dg_/);
  });

  test('is quiet about what went well, unless it was slow or debugging is on', async (t) => {
    const { post, log } = await start(t, { tuning: { slowRequestMs: 50 } });
    await post({ query: 'query Quick { hello }' });
    await post({ query: 'query Slow { wait(ms: 60) }' });
    const levelOf = (name: string) => log.find(({ operation }) => operation === name)?.['level'];
    assert.equal(levelOf('Quick'), 'debug');
    assert.equal(levelOf('Slow'), 'info');
  });

  test('names the reason of a refused request', async (t) => {
    const { post, log } = await start(t, { tokens: TOKENS });
    await post({ query: '{ hello }' });
    const line = log.find(({ msg }) => msg === 'request refused');
    assert.equal(line?.['status'], 401);
    assert.match(String(line['reason']), /asks for a token/);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { engineError } from '../../src/engine/engine-errors.ts';

const JSON_TYPE = 'application/json';
const TEXT = 'text/plain; charset=utf-8';

interface Case {
  status: number;
  body: string;
  contentType?: string;
  code: string;
  message: RegExp;
  retryable?: boolean;
}

const message = (text: string) => JSON.stringify({ message: text });

const CASES: Case[] = [
  {
    status: 400,
    body: message('client version 1.24 is too old. Minimum supported API version is 1.44'),
    code: 'ENGINE_UNSUPPORTED',
    message: /^alpha: client version 1\.24 is too old/,
  },
  {
    status: 400,
    body: message('client version 1.99 is too new. Maximum supported API version is 1.41'),
    code: 'ENGINE_UNSUPPORTED',
    message: /too new/,
  },
  {
    status: 400,
    body: message('invalid reference format: repository name must be lowercase'),
    code: 'BAD_REFERENCE',
    message: /invalid reference format/,
  },
  {
    status: 400,
    body: message('invalid filter'),
    code: 'ENGINE_ERROR',
    message: /invalid filter.*HTTP 400|invalid filter/,
    retryable: false,
  },
  {
    status: 400,
    body: 'Client sent an HTTP request to an HTTPS server.\n',
    contentType: TEXT,
    code: 'ENGINE_ERROR',
    message: /wants TLS/,
    retryable: false,
  },
  {
    status: 403,
    body: '<html><body><h1>403 Forbidden</h1></body></html>',
    contentType: 'text/html',
    code: 'ENGINE_UNSUPPORTED',
    message: /alpha does not allow GET \/images\/json.*proxy/,
  },
  {
    status: 403,
    body: message('authorization denied by plugin opa'),
    code: 'ENGINE_UNSUPPORTED',
    message: /denied by plugin opa/,
  },
  {
    status: 401,
    body: '',
    contentType: '',
    code: 'ENGINE_UNSUPPORTED',
    message: /401/,
  },
  {
    status: 404,
    body: message('No such image: nope:1'),
    code: 'NOT_FOUND',
    message: /^alpha: No such image: nope:1$/,
  },
  {
    status: 404,
    body: message('page not found'),
    code: 'ENGINE_UNSUPPORTED',
    message: /does not offer GET \/images\/json/,
  },
  {
    status: 404,
    body: '404 page not found\n',
    contentType: TEXT,
    code: 'ENGINE_UNSUPPORTED',
    message: /does not offer/,
  },
  {
    status: 404,
    body: JSON.stringify({
      cause: 'no such image',
      message: 'nope: image not known',
      response: 404,
    }),
    code: 'NOT_FOUND',
    message: /image not known/,
  },
  {
    status: 409,
    body: message('conflict: unable to delete 1 (must be forced)'),
    code: 'CONFLICT',
    message: /^alpha: conflict: unable to delete/,
  },
  {
    status: 500,
    body: message('first line\nsecond\tline\r\n'),
    code: 'ENGINE_ERROR',
    message: /^alpha: first line second line \(GET \/images\/json: HTTP 500\)$/,
    retryable: true,
  },
  {
    status: 503,
    body: '<!doctype html><html><head><title>Bad gateway</title></head></html>',
    contentType: 'text/html',
    code: 'ENGINE_ERROR',
    message: /an HTML page "Bad gateway"/,
    retryable: true,
  },
  {
    status: 500,
    body: message('x'.repeat(10_000)),
    code: 'ENGINE_ERROR',
    message: /^.{400,600}$/,
    retryable: true,
  },
  {
    status: 502,
    body: '',
    contentType: '',
    code: 'ENGINE_ERROR',
    message: /HTTP 502/,
    retryable: true,
  },
  {
    status: 301,
    body: '',
    contentType: '',
    code: 'ENGINE_ERROR',
    message: /redirects/,
    retryable: false,
  },
];

suite('HTTP statuses of engines', () => {
  for (const { status, body, contentType = JSON_TYPE, code, message: text, retryable } of CASES) {
    test(`${status} ${body.slice(0, 60).replaceAll('\n', ' ')}: ${code}`, () => {
      const request = 'GET /images/json';
      const error = engineError({ host: 'alpha', request, status, contentType, body });
      assert.equal(error.code, code);
      assert.match(error.message, text);
      assert.equal(error.host, 'alpha');
      assert.deepEqual(error.details, { status });
      assert.equal(error.retryable, retryable ?? false);
    });
  }
});

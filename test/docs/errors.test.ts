import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { GraphQLError } from 'graphql';
import * as errors from '../../src/common/errors.ts';
import { formatError } from '../../src/graphql/format-error.ts';
import { blocks, read } from '../support/documents.ts';

const { DockgraphError, ERROR_CODES } = errors;

/** The sections of docs/errors.md by code. */
const sections = new Map(
  read('docs/errors.md')
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [code, ...lines] = section.split('\n');
      // The next part's heading and text belong to no code.
      return [code!, lines.join('\n').split(/^## /m)[0]!] as const;
    }),
);

/** The code under which users see a field's error that has this code. */
function shownCode(code: string): unknown {
  const error = new GraphQLError('text', { path: ['field'], extensions: { code } });
  return formatError(error.toJSON(), error).extensions?.['code'];
}

type ErrorClass = new (message: string) => errors.DockgraphError;

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && value.prototype instanceof DockgraphError;
}

describe('docs/errors.md', () => {
  it('documents every code that users can see, and no other', () => {
    const known = [...ERROR_CODES, ...Object.values(ApolloServerErrorCode)];
    const shown = new Set(known.filter((code) => shownCode(code) === code));
    assert.deepEqual([...sections.keys()].sort(), [...shown].sort());
  });

  for (const [code, section] of sections) {
    it(`${code}: says what it means, its cause, what to do, whether to retry, and an example`, () => {
      for (const part of ['Means', 'Typical cause', 'What to do', 'Retryable']) {
        assert.match(section, new RegExp(`^- \\*\\*${part}:\\*\\* \\S`, 'm'), part);
      }
      const examples = blocks(section, 'json').map(
        (block) => JSON.parse(block) as { message?: unknown; extensions?: { code?: unknown } },
      );
      assert.equal(examples.length, 1);
      assert.equal(typeof examples[0]!.message, 'string');
      assert.equal(examples[0]!.extensions?.code, code);
    });
  }

  it('says of each code whether to retry as its error class does', () => {
    const classes = Object.values<unknown>(errors).filter(isErrorClass);
    assert.ok(classes.length >= 10);
    for (const ErrorClass of classes) {
      const { code, retryable } = new ErrorClass('text');
      const [, word] = /^- \*\*Retryable:\*\* (\w+)/m.exec(sections.get(code)!) ?? [];
      assert.equal(word, retryable ? 'yes' : 'no', code);
    }
  });
});

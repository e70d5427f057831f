import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BadReferenceError } from '../../src/common/errors.ts';
import {
  canonicalReference,
  familiarReference,
  parseReference,
  withDefaultTag,
} from '../../src/registry/reference.ts';
import { tagVariant } from '../../src/registry/tag-variant.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('an image reference', () => {
  const CANONICAL: Record<string, string> = {
    nginx: 'docker.io/library/nginx:latest',
    'nginx:1.25': 'docker.io/library/nginx:1.25',
    'library/nginx': 'docker.io/library/nginx:latest',
    'docker.io/nginx': 'docker.io/library/nginx:latest',
    'index.docker.io/nginx:1': 'docker.io/library/nginx:1',
    'team/app': 'docker.io/team/app:latest',
    'localhost/app': 'localhost/app:latest',
    'registry:5000/a/b/c:tag': 'registry:5000/a/b/c:tag',
    'REGISTRY/app': 'REGISTRY/app:latest',
    '[::1]:5000/app:x': '[::1]:5000/app:x',
    'a.b/c_d__e-f.g:T_1.x-y': 'a.b/c_d__e-f.g:T_1.x-y',
    [`nginx@${DIGEST}`]: `docker.io/library/nginx@${DIGEST}`,
    [`nginx:1@${DIGEST}`]: `docker.io/library/nginx:1@${DIGEST}`,
  };
  for (const [text, expected] of Object.entries(CANONICAL)) {
    it(`${text} is ${expected}`, () => {
      assert.equal(canonicalReference(withDefaultTag(parseReference(text))), expected);
    });
  }

  it('is printed as docker prints it', () => {
    const familiar = (text: string) => familiarReference(parseReference(text));
    assert.equal(familiar('docker.io/library/nginx:1'), 'nginx:1');
    assert.equal(familiar('docker.io/team/app:1'), 'team/app:1');
    assert.equal(familiar('localhost:5000/x:5000'), 'localhost:5000/x:5000');
    assert.equal(familiar('docker.io/library/a/b:1'), 'library/a/b:1');
  });

  const BAD: Record<string, RegExp> = {
    '': /empty/,
    'Nginx:1': /lower case/,
    'nginx:': /not a tag/,
    'nginx:-a': /not a tag/,
    [`nginx:${'a'.repeat(129)}`]: /not a tag/,
    'nginx@sha256:abc': /not a digest/,
    [`nginx@sha256:${'AB'.repeat(32)}`]: /lower-case/,
    'a//b': /empty path component/,
    '/a': /path component/,
    'a/': /path component/,
    'a b': /white space/,
    ' a': /white space/,
    a___b: /not a path component/,
    ['ab'.repeat(32)]: /image ID/,
    [`x/${'a'.repeat(256)}`]: /at most 255/,
  };
  for (const [text, why] of Object.entries(BAD)) {
    it(`"${text.slice(0, 40)}" is refused, saying why and what was expected`, () => {
      assert.throws(
        () => parseReference(text),
        (error) => {
          assert.ok(error instanceof BadReferenceError);
          assert.match(error.message, why);
          assert.match(error.message, /expected \[registry\/\]name/);
          return true;
        },
      );
    });
  }
});

describe('a tag’s variant', () => {
  const VARIANTS: Record<string, string | null> = {
    '1.25': null,
    latest: null,
    '1.25-alpine': 'alpine',
    '1.25.3-alpine3.18-perl': 'alpine3.18',
    bookworm: 'bookworm',
    '20-bookworm-slim': 'bookworm-slim',
    'windowsservercore-ltsc2022': 'windowsservercore-ltsc2022',
    slimmer: null,
    '3.12-rc-trixie': 'trixie',
  };
  for (const [tag, variant] of Object.entries(VARIANTS)) {
    it(`of ${tag} is ${variant}`, () => assert.equal(tagVariant(tag), variant));
  }
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ConflictFacts } from '../../src/engine/conflict.ts';
import { complaintError, refusalOf } from '../../src/engine/verb-errors.ts';
import type { VerbSubject } from '../../src/engine/verb-errors.ts';

interface Case {
  /** Where it was recorded. */
  of: string;
  text: string;
  /** 0 for a complaint in a stream. */
  status: number;
  code: string;
  retryable?: boolean;
  hint?: RegExp;
}

const REGISTRY = '127.0.0.1:24362';

/** Recorded from real engines, but for those of Docker Hub, which are read in moby's sources. */
const CASES: Case[] = [
  {
    of: 'BuildKit of 20.10, no credentials',
    text:
      'failed to solve with frontend dockerfile.v0: failed to create LLB definition: pulling from ' +
      `host ${REGISTRY} failed with status code [manifests 1]: 401 Unauthorized`,
    status: 0,
    code: 'FORBIDDEN',
    hint: /^give credentials for 127\.0\.0\.1:24362$/,
  },
  {
    of: 'BuildKit of 20.10, an image that is not there',
    text:
      'failed to solve with frontend dockerfile.v0: failed to create LLB definition: ' +
      `${REGISTRY}/nope:1: not found`,
    status: 0,
    code: 'NOT_FOUND',
  },
  {
    of: 'BuildKit, an image that is not there',
    text:
      `${REGISTRY}/nope:1: failed to resolve source metadata for ${REGISTRY}/nope:1: ` +
      `${REGISTRY}/nope:1: not found`,
    status: 0,
    code: 'NOT_FOUND',
  },
  {
    of: 'BuildKit of 20.10, a step whose command reads like a refusal',
    text: 'executor failed running [/bin/sh -c echo "unauthorized: 401"; exit 3]: exit code: 3',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /^the output of the step says why$/,
  },
  {
    of: 'BuildKit, a step whose command reads like a refusal',
    text:
      'process "/bin/sh -c echo \\"unauthorized: 401\\"; exit 3" did not complete successfully: ' +
      'exit code: 3',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /^the output of the step says why$/,
  },
  {
    of: 'BuildKit on a containerd store, no git',
    text: 'failed to read dockerfile: failed to load cache key: unknown scheme git: not found',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /^install git on/,
  },
  {
    of: 'classic pull, no credentials',
    text: `Head "http://${REGISTRY}/v2/team/small/manifests/1": no basic auth credentials`,
    status: 500,
    code: 'FORBIDDEN',
    hint: /^give credentials for 127\.0\.0\.1:24362$/,
  },
  {
    of: 'classic pull, wrong password',
    text: 'unauthorized: authentication required',
    status: 500,
    code: 'FORBIDDEN',
  },
  {
    of: 'containerd pull, no credentials',
    text:
      `failed to resolve reference "${REGISTRY}/team/small:1": pull access denied, repository does ` +
      'not exist or may require authorization: authorization failed: no basic auth credentials',
    status: 500,
    code: 'FORBIDDEN',
  },
  {
    of: 'containerd pull, wrong password',
    text:
      `failed to resolve reference "${REGISTRY}/team/small:1": unexpected status from HEAD request ` +
      `to http://${REGISTRY}/v2/team/small/manifests/1: 401 Unauthorized`,
    status: 500,
    code: 'FORBIDDEN',
  },
  {
    of: 'containerd push, no credentials',
    text:
      'push access denied, repository does not exist or may require authorization: authorization ' +
      'failed: no basic auth credentials',
    status: 0,
    code: 'FORBIDDEN',
  },
  {
    of: 'push to Docker Hub without rights',
    text: 'denied: requested access to the resource is denied',
    status: 0,
    code: 'FORBIDDEN',
  },
  {
    of: 'login with a wrong password',
    text: `login attempt to http://${REGISTRY}/v2/ failed with status: 401 Unauthorized`,
    status: 500,
    code: 'FORBIDDEN',
  },
  {
    of: 'login of newer engines',
    text: 'unauthorized: incorrect username or password',
    status: 401,
    code: 'FORBIDDEN',
  },
  {
    of: 'a socket proxy before the engine',
    text: 'access denied: 401 Unauthorized',
    status: 403,
    code: 'ENGINE_UNSUPPORTED',
  },
  {
    of: 'classic pull of what Docker Hub hides or does not have',
    text:
      "pull access denied for team/app, repository does not exist or may require 'docker login': " +
      'denied: requested access to the resource is denied',
    status: 404,
    code: 'NOT_FOUND',
    hint: /^check the name and the tag, or give credentials for 127\.0\.0\.1:24362$/,
  },
  {
    of: 'classic pull of a missing tag',
    text: `manifest for ${REGISTRY}/team/small:none not found: manifest unknown: manifest unknown`,
    status: 404,
    code: 'NOT_FOUND',
    hint: /^check the name and the tag$/,
  },
  {
    of: 'containerd pull of a missing tag',
    text: `failed to resolve reference "${REGISTRY}/team/small:none": ${REGISTRY}/team/small:none: not found`,
    status: 404,
    code: 'NOT_FOUND',
  },
  {
    of: 'classic pull of another platform',
    text: 'no matching manifest for linux/arm64/v8 in the manifest list entries',
    status: 0,
    code: 'NOT_FOUND',
    hint: /platform/,
  },
  {
    of: 'classic pull of another platform, one manifest',
    text:
      'image with reference app:1 was found but does not match the specified platform: wanted ' +
      'linux/arm64, actual: linux/amd64',
    status: 0,
    code: 'NOT_FOUND',
    hint: /platform/,
  },
  {
    of: 'push of a missing tag',
    text: `tag does not exist: ${REGISTRY}/team/small:none`,
    status: 0,
    code: 'NOT_FOUND',
  },
  { of: 'tag of nothing', text: 'No such image: team/none:1', status: 404, code: 'NOT_FOUND' },
  { of: 'commit of nothing', text: 'No such container: nope', status: 404, code: 'NOT_FOUND' },
  { of: 'classic save', text: 'reference does not exist', status: 404, code: 'NOT_FOUND' },
  {
    of: 'classic pull, registry down',
    text: 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    status: 500,
    code: 'ENGINE_ERROR',
    retryable: true,
    hint: /^alpha does not reach 127\.0\.0\.1:24362/,
  },
  {
    of: 'containerd pull, unknown name',
    text:
      'failed to resolve reference "no.such.invalid/team/small:1": failed to do request: Head ' +
      '"https://no.such.invalid/v2/team/small/manifests/1": dial tcp: lookup no.such.invalid on ' +
      '10.255.255.53:53: no such host',
    status: 500,
    code: 'ENGINE_ERROR',
    retryable: true,
  },
  {
    of: 'a registry with a certificate of its own',
    text: 'Get "https://reg:5000/v2/": x509: certificate signed by unknown authority',
    status: 500,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /does not trust the certificate of/,
  },
  {
    of: 'a plain registry',
    text: 'Get "https://reg:5000/v2/": http: server gave HTTP response to HTTPS client',
    status: 500,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /insecure registries of alpha/,
  },
  {
    of: 'Docker Hub, too many pulls',
    text: 'toomanyrequests: You have reached your unauthenticated pull rate limit.',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: true,
    hint: /credentials/,
  },
  {
    of: 'a registry that dies in the middle of a layer',
    text: 'unexpected EOF',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: true,
    hint: /^check that 127\.0\.0\.1:24362 is up$/,
  },
  {
    of: 'an archive with a bit flipped, load into a classic store',
    text: `invalid diffID for layer 0: expected "sha256:${'ab'.repeat(32)}", got "sha256:${'cd'.repeat(32)}"`,
    status: 0,
    code: 'DIGEST_MISMATCH',
    hint: /not what its digest names/,
  },
  {
    of: 'an archive with a bit flipped, load into a containerd store',
    text:
      'failed to resolve layers: failed to open "4368/layer.tar" (sha256:585c): content digest ' +
      `sha256:${'ab'.repeat(32)}: not found`,
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /archive is damaged/,
  },
  {
    of: 'a registry that sends other bytes, classic pull',
    text: `filesystem layer verification failed for digest sha256:${'ab'.repeat(32)}`,
    status: 0,
    code: 'DIGEST_MISMATCH',
  },
  {
    of: 'a full disk',
    text: 'write /var/lib/docker/tmp/GetImageBlob12345: no space left on device',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /^free disk space on alpha/,
  },
  {
    of: 'a step of a build that fails, whatever it quotes',
    text: "The command '/bin/sh -c echo no space left on device; x509: ; exit 3' returned a non-zero code: 3",
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /output of the step/,
  },
  {
    of: 'a containerd store with a hole, push',
    text: `content digest sha256:${'ab'.repeat(32)}: not found`,
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /does not hold the whole image/,
  },
  {
    of: 'a bad change',
    text: 'BOGUS is not a valid change command',
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    of: 'a bad Dockerfile',
    text: 'dockerfile parse error on line 1: unknown instruction: FRM (did you mean FROM?)',
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    of: 'a Dockerfile that is not there',
    text: 'Cannot locate specified Dockerfile: nope',
    status: 500,
    code: 'BAD_USER_INPUT',
  },
  {
    of: 'a bad platform',
    text: '"bogus": unknown operating system or architecture: invalid argument',
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    of: '20.10 says 500 to a bad name',
    text: 'invalid reference format: repository name must be lowercase',
    status: 500,
    code: 'BAD_REFERENCE',
  },
  {
    of: 'podman, an image that is not there',
    text: 'docker.io/library/none:1: image not known',
    status: 500,
    code: 'NOT_FOUND',
  },
  {
    of: 'podman, an image of several tags by its ID',
    text:
      'unable to delete image "c8ca5b95" by ID with more than one tag ([docker.io/library/two:1 ' +
      'docker.io/library/busybox:1]): please force removal',
    status: 500,
    code: 'CONFLICT',
    hint: /^remove its tags by name, or force the removal$/,
  },
  {
    of: 'podman, a step that fails and reads like a refusal',
    text: 'building at STEP "RUN echo unauthorized: 401": while running runtime: exit status 3',
    status: 0,
    code: 'ENGINE_ERROR',
    retryable: false,
    hint: /^the output of the step says why$/,
  },
  {
    of: 'podman, a Dockerfile without FROM',
    text: 'no FROM statement found',
    status: 0,
    code: 'BAD_USER_INPUT',
  },
  { of: 'what nobody knows', text: 'surprise', status: 0, code: 'ENGINE_ERROR', retryable: false },
  { of: 'what nobody knows', text: 'surprise', status: 500, code: 'ENGINE_ERROR', retryable: true },
];

const SUBJECT: VerbSubject = { host: 'alpha', registry: REGISTRY };

function errorOf({ text, status }: Case, subject = SUBJECT) {
  if (status === 0) return complaintError(subject)(text);
  const body = JSON.stringify({ message: text });
  // What stands before an engine is no JSON.
  const contentType = text.startsWith('access denied') ? 'text/plain' : 'application/json';
  const request = 'POST /images/create';
  return refusalOf(subject)({ host: 'alpha', request, status, contentType, body });
}

suite("an engine's complaint becomes", () => {
  for (const row of CASES) {
    test(`${row.code} for ${row.of} (${row.status || 'in a stream'})`, () => {
      const error = errorOf(row);
      assert.equal(error.code, row.code, error.message);
      assert.equal(error.host, 'alpha');
      assert.ok(error.message.includes(row.text), error.message);
      if (row.retryable !== undefined) assert.equal(error.retryable, row.retryable);
      if (row.hint) assert.match(String(error.details?.['hint']), row.hint);
    });
  }

  test('a refusal of the registry where podman names no type of its answer', () => {
    const error = refusalOf(SUBJECT)({
      host: 'alpha',
      request: 'POST /images/create',
      status: 401,
      contentType: '',
      body: '{"message":"unauthorized: authentication required"}',
    });
    assert.equal(error.code, 'FORBIDDEN', error.message);
  });

  test('another hint where credentials were given', () => {
    const error = errorOf(CASES[0]!, { ...SUBJECT, hasAuth: true });
    assert.match(String(error.details?.['hint']), /refuses the credentials given/);
    assert.equal(error.details?.['registry'], REGISTRY);
  });

  test('an error that names the other end where only the engine knows it', () => {
    const error = complaintError({ host: 'alpha' })(
      'Get "https://user:secret@index.docker.io/v1/search?q=x": dial tcp: no such host',
    );
    assert.equal(error.details?.['registry'], 'index.docker.io');
    assert.doesNotMatch(error.message, /secret/);
    const unknown = complaintError({ host: 'alpha' })(
      'fatal: git clone https://t0ken@host/x failed',
    );
    assert.doesNotMatch(unknown.message, /t0ken/);
    const refused = errorOf({ ...CASES.at(-1)!, text: 'surprise at http://u:secret@x/' });
    assert.doesNotMatch(refused.message, /secret/);
  });
});

suite('a conflict', () => {
  const conflicts: [string, ConflictFacts, RegExp | undefined][] = [
    [
      'conflict: unable to remove repository reference "team/bb:1" (must force) - container ' +
        '7db308d553fd is using its referenced image 7091b02d07a3',
      { container: '7db308d553fd', state: null, forcible: true },
      /^remove the container 7db308d553fd first, or force the removal$/,
    ],
    [
      'conflict: unable to delete team/bb:1 (must be forced) - container 9fb4fd0be040 is using its ' +
        'referenced image b57237ff85ab',
      { container: '9fb4fd0be040', state: null, forcible: true },
      /force/,
    ],
    [
      'conflict: unable to delete b57237ff85ab (cannot be forced) - image is being used by running ' +
        'container 9fb4fd0be040',
      { container: '9fb4fd0be040', state: 'running', forcible: false },
      /^stop and remove the container 9fb4fd0be040 first$/,
    ],
    [
      'conflict: unable to delete 3055a3e7142f (must be forced) - image is being used by stopped ' +
        'container 29c4baf3732f',
      { container: '29c4baf3732f', state: 'stopped', forcible: true },
      /^remove the container 29c4baf3732f first, or force/,
    ],
    [
      'conflict: unable to delete 7091b02d07a3 (cannot be forced) - image has dependent child images',
      { container: null, state: null, forcible: false },
      /built on it/,
    ],
    [
      'conflict: unable to delete 7091b02d07a3 (must be forced) - image is referenced in multiple ' +
        'repositories',
      { container: null, state: null, forcible: true },
      /tags by name, or force/,
    ],
    [
      'a prune operation is already running',
      { container: null, state: null, forcible: null },
      /wait/,
    ],
    ['something else', { container: null, state: null, forcible: null }, undefined],
  ];
  for (const [text, facts, hint] of conflicts) {
    test(`tells what stands in the way: ${text}`, () => {
      const error = errorOf({ of: '', text, status: 409, code: 'CONFLICT' });
      assert.equal(error.code, 'CONFLICT');
      assert.equal(error.message, `alpha: ${text}`);
      const { hint: said, ...rest } = error.details ?? {};
      assert.deepEqual(rest, facts);
      if (hint === undefined) assert.equal(said, undefined);
      else assert.match(String(said), hint);
    });
  }
});

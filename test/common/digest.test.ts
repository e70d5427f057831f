import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { chainIds, digestOf, shortDigest } from '../../src/common/digest.ts';

suite('digests', () => {
  test('are those of content, in one piece or in several', () => {
    // Computed apart: printf app | sha256sum
    const digest = 'sha256:a172cedcae47474b615c54d510a5d84a8dea3032e958587430b413538be3f333';
    assert.equal(digestOf('app'), digest);
    assert.equal(digestOf(Buffer.from('app')), digest);
    assert.equal(digestOf([Buffer.from('a'), Buffer.from('pp')]), digest);
    assert.equal(shortDigest(digest), 'a172cedcae47');
  });

  test('of chains are as the OCI specification computes them', () => {
    // Computed apart: printf '%s %s' sha256:a sha256:b | sha256sum
    assert.deepEqual(chainIds(['sha256:a', 'sha256:b', 'sha256:c']), [
      'sha256:a',
      'sha256:970a948bffa8de94d6e22d747ba8c95030e6e546909f98f54e99a13005e173a8',
      'sha256:dee159b33409cefa3f6eda71539f006014283e9d9130c18a1dea7bd8a33c9b1b',
    ]);
    assert.deepEqual(chainIds([]), []);
  });
});

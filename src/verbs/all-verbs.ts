import { buildVerb } from './build-image.ts';
import { checkVerb } from './check-credentials.ts';
import { commitVerb } from './commit-container.ts';
import { importVerb } from './import-image.ts';
import { pruneVerb } from './prune-images.ts';
import { pullVerb } from './pull-image.ts';
import { pushVerb } from './push-image.ts';
import { refreshVerb } from './refresh-hosts.ts';
import { removeVerb } from './remove-image.ts';
import { tagVerb } from './tag-image.ts';
import { untagVerb } from './untag-image.ts';
import type { VerbEnvironment } from './verb-environment.ts';

/** Every change that can be asked for, ready to be registered with the operations. */
export function allVerbs(environment: VerbEnvironment) {
  return [
    pullVerb(environment),
    pushVerb(environment),
    tagVerb(environment),
    untagVerb(environment),
    removeVerb(environment),
    pruneVerb(environment),
    commitVerb(environment),
    importVerb(environment),
    buildVerb(environment),
    checkVerb(environment),
    refreshVerb(environment),
  ];
}

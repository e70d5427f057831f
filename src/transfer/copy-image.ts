import { UnknownArchiveError } from '../archive/archive-errors.ts';
import { EngineError } from '../common/errors.ts';
import type { HostRecord } from '../fleet/fleet.ts';
import type { TaskContext } from '../operations/operation.ts';
import { Copying } from './copying.ts';
import type { CopyAttempt, CopyEnvironment, CopyJob } from './copying.ts';
import { NotUnpackableError } from './image-read.ts';
import { NotWholeError } from './prove-copy.ts';
import { SharedCopy } from './shared-copy.ts';
import { forwardSave, sendUnpacked } from './sole-copy.ts';

/** How a copy went. */
export interface Copied extends CopyAttempt {
  /** Why all of it was sent although layers could have been left out. */
  wholeBecause: string | null;
}

/**
 * Copies an image to a target that lacks it: without the layers that it has, and where that is
 * refused or does not make a whole image, once more with all of them. The image has no tag then.
 */
export async function copyImage(
  environment: CopyEnvironment,
  job: CopyJob,
  context: TaskContext,
): Promise<Copied> {
  try {
    return await copyWhole(new Copying(environment, job, context));
  } catch (error) {
    if (!(error instanceof NotWholeError)) throw error;
    const host = job.target.config.name;
    throw new EngineError(`verifying on ${host}: ${error.message}`, { host, cause: error });
  }
}

/** Goes on in another way where an attempt failed for a reason that the other way does not have. */
async function copyWhole(copying: Copying): Promise<Copied> {
  const { environment, job, context } = copying;
  const { held } = job.held;
  const shared = new SharedCopy(copying);
  let wholeBecause: string | null = null;
  try {
    try {
      return { ...(await shared.attempt(held)), wholeBecause };
    } catch (error) {
      const isDelta = held.size > 0 && mayBeTheDelta(error, job.target);
      if (!isDelta && !lostContent(error, job.target)) throw error;
      if (isDelta) wholeBecause = (error as Error).message;
      context.log(`Sending all of it${isDelta ? '' : ' again'}: ${(error as Error).message}`);
      if (error instanceof NotWholeError) environment.layers.notUsable(job.target.slot, job.image);
      return { ...(await shared.attempt(new Set())), wholeBecause };
    }
  } catch (error) {
    if (error instanceof NotUnpackableError) {
      context.log(`Unpacking layers on the way: ${error.message}`);
      return { ...(await sendUnpacked(copying, held)), wholeBecause: null };
    }
    if (!(error instanceof UnknownArchiveError)) throw error;
    wholeBecause = `its archive is forwarded as it is: ${error.message}`;
    context.log(`Sending all of it: ${wholeBecause}`);
    return { ...(await forwardSave(copying)), wholeBecause };
  }
}

/**
 * Whether the target lost a blob while it unpacked. Containerd collects what a load before left that
 * broke off, and may do so after the next load has found it there and not written it anew.
 */
function lostContent(error: unknown, { config }: HostRecord): boolean {
  if (!(error instanceof EngineError) || error.host !== config.name) return false;
  return /content digest sha256:\S+: not found/.test(error.message);
}

/** Whether the copy may have failed because layers were left out. */
function mayBeTheDelta(error: unknown, { config }: HostRecord): boolean {
  if (error instanceof NotWholeError) return true;
  if (!(error instanceof EngineError) || error.host !== config.name) return false;
  return !/no space left/i.test(error.message);
}

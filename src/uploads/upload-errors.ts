import { LimitExceededError, NotFoundError } from '../common/errors.ts';

/** How an upload is made, for whoever has none. */
const HOW = 'send the tar: curl -X POST -T FILE http://GATEWAY/uploads answers its id';

/** There is no such upload (any more), or it is somebody else's. */
export function noSuchUpload(id: string): NotFoundError {
  const shown = JSON.stringify(id.slice(0, 100));
  return new NotFoundError(
    `there is no upload ${shown}: it was never yours, was removed, or has expired`,
    { details: { hint: HOW } },
  );
}

/** The upload is larger than the operator allows. */
export class UploadTooLargeError extends LimitExceededError {
  constructor(maxBytes: number) {
    super(`an upload may have at most ${maxBytes} bytes (DOCKGRAPH_UPLOAD_MAX_BYTES)`, {
      details: { maxBytes },
    });
  }
}

/** There is no room for the upload: not by the operator's bound, or not on the disk. */
export class UploadsFullError extends LimitExceededError {
  override readonly retryable = true;

  constructor(why: string, cause?: unknown) {
    super(`there is no room for the upload: ${why}`, {
      details: { hint: 'remove uploads that are done with: DELETE /uploads/ID' },
      cause,
    });
  }
}

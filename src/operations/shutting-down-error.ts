import { DockgraphError } from '../common/errors.ts';

/** The gateway takes no new work, since it is about to end. */
export class ShuttingDownError extends DockgraphError {
  override readonly code = 'CANCELLED';
  override readonly retryable = true;

  constructor() {
    super('the gateway is shutting down; ask again when it is back');
  }
}

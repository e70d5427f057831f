import type { TransferOutcome, TransferredImage } from '../../transfer/transfer-request.ts';

/** A transfer's result with the host that it is of. */
export type TransferResultModel = TransferOutcome & { host: string };
export type TransferredImageModel = TransferredImage & { host: string };
export type MovedTagModel = TransferredImage['moved'][number];

/** A tag that is another image on a host. */
export interface TagConflictModel {
  /** As docker prints it. */
  tag: string;
  engineId: string;
  host: string;
}

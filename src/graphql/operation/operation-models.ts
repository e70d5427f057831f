import type { OperationPage } from '../../operations/operation-store.ts';
import type {
  OperationFilter,
  OperationSnapshot,
  TaskSnapshot,
} from '../../operations/operation-snapshot.ts';
import type { OperationKind } from '../../operations/operation.ts';
import type { BuildOutcome } from '../../verbs/build-image.ts';
import type { CheckOutcome } from '../../verbs/check-credentials.ts';
import type { CommitOutcome } from '../../verbs/commit-container.ts';
import type { ImportOutcome } from '../../verbs/import-image.ts';
import type { PruneOutcome } from '../../verbs/prune-images.ts';
import type { PulledReference, PullOutcome } from '../../verbs/pull-image.ts';
import type { PushOutcome } from '../../verbs/push-image.ts';
import type { RefreshOutcome } from '../../verbs/refresh-hosts.ts';
import type { RemoveOutcome } from '../../verbs/remove-image.ts';
import type { TagOutcome } from '../../verbs/tag-image.ts';
import type { UntagOutcome } from '../../verbs/untag-image.ts';

/** One host's share of an operation, with the operation that it belongs to. */
export interface TaskModel {
  operation: OperationSnapshot;
  task: TaskSnapshot;
}

/** A page of operations, with what it is a page of. */
export interface OperationPageModel {
  page: OperationPage;
  filter: OperationFilter;
  /** Names the list in cursors. */
  list: string;
}

/** What each verb gives, with the kind that says which it is, and the host that it is of. */
type ResultOf<Outcome> = Outcome & { kind: OperationKind; host: string };
export type PullResultModel = ResultOf<PullOutcome>;
export type PushResultModel = ResultOf<PushOutcome>;
export type TagResultModel = ResultOf<TagOutcome>;
export type UntagResultModel = ResultOf<UntagOutcome>;
export type RemoveResultModel = ResultOf<RemoveOutcome>;
export type CommitResultModel = ResultOf<CommitOutcome>;
export type ImportResultModel = ResultOf<ImportOutcome>;
export type BuildResultModel = ResultOf<BuildOutcome>;
export type PruneResultModel = ResultOf<PruneOutcome>;
export type CheckResultModel = ResultOf<CheckOutcome>;
export type RefreshResultModel = ResultOf<RefreshOutcome>;
export type PulledReferenceModel = PulledReference & { host: string };

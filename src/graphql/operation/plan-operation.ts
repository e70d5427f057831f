import { NotFoundError } from '../../common/errors.ts';
import type { OperationKind } from '../../operations/operation.ts';
import type { GraphqlContext } from '../context.ts';
import { waitMs } from './start-operation.ts';

const PAGE = 100;

/**
 * What a repeated request gives that names a plan which has gone since: the operation that it
 * started before.
 * @throws NotFoundError where there is none
 */
export async function operationOfPlan(
  context: GraphqlContext,
  { kind, plan, query }: { kind: OperationKind; plan: string; query: string },
  {
    idempotencyKey,
    waitSeconds,
  }: { idempotencyKey?: string | null | undefined; waitSeconds: number },
) {
  const { operations, viewer, signal } = context;
  const gone = new NotFoundError(
    `there is no plan ${plan.slice(0, 80)}: the plan has expired or the gateway was restarted`,
    { details: { hint: `Ask for a new one with ${query}, look at it, and apply that.` } },
  );
  if (idempotencyKey == null) throw gone;
  const filter = { kinds: [kind], requestedBy: [viewer.name] };
  let after: string | undefined;
  for (;;) {
    const page = await operations.list({ filter, after, limit: PAGE, fromEnd: false });
    const found = page.operations.find(
      (operation) =>
        operation.idempotencyKey === idempotencyKey &&
        (operation.input as { plan?: unknown }).plan === plan,
    );
    if (found) return { operation: await operations.wait(found.id, waitMs(waitSeconds), signal) };
    if (!page.hasNext) throw gone;
    after = page.operations.at(-1)?.id;
  }
}

import { createSourceEventStream, execute, GraphQLError } from 'graphql';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult } from 'graphql';
import { messageOf } from '../common/errors.ts';
import type { GraphqlApi, RequestInfo, Viewer } from '../graphql/api.ts';
import type { Logger } from './logger.ts';
import { presentErrors } from './present-error.ts';

/** A subscription that passed the gate. */
export interface SubscriptionRequest {
  document: DocumentNode;
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
  viewer: Viewer;
  requestId: string;
  /** Aborts when the connection has gone. */
  signal: AbortSignal;
}

/** Why a subscription was not opened: wrong variables (the request's fault), or a resolver. */
export interface RefusedSubscription {
  refused: FormattedExecutionResult;
  badRequest: boolean;
}

type Step = IteratorResult<FormattedExecutionResult, undefined>;

const DONE: Step = { done: true, value: undefined };

/** Opens a subscription. `onEnd` is called once when its stream ends. */
export async function openSubscription(
  api: GraphqlApi,
  logger: Logger,
  request: SubscriptionRequest,
  onEnd: () => void,
): Promise<SubscriptionStream | RefusedSubscription> {
  const controller = new AbortController();
  // Removed again when the subscription ends, for a connection may see many of them.
  const whileOpen = { once: true, signal: controller.signal };
  request.signal.addEventListener('abort', () => controller.abort(), whileOpen);
  const info: RequestInfo = {
    viewer: request.viewer,
    requestId: request.requestId,
    signal: controller.signal,
  };
  const present = ({ errors, ...rest }: ExecutionResult): FormattedExecutionResult =>
    errors ? { ...rest, errors: presentErrors(api, logger, request.requestId, errors) } : rest;
  const args = {
    schema: api.schema,
    document: request.document,
    operationName: request.operationName ?? null,
    variableValues: request.variables ?? null,
  };
  let source;
  try {
    source = await createSourceEventStream({ ...args, contextValue: api.contextFor(info) });
  } catch (error) {
    source = { errors: [wrap(error)] };
  }
  if (!(Symbol.asyncIterator in source)) {
    controller.abort();
    const { errors, badRequest } = explainRefusal(source.errors ?? []);
    return { refused: present({ errors }), badRequest };
  }
  // A context per event: its loaders must not answer from what they learnt at an earlier one.
  const executeEvent = async (rootValue: unknown) =>
    present(await execute({ ...args, rootValue, contextValue: api.contextFor(info) }));
  const failure = (error: unknown) => present({ errors: [wrap(error)] });
  const stream = new SubscriptionStream({ source, executeEvent, failure, controller, onEnd });
  controller.signal.addEventListener('abort', () => void stream.return(), { once: true });
  if (controller.signal.aborted) await stream.return();
  return stream;
}

interface StreamParts {
  source: AsyncIterable<unknown>;
  executeEvent: (payload: unknown) => Promise<FormattedExecutionResult>;
  failure: (error: unknown) => FormattedExecutionResult;
  controller: AbortController;
  onEnd: () => void;
}

/**
 * The results of a subscription, one for each event. One `next()` at a time; until it is called
 * again nothing is taken from the source, so a slow client stalls the source and grows no queue.
 * A source that fails ends with a result that says so.
 *
 * An iterator by hand, since `return()` must take effect at once: on an async generator that waits
 * for an event it would wait as well, and the subscription of a client that has gone would leak.
 */
export class SubscriptionStream implements AsyncGenerator<FormattedExecutionResult, undefined> {
  readonly #parts: StreamParts;
  readonly #source: AsyncIterator<unknown>;
  #waiting: ((step: Step) => void) | undefined;
  #ended = false;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#source = parts.source[Symbol.asyncIterator]();
  }

  next(): Promise<Step> {
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#step().then(
        (step) => (step.done ? this.#end() : resolve(step)),
        (error: unknown) => {
          // After the end it is only the source's way of saying that it was aborted.
          if (!this.#ended) resolve({ done: false, value: this.#parts.failure(error) });
          this.#end();
        },
      );
    });
  }

  /** Ends the subscription and tells its source by the context's signal. */
  return(): Promise<Step> {
    this.#end();
    return Promise.resolve(DONE);
  }

  throw(): Promise<Step> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #step(): Promise<Step> {
    const event = await this.#source.next();
    if (event.done || this.#ended) return DONE;
    return { done: false, value: await this.#parts.executeEvent(event.value) };
  }

  #end(): void {
    this.#waiting?.(DONE);
    if (this.#ended) return;
    this.#ended = true;
    this.#parts.controller.abort();
    // Not awaited: a source that is blocked answers when its signal has woken it.
    this.#source.return?.().catch(() => {});
    this.#parts.onEnd();
  }
}

// graphql-js tells wrong variables apart only by what these errors lack.
function explainRefusal(errors: readonly GraphQLError[]) {
  const badRequest = errors.every(({ path, originalError }) => !path && !originalError);
  if (!badRequest) return { errors, badRequest };
  const coded = errors.map(
    ({ message, nodes, extensions }) =>
      new GraphQLError(message, {
        ...(nodes && { nodes }),
        extensions: { code: 'BAD_USER_INPUT', ...extensions },
      }),
  );
  return { errors: coded, badRequest };
}

function wrap(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(messageOf(error));
  return new GraphQLError(originalError.message, { originalError });
}

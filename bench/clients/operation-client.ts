import type { GraphqlClient } from './graphql-client.ts';

/** As much of an operation as the bench looks at. */
export interface OperationAnswer {
  id: string;
  state: string;
  tasks: { state: string; error: { code: string; message: string } | null }[];
}

const FIELDS = 'operation { id state tasks { state error { code message } } }';
const TAG = `mutation ($input: TagImageInput!) { tagImage(input: $input) { ${FIELDS} } }`;
const PULL = `mutation ($input: PullImageInput!) { pullImage(input: $input) { ${FIELDS} } }`;
const WAIT = 'query ($id: ID!, $waitSeconds: Int!) { operation(id: $id, waitSeconds: $waitSeconds)';

/** Starts operations over one connection and waits for them, as a script does. */
export class OperationClient {
  readonly #client: GraphqlClient;

  constructor(client: GraphqlClient) {
    this.#client = client;
  }

  async tag(
    hosts: readonly string[],
    image: string,
    tag: string,
    waitSeconds = 30,
  ): Promise<OperationAnswer> {
    const input = { hosts: { names: hosts }, image, tags: [tag], waitSeconds };
    const { tagImage } = await this.#client.ask<Answer<'tagImage'>>(TAG, { input });
    return tagImage.operation;
  }

  async pull(host: string, reference: string, waitSeconds: number): Promise<OperationAnswer> {
    const input = { hosts: { names: [host] }, references: [reference], waitSeconds };
    const { pullImage } = await this.#client.ask<Answer<'pullImage'>>(PULL, { input });
    return pullImage.operation;
  }

  /** The operation when it is final, or after 50 seconds. */
  async wait(id: string): Promise<OperationAnswer> {
    const query = `${WAIT} { id state tasks { state error { code message } } } }`;
    const variables = { id, waitSeconds: 50 };
    const { operation } = await this.#client.ask<{ operation: OperationAnswer | null }>(
      query,
      variables,
    );
    if (!operation) throw new Error(`operation ${id} has gone`);
    return operation;
  }
}

type Answer<Name extends string> = Record<Name, { operation: OperationAnswer }>;

/** Throws unless it ended so: a bench of failures would measure nothing. */
export function assertEnded(operation: OperationAnswer, state = 'SUCCEEDED'): void {
  if (operation.state === state) return;
  const errors = operation.tasks.flatMap(({ error }) => (error ? [error.message] : []));
  throw new Error(
    `operation ${operation.id} is ${operation.state}, not ${state}: ${errors.slice(0, 3).join('; ')}`,
  );
}

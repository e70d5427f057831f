import { GraphqlClient } from './graphql-client.ts';

/** What became of one target. */
export interface TransferredTarget {
  host: { name: string };
  state: string;
  error: { code: string; message: string } | null;
  result: {
    bytesSent: number;
    bytesSaved: number;
    images: { mode: string; wholeBecause: string | null }[];
  } | null;
}

interface Transfer {
  id: string;
  state: string;
  tasks: TransferredTarget[];
}

const FIELDS = `id state tasks { host { name } state error { code message }
  result { ... on TransferImageResult { bytesSent bytesSaved images { mode wholeBecause } } } }`;
const TRANSFER = `mutation ($input: TransferImageInput!) {
  transferImage(input: $input) { operation { ${FIELDS} } } }`;
const WAIT = `query ($id: ID!) { operation(id: $id, waitSeconds: 50) { ${FIELDS} } }`;

/** Copies images through a gateway and waits for the end, on a connection of its own. */
export class TransferClient implements Disposable {
  readonly #client: GraphqlClient;

  constructor(url: string) {
    this.#client = new GraphqlClient(url);
  }

  /** Throws unless every target has it. `input` is the mutation's. */
  async transfer(input: object): Promise<TransferredTarget[]> {
    const { transferImage } = await this.#client.ask<{ transferImage: { operation: Transfer } }>(
      TRANSFER,
      { input: { waitSeconds: 50, ...input } },
    );
    let { operation } = transferImage;
    while (operation.state === 'QUEUED' || operation.state === 'RUNNING') {
      ({ operation } = await this.#client.ask<{ operation: Transfer }>(WAIT, { id: operation.id }));
    }
    if (operation.state !== 'SUCCEEDED') {
      throw new Error(`the transfer is ${operation.state}: ${JSON.stringify(operation.tasks)}`);
    }
    return operation.tasks;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnauthenticatedError } from '../../common/errors.ts';
import type { ServerParts } from '../server-parts.ts';
import { Transfer } from './transfer.ts';
import type { TransferOptions } from './transfer.ts';

/** The transfers under way. One ends with the token that began it. */
export class Transfers {
  readonly #parts: Pick<ServerParts, 'authenticator' | 'isDraining' | 'logger'>;
  readonly #underWay = new Set<Transfer>();

  constructor(parts: Pick<ServerParts, 'authenticator' | 'isDraining' | 'logger'>) {
    this.#parts = parts;
    parts.authenticator.onReplaced(() => {
      for (const transfer of this.#underWay) {
        if (transfer.session.isValid()) continue;
        transfer.end(new UnauthenticatedError('The token is not valid any more'));
      }
    });
  }

  /** How many there are. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Runs one; `work` records how it went. */
  async run<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    options: TransferOptions,
    work: (transfer: Transfer) => Promise<T>,
  ): Promise<T> {
    const { isDraining, logger } = this.#parts;
    const transfer = new Transfer(logger, request, options);
    this.#underWay.add(transfer);
    if (isDraining()) void reply.header('connection', 'close');
    try {
      return await work(transfer);
    } finally {
      this.#underWay.delete(transfer);
    }
  }
}

import { randomUUID } from 'node:crypto';
import { EngineError } from '../../common/errors.ts';
import { GrpcClient } from '../buildkit/grpc-client.ts';
import { decodeMessage, encodeMessage } from '../buildkit/messages.ts';
import type { VerbCalls } from '../verb-calls.ts';
import { refusalOf } from '../verb-errors.ts';

const SOLVE = '/moby.buildkit.v1.Control/Solve';
const RESOLVE = '/moby.buildkit.v1.frontend.LLBBridge/ResolveImageConfig';
/** Says which build a call belongs to. */
const BUILD_ID = 'buildkit-controlapi-buildid';

/**
 * The config of an image in a classic store, byte by byte. The Docker API shows what is in it, but
 * only a `docker save` of all of the image has its bytes; BuildKit hands them to whoever runs a build,
 * for FROM. So a build is begun that never does anything, and ends with the connection.
 */
export async function imageConfig(
  calls: VerbCalls,
  reference: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const { host } = calls;
  const what = `the config of ${reference}`;
  return calls.upgraded(
    {
      name: 'imageConfig',
      what,
      method: 'POST',
      path: '/grpc',
      protocol: 'h2c',
      headers: {},
      errorOf: refusalOf({ host }),
      signal,
    },
    async (socket, ended) => {
      const client = new GrpcClient(socket, ended);
      const build = randomUUID();
      client.begin(SOLVE, encodeMessage('SolveRequest', { Ref: build, Internal: true }));
      const wanted = { Ref: reference, ResolveMode: 'local' };
      try {
        const answer = await client.call(
          RESOLVE,
          encodeMessage('ResolveImageConfigRequest', wanted),
          { [BUILD_ID]: build },
        );
        const { Config } = decodeMessage('ResolveImageConfigResponse', answer) as {
          Config: Uint8Array;
        };
        return Buffer.from(Config);
      } catch (cause) {
        const message = `${host} does not give ${what}: ${(cause as Error).message}`;
        throw new EngineError(message, { host, cause });
      }
    },
  );
}

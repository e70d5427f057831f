import type { IncomingHttpHeaders } from 'node:http2';
import type { Readable } from 'node:stream';
import type { RegistryAuth } from '../image-verbs.ts';
import { GRPC, GrpcError } from './grpc-messages.ts';
import type { GrpcMethods } from './grpc-server.ts';
import { decodeMessage, encodeMessage } from './messages.ts';

/** What a build may ask the gateway for. */
export interface SessionOffer {
  /** The credentials for a registry, as it stands in references. */
  authFor: (registry: string) => Promise<RegistryAuth | undefined>;
  /** The build's files as a tar, which is given once. */
  upload: SessionUpload | undefined;
}

/** A tar that BuildKit fetches over the session. */
export interface SessionUpload {
  /** The path of its URL. */
  path: string;
  source: Readable;
  /** Called whenever some of it moves, with whether the source is what we wait for. */
  onMove: (waitsForSource: boolean) => void;
  /** Called where the source breaks off; BuildKit is told to drop what it got. */
  onBreak: (error: Error) => void;
}

/** The name that a session has as a host in URLs: BuildKit then asks it rather than a server. */
const SESSION_HOST = 'buildkit-session';

/** The URL of an upload, as BuildKit takes it for the context of a build. */
export function uploadUrl(path: string): string {
  return `http://${SESSION_HOST}${path}`;
}

/**
 * The methods of a session: that we are still there, credentials, and the files. BuildKit may look
 * for others, such as tokens that we would fetch for it; it goes on without them.
 */
export function sessionMethods({ authFor, upload }: SessionOffer): GrpcMethods {
  let isUploaded = false;
  return {
    unary: {
      '/grpc.health.v1.Health/Check': () => encodeMessage('HealthCheckResponse', { status: 1 }),
      '/moby.filesync.v1.Auth/Credentials': async (request) => {
        const { Host } = decodeMessage('CredentialsRequest', request) as { Host: string };
        const auth = await authFor(DOCKER_HUB_HOSTS.has(Host) ? 'docker.io' : Host);
        return encodeMessage('CredentialsResponse', credentials(auth));
      },
    },
    streams: {
      '/moby.upload.v1.Upload/Pull': (headers: IncomingHttpHeaders) => {
        if (upload === undefined || isUploaded || headers['urlpath'] !== upload.path) {
          throw new GrpcError(GRPC.NOT_FOUND, 'there is no such upload');
        }
        isUploaded = true;
        return pieces(upload);
      },
    },
  };
}

/** Docker Hub's names where images are fetched. */
const DOCKER_HUB_HOSTS: ReadonlySet<string> = new Set(['registry-1.docker.io', 'index.docker.io']);

/** Empty fields mean that there are none; a token goes without a name. */
function credentials(auth: RegistryAuth | undefined): { Username?: string; Secret?: string } {
  if (auth === undefined || 'registrytoken' in auth) return {};
  if ('identitytoken' in auth) return { Secret: auth.identitytoken };
  return { Username: auth.username, Secret: auth.password };
}

/** Well under the 4 MiB that gRPC takes in a message. */
const PIECE_BYTES = 1024 * 1024;

async function* pieces({ source, onMove, onBreak }: SessionUpload): AsyncGenerator<Uint8Array> {
  try {
    onMove(true);
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
        onMove(false);
        yield encodeMessage('BytesMessage', { data: chunk.subarray(start, start + PIECE_BYTES) });
      }
      onMove(true);
    }
    onMove(false);
  } catch (error) {
    onBreak(error as Error);
    throw error;
  }
}

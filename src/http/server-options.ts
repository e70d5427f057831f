import type { GraphqlApi } from '../graphql/api.ts';
import type { TokenRecord } from '../config/tokens-file.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { UploadStore } from '../uploads/upload-store.ts';
import type { FleetHealth, Readiness } from './health.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { Tuning } from './tuning.ts';

/** What a server is started with. */
export interface ServerOptions {
  api: GraphqlApi;
  /** Port 0 takes a free one. */
  listen: { host: string; port: number };
  /** Undefined: no authentication, which only loopback addresses allow. */
  tokens: readonly TokenRecord[] | undefined;
  /** Origins of web pages that may use the server, such as `https://ops.example.com`. */
  allowedOrigins: readonly string[];
  logger: Logger;
  metrics: Metrics;
  readiness: () => Readiness;
  fleetHealth: () => FleetHealth;
  version: string;
  /** Deadline of one query or mutation. */
  requestTimeoutMs: number;
  /** Whose images are served as archives; without it there is no `/archives`. */
  fleet?: Fleet;
  /** Where uploads go; without it there is no `/uploads`. */
  uploads?: UploadStore;
  /** Folder of the built GraphiQL page; by default where the build puts it. */
  graphiqlFolder?: string;
  tuning?: Partial<Tuning>;
}

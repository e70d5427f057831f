import type { EngineEndpoint } from '../engine/endpoint.ts';

/** One host as the operator named it: what the fleet is given, made by `src/config`. */
export interface HostConfig {
  /** Unique in the fleet; fits HOST_NAME_PATTERN. Part of every ID that names this host. */
  name: string;
  /** Free words to select hosts by, such as `env: prod`. */
  labels: Record<string, string>;
  /** How its engine is reached. */
  endpoint: EngineEndpoint;
}

/** What a host's name looks like. */
export const HOST_NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** The longest host name, in characters; that of a DNS label. */
export const MAX_HOST_NAME_LENGTH = 63;

import type { RegistryAuth } from './image-verbs.ts';

/** Engines want base64url with padding, which Node's base64url leaves out. */
export function encodeAuth(auth: object): string {
  const base64 = Buffer.from(JSON.stringify(auth)).toString('base64');
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

/** Credentials for one registry as a header. Engines want one for every push, empty if need be. */
export function authHeader(auth: RegistryAuth | undefined): Record<string, string> {
  return { 'X-Registry-Auth': encodeAuth(auth === undefined ? {} : addressed(auth)) };
}

/** Containerd stores compare the address, and know Docker Hub by this name only. */
export function addressed(auth: RegistryAuth): RegistryAuth {
  if (!('serveraddress' in auth) || auth.serveraddress !== 'docker.io') return auth;
  return { ...auth, serveraddress: DOCKER_HUB };
}

const DOCKER_HUB = 'https://index.docker.io/v1/';

/** Credentials by registry host as a header, for builds: the Dockerfile says which are wanted. */
export function authsHeader(auths: Record<string, RegistryAuth>): Record<string, string> {
  const byAddress = Object.entries(auths).map(([registry, auth]) => [
    registry === 'docker.io' ? DOCKER_HUB : registry,
    addressed(auth),
  ]);
  return { 'X-Registry-Config': encodeAuth(Object.fromEntries(byAddress) as object) };
}

import { readFileSync } from 'node:fs';
import Docker from 'dockerode';
import pLimit from 'p-limit';
import type { LabTarget } from './lab-fleet.ts';

/**
 * dockerode opens an SSH connection for every request, and sshd refuses more than ten that have not
 * yet signed in (MaxStartups): so many at once make the least of it.
 */
const SSH_AT_ONCE = 8;

/** What one host holds: the same as the fleet query says of it. */
export interface HostContents {
  images: number;
  layers: number;
}

/** dockerode for one host, used as its documentation shows. */
export class DockerodeClient {
  readonly docker: Docker;
  readonly #limit;

  constructor(target: LabTarget) {
    this.docker = new Docker(optionsOf(target));
    this.#limit = pLimit(target.via === 'ssh' ? SSH_AT_ONCE : Infinity);
  }

  /** Only what `docker images` shows. */
  async list(): Promise<number> {
    return (await this.docker.listImages()).length;
  }

  /** With an inspection of each image, which is the only way to its layers. */
  async contents(): Promise<HostContents> {
    const images = await this.docker.listImages();
    const inspected = await Promise.all(
      images.map(({ Id }) => this.#limit(() => this.docker.getImage(Id).inspect())),
    );
    const layers = inspected.reduce((sum, { RootFS }) => sum + (RootFS?.Layers?.length ?? 0), 0);
    return { images: images.length, layers };
  }
}

function optionsOf(target: LabTarget): Docker.DockerOptions {
  switch (target.via) {
    case 'unix':
      return { socketPath: target.socketPath };
    case 'tcp': {
      const { port, tls } = target;
      const address = { host: '127.0.0.1', port };
      if (!tls) return { protocol: 'http', ...address };
      const files = { ca: tls.ca, cert: tls.cert, key: tls.key };
      const pems = Object.entries(files).map(([name, file]) => [name, readFileSync(file, 'utf8')]);
      return { protocol: 'https', ...address, ...Object.fromEntries(pems) };
    }
    case 'ssh': {
      const { port, identityFile } = target;
      const sshOptions = { privateKey: readFileSync(identityFile, 'utf8') };
      return { protocol: 'ssh', host: '127.0.0.1', port, username: 'root', sshOptions };
    }
  }
}

import { Agent, request } from 'node:http';

/** Bare calls of the Engine API over a unix socket, for changes whose moment must be known. */
export class EngineApi implements Disposable {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** What `docker tag IMAGE REPOSITORY:TAG` asks for. */
  tag(image: string, repository: string, tag: string): Promise<void> {
    return this.#call('POST', `/images/${image}/tag?repo=${repository}&tag=${tag}`, 201);
  }

  /** What `docker rmi REFERENCE` asks for, of an image that has other tags. */
  untag(reference: string): Promise<void> {
    return this.#call('DELETE', `/images/${reference}`, 200);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #call(method: string, path: string, expected: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const options = { method, path, socketPath: this.#socketPath, agent: this.#agent };
    const call = request({ ...options, timeout: 10_000 }, (response) => {
      const body: Buffer[] = [];
      response.on('data', (chunk: Buffer) => body.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode } = response;
        const text = Buffer.concat(body).toString();
        if (statusCode === expected) resolve();
        else reject(new Error(`${method} ${path}: ${statusCode} ${text}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
    call.on('error', reject);
    call.end();
    return promise;
  }
}

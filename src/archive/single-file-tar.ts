import { TAR_END, tarFile } from './tar-header.ts';

/** A tar of one regular file, as a build context that is only a Dockerfile. */
export function singleFileTar(name: string, content: Uint8Array): Buffer {
  return Buffer.concat([tarFile(name, content), TAR_END]);
}

import { join, resolve } from 'node:path';

/** An absolute path: `~` and `~/…` are the home folder, other relative paths start at `baseDir`. */
export function resolvePath(path: string, baseDir: string, homeDir: string): string {
  if (path === '~') return homeDir;
  if (path.startsWith('~/')) return join(homeDir, path.slice(2));
  return resolve(baseDir, path);
}

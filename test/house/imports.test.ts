import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** What each folder may import of the others: docs/ARCHITECTURE.md draws it. */
const MAY_IMPORT: Record<string, string[]> = {
  common: [],
  registry: ['common'],
  engine: ['common'],
  fleet: ['engine', 'registry', 'common'],
  operations: ['common'],
  archive: ['common'],
  uploads: ['archive', 'common'],
  verbs: ['archive', 'uploads', 'operations', 'fleet', 'engine', 'registry', 'common'],
  transfer: ['archive', 'operations', 'fleet', 'engine', 'registry', 'common'],
  graphql: ['transfer', 'verbs', 'uploads', 'operations', 'fleet', 'engine', 'registry', 'common'],
  config: ['fleet', 'engine', 'common'],
  // Archives are streams between a client and a host's engine: nothing of GraphQL is in their way.
  http: [
    'graphql',
    'transfer',
    'uploads',
    'fleet',
    'archive',
    'registry',
    'config',
    'engine',
    'common',
  ],
  // The composition root.
  '.': [
    'http',
    'graphql',
    'transfer',
    'verbs',
    'uploads',
    'operations',
    'fleet',
    'engine',
    'registry',
    'config',
    'common',
  ],
};

/** Packages that are the business of some folders only. */
const MAY_USE: Record<string, string[]> = {
  graphql: ['graphql', 'http'],
  '@graphql-tools/schema': ['graphql'],
  'graphql-query-complexity': ['graphql'],
  dataloader: ['graphql'],
  dockerode: ['engine'],
  ssh2: ['engine'],
  protobufjs: ['engine'],
  '@apollo/server': ['http'],
  fastify: ['http'],
  ws: ['http'],
  'graphql-ws': ['http'],
  pino: ['http'],
  'prom-client': ['http'],
  yaml: ['config'],
  zod: ['config'],
  'ssh-config': ['config'],
};

interface Import {
  file: string;
  folder: string;
  /** A folder of ours, or a package. */
  target: { folder: string } | { package: string };
}

const FILES = globSync('**/*.ts', { cwd: SRC }).filter(
  (file) => !file.startsWith('http/graphiql/'),
);

function imports(): Import[] {
  return FILES.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const specifiers = [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gms)].map(
      ([, specifier]) => specifier!,
    );
    return specifiers
      .filter((specifier) => !specifier.startsWith('node:'))
      .map((specifier): Import => {
        const folder = topFolder(file);
        if (!specifier.startsWith('.')) {
          const [scope, name] = specifier.split('/');
          const target = { package: scope!.startsWith('@') ? `${scope}/${name}` : scope! };
          return { file, folder, target };
        }
        const path = posix.normalize(posix.join(dirname(file), specifier));
        return { file, folder, target: { folder: topFolder(path) } };
      });
  });
}

function topFolder(path: string): string {
  const [first] = path.split('/');
  return path.includes('/') ? first! : '.';
}

describe('the house', () => {
  const all = imports();

  it('is read whole: every folder is known', () => {
    const folders = new Set(FILES.map(topFolder));
    assert.deepEqual([...folders].sort(), Object.keys(MAY_IMPORT).sort());
    assert.ok(all.length > 200, `${all.length} imports found`);
  });

  it('imports go down only', () => {
    const wrong = all.filter(({ folder, target }) => {
      if (!('folder' in target) || target.folder === folder) return false;
      return !MAY_IMPORT[folder]!.includes(target.folder);
    });
    assert.deepEqual(wrong, []);
  });

  it('packages stay in the folders whose business they are', () => {
    const wrong = all.filter(({ folder, target }) => {
      if (!('package' in target)) return false;
      const allowed = MAY_USE[target.package];
      return allowed !== undefined && !allowed.includes(folder);
    });
    assert.deepEqual(wrong, []);
  });

  it('the environment is read in one place', () => {
    const readers = globSync('**/*.ts', { cwd: SRC }).filter((file) =>
      readFileSync(join(SRC, file), 'utf8').includes('process.env'),
    );
    assert.deepEqual(readers, ['config/environment.ts']);
  });
});

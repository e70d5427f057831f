import { createGzip } from 'node:zlib';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const outDir = here('../../../dist/graphiql');

/** Writes a `.gz` beside each file, so that the server compresses nothing at run time. */
function precompress(): Plugin {
  return {
    name: 'dockgraph:precompress',
    apply: 'build',
    async closeBundle() {
      const entries = await readdir(outDir, { recursive: true, withFileTypes: true });
      for (const entry of entries) {
        if (!entry.isFile() || !/\.(html|js|css|svg|ttf)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        await pipeline(
          createReadStream(file),
          createGzip({ level: 9 }),
          createWriteStream(`${file}.gz`),
        );
      }
    },
  };
}

export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react(), precompress()],
  worker: { format: 'es' },
  build: {
    outDir,
    emptyOutDir: true,
    // The editor alone is several megabytes; it is loaded from this machine or its network.
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: {
      onLog(level, log, handle) {
        // Directives for React's compiler, which had its turn when these packages were published.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
});

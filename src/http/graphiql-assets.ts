import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Where `npm run build` puts the page: the same seen from `src` and from `dist`. */
export const GRAPHIQL_FOLDER = fileURLToPath(new URL('../../dist/graphiql', import.meta.url));

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

const NOT_BUILT = `<!doctype html>
<meta charset="utf-8"><title>dockgraph</title>
<body style="font: 16px/1.5 system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>GraphiQL is not built yet</h1>
<p>Run <code>npm run build</code> in the folder of dockgraph, then load this page again.
<p>The endpoint itself is at <code>/graphql</code> and works without it.
`;

interface Asset {
  file: string;
  type: string;
  /** Absent on files whose name carries their hash: those never change. */
  etag?: string;
  gzipped: boolean;
}

/** Adds GraphiQL at `/`, from a folder built beforehand: no request leaves this server. */
export function addGraphiqlRoutes(app: FastifyInstance, folder: string): void {
  let assets: Promise<Map<string, Asset>> | undefined;
  // Looked for until it is there, so that building it needs no restart.
  const find = async (path: string): Promise<Asset | undefined> => {
    assets ??= index(folder);
    const found = await assets;
    if (found.size === 0) assets = undefined;
    return found.get(path);
  };

  app.get('/', async (request, reply) => {
    const page = await find('/index.html');
    void reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    if (page) return send(request, reply, page);
    return reply.code(503).header('content-type', 'text/html; charset=utf-8').send(NOT_BUILT);
  });

  app.get('/assets/*', async (request, reply) => {
    const path = URL.parse(request.url, 'http://localhost')?.pathname ?? '';
    const asset = await find(path);
    return asset ? send(request, reply, asset) : reply.callNotFound();
  });
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, type, etag, gzipped }: Asset,
): Promise<FastifyReply> {
  void reply.headers({
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'cache-control': etag ? 'no-cache' : 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  });
  if (etag) {
    void reply.header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  }
  if (gzipped && /\bgzip\b/.test(String(request.headers['accept-encoding']))) {
    return reply.header('content-encoding', 'gzip').send(await readFile(`${file}.gz`));
  }
  return reply.send(await readFile(file));
}

// Requests are looked up in what was found here and never turned into a path of their own.
async function index(folder: string): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const all = new Set(files);
  for (const file of files) {
    const type = CONTENT_TYPES[extname(file)];
    if (!type) continue;
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const asset: Asset = { file, type, gzipped: all.has(`${file}.gz`) };
    if (!path.startsWith('/assets/')) asset.etag = await hashOf(file);
    assets.set(path, asset);
  }
  return assets;
}

async function hashOf(file: string): Promise<string> {
  return `"${createHash('sha256')
    .update(await readFile(file))
    .digest('base64url')}"`;
}

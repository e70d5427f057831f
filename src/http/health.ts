import type { FastifyInstance } from 'fastify';

/** Whether the server can do its work. A Docker host that is down is none of its business. */
export interface Readiness {
  ready: boolean;
  /** Why not. */
  reasons: string[];
}

/** The fleet in figures, for `/healthz`. */
export interface FleetHealth {
  /** Hosts by state, such as `{ ONLINE: 4, UNREACHABLE: 1 }`. */
  hostsByState: Record<string, number>;
}

/** What the health endpoints ask. */
export interface HealthSources {
  version: string;
  readiness: () => Readiness;
  fleetHealth: () => FleetHealth;
  isDraining: () => boolean;
}

/** Adds `/livez`, `/readyz` and `/healthz`. They ask for no token and show no names. */
export function addHealthRoutes(app: FastifyInstance, sources: HealthSources): void {
  const { version, readiness, fleetHealth, isDraining } = sources;
  const startedAt = Date.now();

  // Depends on nothing: that it is answered is the answer.
  app.get('/livez', async (_request, reply) => reply.type('text/plain').send('ok\n'));

  app.get('/readyz', async (_request, reply) => {
    const { ready, reasons } = isDraining()
      ? { ready: false, reasons: ['the server is shutting down'] }
      : readiness();
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });

  app.get('/healthz', async () => {
    const { hostsByState } = fleetHealth();
    const total = Object.values(hostsByState).reduce((sum, count) => sum + count, 0);
    const online = hostsByState['ONLINE'] ?? 0;
    return {
      status: isDraining() ? 'draining' : online === total ? 'ok' : 'degraded',
      version,
      uptimeSeconds: Math.round((Date.now() - startedAt) / 1000),
      hosts: { total, byState: hostsByState },
    };
  });
}

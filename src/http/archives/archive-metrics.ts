import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { TransferReport } from './transfer.ts';

/** One archive that went to a client (`save`) or came from one (`load`). */
export interface ArchiveReport extends TransferReport {
  host: string;
  direction: 'save' | 'load';
}

/** Seconds, up to an hour. */
export const TRANSFER_BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

/** The instruments of archives. */
export function createArchiveMetrics(registry: Registry) {
  const registers = [registry];
  const durations = new Histogram({
    name: 'dockgraph_archive_duration_seconds',
    help: 'Duration of archives over HTTP: save to a client, load from a client.',
    labelNames: ['host', 'direction', 'outcome'],
    buckets: TRANSFER_BUCKETS,
    registers,
  });
  const bytes = new Counter({
    name: 'dockgraph_archive_bytes_total',
    help: 'Bytes of archives over HTTP, as they were on the line to the client.',
    labelNames: ['host', 'direction'],
    registers,
  });
  const active = new Gauge({
    name: 'dockgraph_archives_active',
    help: 'Archives under way.',
    registers,
  });
  active.set(0);
  return {
    started: (): void => active.inc(),
    ended: (report: ArchiveReport): void => {
      const { host, direction, outcome } = report;
      active.dec();
      durations.observe({ host, direction, outcome }, report.durationMs / 1000);
      bytes.inc({ host, direction }, report.bytes);
    },
    forgetHost(host: string): void {
      for (const direction of ['save', 'load'] as const) {
        bytes.remove({ host, direction });
        for (const outcome of ['ok', 'error']) durations.remove({ host, direction, outcome });
      }
    },
  };
}

import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { TRANSFER_BUCKETS } from '../archives/archive-metrics.ts';
import type { TransferReport } from '../archives/transfer.ts';

/** The instruments of uploads; `usedBytes` is asked at every scrape. */
export function createUploadMetrics(registry: Registry, usedBytes: () => number) {
  const registers = [registry];
  const durations = new Histogram({
    name: 'dockgraph_upload_duration_seconds',
    help: 'Duration of uploads over HTTP.',
    labelNames: ['outcome'],
    buckets: TRANSFER_BUCKETS,
    registers,
  });
  const bytes = new Counter({
    name: 'dockgraph_upload_bytes_total',
    help: 'Bytes of uploads over HTTP, of those that broke off too.',
    registers,
  });
  const active = new Gauge({
    name: 'dockgraph_uploads_active',
    help: 'Uploads under way.',
    registers,
  });
  active.set(0);
  new Gauge({
    name: 'dockgraph_uploads_stored_bytes',
    help: 'Bytes of uploads in the data folder, stored or on their way.',
    registers,
    collect() {
      this.set(usedBytes());
    },
  });
  return {
    started: (): void => active.inc(),
    ended: ({ outcome, bytes: moved, durationMs }: TransferReport): void => {
      active.dec();
      durations.observe({ outcome }, durationMs / 1000);
      bytes.inc(moved);
    },
  };
}

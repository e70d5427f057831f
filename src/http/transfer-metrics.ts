import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { CopyReport } from '../transfer/transfer-image.ts';

const BUCKETS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

/** The instruments of copies between hosts. */
export function createTransferMetrics(registry: Registry) {
  const registers = [registry];
  const durations = new Histogram({
    name: 'dockgraph_transfer_duration_seconds',
    help: 'Duration of copies of one image to one host.',
    labelNames: ['host', 'outcome'],
    buckets: BUCKETS,
    registers,
  });
  const bytes = new Counter({
    name: 'dockgraph_transfer_bytes_total',
    help: 'Bytes of copies between hosts: sent to the target, or saved because it has the layers.',
    labelNames: ['host', 'kind'],
    registers,
  });
  return {
    observe: ({ host, outcome, durationMs, bytesSent, bytesSaved }: CopyReport): void => {
      durations.observe({ host, outcome }, durationMs / 1000);
      bytes.inc({ host, kind: 'sent' }, bytesSent);
      bytes.inc({ host, kind: 'saved' }, bytesSaved);
    },
    forgetHost(host: string): void {
      for (const kind of ['sent', 'saved']) bytes.remove({ host, kind });
      for (const outcome of ['ok', 'error']) durations.remove({ host, outcome });
    },
  };
}

import { cpus, loadavg, totalmem } from 'node:os';

/** The machine in one line, with what was going on beside the bench. */
export function describeMachine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB memory`;
  const load = `load average ${loadavg()[0]!.toFixed(1)}`;
  return `${cores.length} cores (${model}), ${memory}, Node ${process.version}, ${load}`;
}

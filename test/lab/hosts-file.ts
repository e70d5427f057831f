import type { HostState, LabState } from './state.ts';

/** The lab as a `dockgraph.yaml`: what a person would write for these hosts. */
export function hostsFileOf(state: LabState): string {
  const hosts = Object.values(state.hosts).map(hostEntry);
  return `# Written by "npm run lab -- up".\nhosts:\n${hosts.join('')}`;
}

function hostEntry({ name, endpoint, labels, tls, ssh }: HostState): string {
  const fields = { name, endpoint };
  const blocks = { labels, tls, ssh };
  const lines = Object.entries(fields).map(([key, value]) => `    ${key}: ${quoted(value)}\n`);
  for (const [block, entries] of Object.entries(blocks)) {
    if (entries === undefined) continue;
    lines.push(`    ${block}:\n`);
    for (const [key, value] of Object.entries(entries)) {
      lines.push(`      ${key}: ${quoted(String(value))}\n`);
    }
  }
  return lines.join('').replace(/^ {4}/, '  - ');
}

/** Plain where YAML cannot take it for anything else; a JSON string is a YAML string too. */
function quoted(value: string): string {
  return /^[a-z/][\w./:@-]*$/i.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

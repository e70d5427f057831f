import type { DockgraphError } from '../../../common/errors.ts';
import { HostAuthFailedError, messageOf } from '../../../common/errors.ts';
import { hostPort } from '../../endpoint.ts';
import type { SshHop } from '../../endpoint.ts';
import {
  fingerprintOf,
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
  readKnownHosts,
} from './known-hosts.ts';
import type { KnownHostLine } from './known-hosts.ts';

/** Judges the key that one machine shows, and knows which keys to ask it for. */
export interface HostKeyCheck {
  /** Host key algorithms to offer, those that known_hosts can confirm first. */
  algorithms: string[];
  /** The reason to refuse this key, or null. */
  refusal(key: Buffer): DockgraphError | null;
}

/** All that ssh2 can verify, in OpenSSH's order. */
const ALGORITHMS: [algorithm: string, keyType: string][] = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'ssh-rsa'],
  ['rsa-sha2-256', 'ssh-rsa'],
  ['ssh-rsa', 'ssh-rsa'],
];

/** What a hop's known_hosts files say, read now. `behindJump` tells what advice makes sense. */
export async function hostKeyCheck(
  hop: SshHop,
  { host, behindJump }: { host: string; behindJump: boolean },
): Promise<HostKeyCheck> {
  let lines: KnownHostLine[];
  try {
    lines = await readKnownHosts(hop.knownHostsFiles);
  } catch (cause) {
    throw new HostAuthFailedError(`cannot read known_hosts of ${host}: ${messageOf(cause)}`, {
      host,
      cause,
    });
  }
  const names = namesOf(hop);
  const known = knownKeyTypes(lines, names);
  const rank = (keyType: string) => (known.includes(keyType) ? 0 : 1);
  return {
    algorithms: ALGORITHMS.toSorted(([, a], [, b]) => rank(a) - rank(b)).map(([name]) => name),
    refusal: (key) => refusalOf(key, { hop, lines, names, host, behindJump }),
  };
}

/** An alias stands for name and port; without one, a host may also be known without its port. */
function namesOf({ host, port, hostKeyAlias }: SshHop): string[] {
  if (hostKeyAlias !== undefined) return [hostKeyAlias.toLowerCase()];
  return [...new Set([knownHostName(host, port), knownHostName(host, 22)])];
}

interface Judgement {
  hop: SshHop;
  lines: KnownHostLine[];
  names: string[];
  host: string;
  behindJump: boolean;
}

function refusalOf(key: Buffer, judgement: Judgement): DockgraphError | null {
  const { hop, lines, names, host } = judgement;
  const verdict = judgeHostKey(lines, names, key);
  if (verdict.kind === 'KNOWN') return null;
  const where = hostPort(hop.host, hop.port);
  const keyType = keyTypeOf(key);
  const fingerprint = fingerprintOf(key);
  const error = (text: string) =>
    new HostAuthFailedError(`${host}: ${text}`, {
      host,
      details: { fingerprint, keyType, sshHost: where },
    });
  switch (verdict.kind) {
    case 'REVOKED':
      return error(
        `the host key of ${where} (${keyType} ${fingerprint}) is marked @revoked in ` +
          `${verdict.file}:${verdict.line}`,
      );
    case 'CHANGED':
      return error(
        `the host key of ${where} has changed: somebody may be listening in, or the host was set ` +
          `up anew. It shows ${keyType} ${fingerprint}, ${verdict.file}:${verdict.line} has ` +
          'another. Compare the fingerprint with the host itself; if it is right, remove the old ' +
          `line with: ssh-keygen -f ${quoted(verdict.file)} -R ${quoted(names[0] ?? where)}`,
      );
    case 'UNKNOWN': {
      const file = hop.knownHostsFiles[0];
      if (file === undefined) {
        return error(`no known_hosts file is configured to verify ${where} (${fingerprint})`);
      }
      const others = verdict.otherTypes;
      const only = others.length > 0 ? ` (only ${others.join(', ')} of it)` : '';
      return error(
        `the host key of ${where} is not in ${hop.knownHostsFiles.join(', ')}${only}. It shows ` +
          `${keyType} ${fingerprint}; compare that with the host itself (ssh-keygen -lf ` +
          `/etc/ssh/ssh_host_*_key.pub there), then add it: ${addCommand(key, file, judgement)}`,
      );
    }
  }
}

function addCommand(key: Buffer, file: string, { hop, names, behindJump }: Judgement): string {
  const keyType = keyTypeOf(key);
  // ssh-keyscan neither goes through other machines nor knows aliases: the line itself then.
  if (behindJump || hop.hostKeyAlias !== undefined) {
    return `echo '${names[0]} ${keyType} ${key.toString('base64')}' >> ${quoted(file)}`;
  }
  const scanned = keyType.startsWith('ecdsa-') ? 'ecdsa' : keyType.replace('ssh-', '');
  return `ssh-keyscan -p ${hop.port} -t ${scanned} ${hop.host} >> ${quoted(file)}`;
}

function quoted(text: string): string {
  return /^[\w./:@~-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

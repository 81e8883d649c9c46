import { CpaasError } from '../../core/errors.ts';
import type { AuthLog } from './auth.ts';
import type { SshTarget } from './config.ts';
import { fingerprint, type Judgement, keyType, knownHostName } from './known-hosts.ts';

/** Who failed: what people call it, and where it was looked for. */
export interface Whom {
  readonly name: string;
  readonly target: SshTarget;
}

const endpoint = ({ user, host, port }: SshTarget): string => `${user}@${host}:${port}`;
const byHand = ({ user, host, port }: SshTarget): string => `ssh -p ${port} ${user}@${host}`;

/** `how`: `connect ECONNREFUSED 10.10.2.20:22`. */
export function unreachable({ name, target }: Whom, how: string, cause?: unknown): CpaasError {
  return new CpaasError('HOST.UNREACHABLE', `${name} cannot be reached at ${target.host} port ${target.port}`, {
    ...(cause === undefined ? {} : { cause }),
    evidence: [{ label: 'seen', text: how }],
    next: [{ label: 'see whether it answers', command: byHand(target) }],
  });
}

export function lost({ name, target }: Whom, during: string, cause?: unknown): CpaasError {
  return new CpaasError('HOST.UNREACHABLE', `${name}: the connection was lost during ${during}`, {
    ...(cause === undefined ? {} : { cause }),
    evidence: [{ label: 'seen', text: cause instanceof Error ? cause.message : 'the other side closed it' }],
    next: [{ label: 'see whether it answers', command: byHand(target) }],
  });
}

export function authFailed({ name, target }: Whom, { offered, tried, unused }: AuthLog, cause?: unknown): CpaasError {
  const certificates = target.certificateFiles.map(
    (file) => `certificate ${file}: user certificates are not supported`,
  );
  const left = [...unused.filter((what) => !what.endsWith(': not there')), ...certificates];
  return new CpaasError('HOST.AUTH', `${name} does not let ${target.user} log in`, {
    ...(cause === undefined ? {} : { cause }),
    evidence: [
      { label: 'at', text: endpoint(target) },
      { label: 'offered', text: offered.join(', ') || 'no method' },
      { label: 'tried', text: tried.join(', ') || 'nothing: there was no key and no password to try' },
      ...left.map((text) => ({ label: 'not used', text })),
    ],
    next: [
      {
        label: 'set password, identityFiles or passphrase of its ssh section, or --password-env; or try by hand',
        command: byHand(target),
      },
    ],
  });
}

/** Nothing when the key is the one that was expected. */
export function keyError(
  { name, target }: Whom,
  judgement: Judgement,
  key: Buffer,
  acceptNew: boolean,
): CpaasError | undefined {
  const known = knownHostName(target.alias ?? target.host, target.alias ? 22 : target.port);
  const seen = { label: 'seen', text: `${keyType(key)} ${fingerprint(key)}` };
  switch (judgement.verdict) {
    case 'known':
      return undefined;
    case 'unknown':
      if (acceptNew) return undefined;
      return new CpaasError('HOST.KEY_UNKNOWN', `${name}: the host key of ${known} is not known`, {
        evidence: [
          seen,
          ...judgement.authorities.map(({ where }) => ({
            label: 'not used',
            text: `${where}: certificate authorities are not supported`,
          })),
        ],
        next: [
          {
            label: 'compare the fingerprint on the host',
            command: 'ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub',
          },
          { label: 'then accept it: the same command with --accept-new-host-keys' },
        ],
      });
    case 'changed':
      return new CpaasError('HOST.KEY_CHANGED', `${name}: ${known} shows another host key than before`, {
        evidence: [
          ...judgement.expected.map(({ type, key, where }) => ({
            label: 'expected',
            text: `${type} ${fingerprint(key)} (${where})`,
          })),
          seen,
        ],
        next: [
          { label: 'find out why: it was reinstalled, its address moved, or somebody stands in between' },
          ...judgement.expected.map(({ where }) => ({
            label: 'then remove the old key',
            command: `ssh-keygen -R '${known}' -f ${where.replace(/:\d+$/, '')}`,
          })),
        ],
      });
    case 'revoked':
      return new CpaasError('HOST.KEY_REVOKED', `${name}: the host key of ${known} is revoked`, {
        evidence: [seen, { label: 'by', text: judgement.by.where }],
        next: [{ label: 'give the host a new key' }],
      });
  }
}

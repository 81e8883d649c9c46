import { CpaasError } from '../core/errors.ts';

/** A rule in its place; `rule` is all that follows `-A CHAIN`. */
export interface PlacedRule {
  readonly table: string;
  readonly chain: string;
  readonly rule: string;
}

/**
 * What iptables-restore has to be given, with `--noflush`, to take rules out and put others at the head of their chains; nothing when
 * there is nothing to do. Each table changes whole or not at all.
 */
export function restoreScript(gone: readonly PlacedRule[], come: readonly PlacedRule[]): string | undefined {
  const lines = ['filter', 'raw', 'nat'].flatMap((name) => {
    const changes = [
      ...gone.filter(({ table }) => table === name).map(({ chain, rule }) => `-D ${chain} ${rule}`),
      ...come.filter(({ table }) => table === name).map(({ chain, rule }) => `-I ${chain} ${rule}`),
    ];
    return changes.length > 0 ? [`*${name}`, ...changes, 'COMMIT'] : [];
  });
  return lines.length > 0 ? `${lines.join('\n')}\n` : undefined;
}

/** Explains what iptables-restore refused. `chains` are those that the machine has. */
export function restoreRefused(host: string, script: string, stderr: string, chains: ReadonlySet<string>): CpaasError {
  const line = script.split('\n')[Number(/line:? (\d+)/.exec(stderr)?.[1]) - 1];
  const evidence = [...(line ? [{ label: 'line', text: line }] : []), { label: 'answer', text: stderr.trim() }];
  if (!chains.has('filter DOCKER-USER'))
    return new CpaasError('DOCKER.CHAIN', `${host} has no chain DOCKER-USER, which Docker keeps for rules of others`, {
      evidence,
      next: [{ label: 'see whether Docker runs, and by which firewall', command: 'docker info' }],
    });
  return new CpaasError('DOCKER.RULES', `${host} refused a rule of its packet filter`, { evidence });
}

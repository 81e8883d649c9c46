/** Chains that kubelet, kube-proxy and Felix make, and no one else. */
const OWN_CHAIN = /^(KUBE-|cali-)/;
/** Felix's own rules in chains of others bear a hash in their comment. */
const FELIX = /--comment "?cali:/;

/**
 * What `iptables-restore --noflush` has to be given to take a cluster's rules out of what `iptables-save` has printed; nothing when
 * there are none. Rules of others stay as they are, in their order.
 */
export function clearingScript(save: string): string | undefined {
  const tables = save.split(/^(?=\*)/m).flatMap((part) => {
    const [head = '', ...lines] = part.split('\n');
    if (!head.startsWith('*')) return [];
    const chains = lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []).filter((name) => OWN_CHAIN.test(name));
    const jumps = lines.flatMap((line) => {
      const [, chain = '', spec = ''] = /^-A (\S+) (.*)$/.exec(line) ?? [];
      return chain !== '' && !OWN_CHAIN.test(chain) && isOfTheCluster(spec) ? [`-D ${chain} ${spec}`] : [];
    });
    const script = [...jumps, ...chains.map((name) => `-F ${name}`), ...chains.map((name) => `-X ${name}`)];
    return script.length > 0 ? [head, ...script, 'COMMIT'] : [];
  });
  return tables.length > 0 ? `${tables.join('\n')}\n` : undefined;
}

function isOfTheCluster(spec: string): boolean {
  const target = /(?:^| )-[jg] (\S+)/.exec(spec)?.[1] ?? '';
  return OWN_CHAIN.test(target) || FELIX.test(spec);
}

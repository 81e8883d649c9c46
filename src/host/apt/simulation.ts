/** Names of the packages that a simulation of apt-get says it would remove or purge: `Purg libfoo:amd64 [1.2]`. */
export function wouldGo(printed: string): readonly string[] {
  const lines = printed.split('\n');
  return lines.flatMap((line) => /^(?:Purg|Remv) ([^\s:]+)/.exec(line)?.[1] ?? []);
}

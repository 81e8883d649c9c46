/** How programs are asked for their version without asking anybody else. */
const wordsOf: Readonly<Record<string, readonly string[]>> = {
  kubectl: ['version', '--client'],
  calicoctl: ['version', '--client'],
  helm: ['version', '--template', '{{.Version}}'],
  k3d: ['version'],
  k9s: ['version', '-s'],
  kubeadm: ['version', '-o', 'short'],
  kubelet: ['--version'],
  containerd: ['--version'],
  ctr: ['--version'],
  runc: ['--version'],
  crictl: ['--version'],
};

/** What is said to the program at a path; nothing where nobody knows how to ask. */
export function versionWords(path: string): readonly string[] | undefined {
  const name = path.split('/').at(-1) ?? '';
  return Object.hasOwn(wordsOf, name) ? wordsOf[name] : undefined;
}

/** Whether a command only asks the program at a path for its version. */
export function asksForVersion([path = '', ...args]: readonly string[]): boolean {
  const words = path.startsWith('/') ? versionWords(path) : undefined;
  return words !== undefined && words.length === args.length && words.every((word, at) => word === args[at]);
}

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In a machine: where its kubeadm is, and what was written down. */
const REAL = '/opt/kubeadm/bin';
export const RECORDED = '/opt/kubeadm/recorded';

/** Tells tokens and keys by watching: kubeadm gets and makes no secret past this, and none of it is written to a disk of the machine. */
const WRAPPER = `#!/bin/bash
to=${RECORDED}/$(date +%s%N)
printf '%s ' "$@" >"$to.words"
case "$*" in
  *'--config /dev/stdin') tee "$to.told" | ${REAL}/kubeadm "$@" ;;
  'token create'*) ${REAL}/kubeadm "$@" | tee "$to.said" ;;
  *) exec ${REAL}/kubeadm "$@" ;;
esac
codes=("\${PIPESTATUS[@]}")
case "$*" in
  'init --'*)
    kubectl --kubeconfig /etc/kubernetes/admin.conf get secrets -n kube-system --field-selector type=bootstrap.kubernetes.io/token \\
      -o 'go-template={{range .items}}{{index .data "token-id" | base64decode}}.{{index .data "token-secret" | base64decode}}{{"\\n"}}{{end}}' \\
      >"$to.made" 2>/dev/null ;;
esac
case "$*" in *'--config /dev/stdin') exit "\${codes[1]}" ;; *) exit "\${codes[0]}" ;; esac
`;

/** A kubeadm in whose place something stands that writes down what it is told and what it says, in a folder that is no machine's. */
export interface Recorded {
  /** For the options of a machine. */
  readonly mounts: Readonly<Record<string, { readonly source: string; readonly writable?: boolean }>>;
  /** Each call's words. */
  calls(): readonly string[];
  /** Bootstrap tokens that were made and used, each once. */
  tokens(): readonly string[];
  /** Keys that certificates were encrypted with. */
  certificateKeys(): readonly string[];
}

/** `folder`: of the test. `programs`: where the real kubeadm is. */
export function recordKubeadm(folder: string, programs: string): Recorded {
  const recorded = join(folder, 'recorded');
  mkdirSync(recorded, { recursive: true });
  const wrapper = join(folder, 'kubeadm');
  writeFileSync(wrapper, WRAPPER, { mode: 0o755 });
  const texts = (...kinds: readonly string[]): readonly string[] =>
    existsSync(recorded)
      ? readdirSync(recorded)
          .filter((name) => kinds.some((kind) => name.endsWith(`.${kind}`)))
          .map((name) => readFileSync(join(recorded, name), 'utf8'))
      : [];
  const found = (pattern: RegExp, ...kinds: readonly string[]) => [
    ...new Set(texts(...kinds).flatMap((text) => [...text.matchAll(pattern)].map(([all, part]) => part ?? all))),
  ];
  return {
    mounts: {
      '/usr/bin/kubeadm': { source: wrapper },
      [`${REAL}/kubeadm`]: { source: join(programs, 'kubeadm') },
      [RECORDED]: { source: recorded, writable: true },
    },
    calls: () => texts('words'),
    tokens: () => found(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, 'told', 'said', 'made'),
    certificateKeys: () => found(/certificateKey: (\S+)/g, 'told'),
  };
}

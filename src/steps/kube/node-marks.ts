import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { parseAnswer } from '../../host/answer.ts';
import { Within } from '../../host/within.ts';
import { KubeAccess } from '../../kube/access.ts';
import { askKubectl, kubectl } from '../../kube/kubectl.ts';

/** `at` is the host that the place is known by, where the API may be asked on others too. */
const Place = z.strictObject({ kube: KubeAccess, node: z.string(), within: Within, at: z.string().optional() });
export type KubeNodeMarksPlace = z.infer<typeof Place>;
type Change = ElementChange<string>;

const LABEL = 'label ';
const TAINT = 'taint ';

/** The wishes for labels by key, and for taints as `KEY=VALUE:EFFECT` or `KEY:EFFECT`. */
export const nodeMarks = (
  labels: Readonly<Record<string, string>>,
  taints: readonly string[],
): readonly (readonly [string, string])[] => [
  ...Object.entries(labels).map(([key, value]) => [`${LABEL}${key}`, value] as const),
  ...taints.map((taint) => {
    const [, key = '', value = '', effect = ''] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(taint) ?? [];
    return [`${TAINT}${key}:${effect}`, value] as const;
  }),
];

/** Labels and taints of a node, by their keys; of a taint its effect is a part of the key. Undo brings back what each was before. */
export const kubeNodeMarks = defineStep<KubeNodeMarksPlace, string>({
  kind: 'kube.node-marks',
  place: Place,
  value: z.string(),
  undo: 'down',
  id: ({ kube, node, at = kube.host }) => `${at}/${node}`,
  title: ({ node }) => `labels and taints of ${node}`,
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  claim: () => 'take',
  describe: ({ key, from, to }) => (to === undefined ? key : `${key} ${[from, to].filter(Boolean).join(' → ')}`.trim()),
  risk: ({ key, to }, { node }) =>
    to !== undefined && key.startsWith(TAINT) && key.endsWith(':NoExecute')
      ? { risk: 'disruptive', why: `pods that do not tolerate it leave ${node}` }
      : { risk: 'additive' },

  async read(ctx, { kube, node }, keys) {
    const text = await askKubectl(ctx, kube, 'get', 'nodes', node, '--ignore-not-found', '-o', 'json');
    if (text.trim() === '') return new Map();
    const { metadata, spec } = parseAnswer(Node, text, 'KUBE.ANSWER', `kubectl get nodes ${node}`);
    const all = new Map<string, string>([
      ...Object.entries(metadata.labels ?? {}).map(([key, value]) => [`${LABEL}${key}`, value] as const),
      ...(spec.taints ?? []).map(({ key, value = '', effect }) => [`${TAINT}${key}:${effect}`, value] as const),
    ]);
    return new Map(
      [...keys].flatMap((key) => {
        const value = all.get(key);
        return value === undefined ? [] : [[key, { value }] as const];
      }),
    );
  },

  commands: ({ kube, node }, changes) => [
    ...command(kubectl(kube, 'label', 'node', node, '--overwrite'), changes, LABEL, (key) => [key, `${key}-`]),
    ...command(kubectl(kube, 'taint', 'node', node, '--overwrite'), changes, TAINT, (key) => [
      key.slice(0, key.indexOf(':')),
      `${key}-`,
      key.slice(key.indexOf(':')),
    ]),
  ],
});

const Node = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).optional() }),
  spec: z.object({
    taints: z.array(z.object({ key: z.string(), value: z.string().optional(), effect: z.string() })).optional(),
  }),
});

/** One command for all changes of a sort. `words`: what stands before the value, what takes it away, what stands behind it. */
function command(
  head: readonly string[],
  changes: readonly Change[],
  sort: string,
  words: (key: string) => readonly [string, string, string?],
): readonly Command[] {
  const args = changes
    .filter(({ key }) => key.startsWith(sort))
    .map(({ key, to }) => {
      const [set, unset, tail = ''] = words(key.slice(sort.length));
      return to === undefined ? unset : `${set}=${to}${tail}`;
    });
  return args.length > 0 ? [{ argv: [...head, ...args] }] : [];
}

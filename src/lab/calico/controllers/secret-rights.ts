import { z } from 'zod';
import type { KubeObject } from '../../kube/objects/object.ts';

const Role = z.object({
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()).default([]),
      resources: z.array(z.string()).default([]),
      resourceNames: z.array(z.string()).optional(),
      verbs: z.array(z.string()),
    }),
  ),
});
const Binding = z.object({
  roleRef: z.object({ kind: z.literal('Role'), name: z.string() }),
  subjects: z.array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() })),
});

/** What calico-node does with a Secret, and must be allowed to. */
const VERBS = ['get', 'list', 'watch'];

/** Whether calico-node may read a Secret of its namespace: it may read none, unless a Role says so and is bound to its account. */
export function readable(roles: readonly KubeObject[], bindings: readonly KubeObject[]) {
  const granted = bindings.flatMap((object) => {
    const { data } = Binding.safeParse(object);
    const isItself = data?.subjects.some(({ kind, name }) => kind === 'ServiceAccount' && name === 'calico-node');
    return data && isItself ? [data.roleRef.name] : [];
  });
  const rules = roles
    .filter(({ metadata }) => granted.includes(metadata.name))
    .flatMap((object) => Role.safeParse(object).data?.rules ?? [])
    .filter(({ apiGroups, resources, verbs }) => {
      const covers = (list: readonly string[], what: string) => list.includes(what) || list.includes('*');
      return covers(apiGroups, '') && covers(resources, 'secrets') && VERBS.every((verb) => covers(verbs, verb));
    });
  return ({ metadata }: KubeObject): boolean =>
    rules.some(({ resourceNames }) => !resourceNames || resourceNames.includes(metadata.name));
}

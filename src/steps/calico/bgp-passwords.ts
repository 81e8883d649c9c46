import { dump } from 'js-yaml';
import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { SecretRef } from '../../core/secret.ts';
import type { Command, ElementChange, Seen } from '../../core/step.ts';
import { ourLabels } from '../../kube/calico-objects.ts';
import { CalicoPlace, calicoPlaceId, send } from '../../kube/calico-write.ts';
import { askKubectl, kubectl } from '../../kube/kubectl.ts';

/** `account`: who calico-node is in its namespace. `passwords`: where the password of each Secret is, by the Secret's name. */
const Place = CalicoPlace.extend({
  namespace: z.string(),
  account: z.string(),
  passwords: z.record(z.string(), SecretRef),
});
export type BgpPasswordsPlace = z.infer<typeof Place>;

/** A Secret or a RoleBinding is there, or not; a Role names the Secrets that it lets calico-node read. */
const Value = z.union([z.literal(true), z.array(z.string())]);
type Value = z.infer<typeof Value>;
type Change = ElementChange<Value>;

/** What opens the Secrets to calico-node. */
const READER = 'cpaas-bgp-passwords';
/** The key in a Secret that holds the password. */
const KEY = 'password';

/** A Secret shows what is in it to whoever may read it; cpaas asks only whether it is there. */
const isPassword = (key: string): boolean => key.startsWith('Secret ');

export const passwordSecret = (router: string): string => `cpaas-bgp-${router}`;

/** What a BGPPeer says of its password. */
export const passwordOf = (router: string) => ({ secretKeyRef: { name: passwordSecret(router), key: KEY } });

/** The wishes of a file some of whose routers sign their sessions. */
export const bgpPasswords = (routers: readonly string[]): readonly (readonly [string, Value])[] => {
  const names = routers.map(passwordSecret);
  if (names.length === 0) return [];
  return [
    ...names.map((name) => [`Secret ${name}`, true] as const),
    [`Role ${READER}`, names.toSorted()],
    [`RoleBinding ${READER}`, true],
  ];
};

/** Passwords of BGP where calico-node reads them, and its leave to do so. Whether they are right nobody reads: only that they are there. */
export const calicoBgpPasswords = defineStep<BgpPasswordsPlace, Value>({
  kind: 'calico.bgp-passwords',
  place: Place,
  value: Value,
  undo: 'down',
  id: calicoPlaceId,
  title: () => 'BGP passwords',
  host: ({ kube }) => kube.host,
  within: ({ within }) => within,
  describe: ({ key, from, to }) =>
    `${key}${from === true && to === true ? ' (anew)' : ''}${Array.isArray(to) ? ` for ${to.join(', ')}` : ''}`,
  hidden: isPassword,
  risk: ({ key, from, to }) => {
    if (from && !to) return { risk: 'disruptive', why: `${key} goes: sessions that it signs end` };
    return from && isPassword(key)
      ? { risk: 'disruptive', why: `${key} is written anew: sessions that it signs may start anew` }
      : { risk: 'additive' };
  },
  claim: (key, seen, _, ours) =>
    !seen || ours ? 'take' : { conflict: `${key} is somebody else's, and cpaas does not write into it` },

  async read(ctx, { kube, cluster, namespace }) {
    const labels = Object.entries(ourLabels(cluster)).map(([name, value]) => `${name}=${value}`);
    const kinds = 'secrets,roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io';
    // not as JSON: what is in a Secret is none of our business
    const show = `jsonpath={range .items[*]}{.kind}{" "}{.metadata.name}{" "}{.rules[0].resourceNames[*]}{"\\n"}{end}`;
    const rows = await askKubectl(ctx, kube, 'get', kinds, '-n', namespace, '-l', labels.join(','), '-o', show);
    return new Map(
      rows
        .split('\n')
        .map((row) => row.trim().split(/\s+/))
        .filter(([, name = '']) => name.startsWith('cpaas-bgp-'))
        .map(([kind = '', name = '', ...secrets]): [string, Seen<Value>] => [
          `${kind} ${name}`,
          { value: kind === 'Role' ? secrets.toSorted() : true, mark: 'ours' },
        ]),
    );
  },

  commands: (place, changes) => commands(place, changes, () => '<password>'),

  async write(ctx, place, changes) {
    const known = new Map<string, string>();
    for (const { key, to } of changes) {
      const ref = place.passwords[nameIn(key)];
      if (to === true && ref) known.set(nameIn(key), await ctx.secret(ref));
    }
    // these are no objects of Calico's: kubectl writes them whichever way those are written
    await send(
      ctx,
      { ...place, api: 'v3' },
      commands(place, changes, (name) => known.get(name) ?? ''),
    );
  },
});

function commands(
  place: BgpPasswordsPlace,
  changes: readonly Change[],
  password: (secret: string) => string,
): readonly Command[] {
  const { kube, namespace } = place;
  const gone = changes.filter(({ to }) => to === undefined).map(({ key }) => key.replace(' ', '/').toLowerCase());
  const put = (verb: 'create' | 'replace', which: readonly Change[]): readonly Command[] => {
    if (which.length === 0) return [];
    const objects = which.map((change) => dump(manifest(change, place, password)));
    return [{ argv: kubectl(kube, verb, '--validate=false', '-f', '-'), stdin: objects.join('---\n') }];
  };
  const made = changes.filter(({ to }) => to !== undefined);
  return [
    ...(gone.length > 0 ? [{ argv: kubectl(kube, 'delete', '-n', namespace, '--ignore-not-found', ...gone) }] : []),
    ...put(
      'create',
      made.filter(({ from }) => from === undefined),
    ),
    ...put(
      'replace',
      made.filter(({ from }) => from !== undefined),
    ),
  ];
}

const nameIn = (key: string): string => key.split(' ')[1] ?? '';

/** As calico-node wants them: a Secret, and the right to read and watch that one. */
function manifest({ key, to }: Change, place: BgpPasswordsPlace, password: (secret: string) => string): object {
  const { namespace, account, cluster } = place;
  const metadata = { name: nameIn(key), namespace, labels: ourLabels(cluster) };
  const rbac = 'rbac.authorization.k8s.io';
  if (key.startsWith('Secret '))
    return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { [KEY]: password(metadata.name) } };
  if (key.startsWith('Role ')) {
    const rule = { apiGroups: [''], resources: ['secrets'], resourceNames: to, verbs: ['get', 'list', 'watch'] };
    return { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: [rule] };
  }
  const roleRef = { apiGroup: rbac, kind: 'Role', name: READER };
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
  return { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects };
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { merged, withoutCluster } from '../../src/kube/kubeconfig-edit.ts';

const login = {
  cluster: { server: 'https://10.1.20.20:6443', 'certificate-authority-data': 'Q0E=' },
  // digits and a word that YAML 1.1, which kubectl reads, takes for something else than texts
  user: { token: '0777', 'client-key-data': 'no' },
};
const add = (text: string, name = 'site1') => merged(text, name, login, 'FILE');
const remove = (text: string, name = 'site1') => withoutCluster(text, name, 'FILE');

/** As kubectl writes it, with what a person has added. */
const USERS_OWN = `apiVersion: v1
# of the old site
clusters:
- cluster:
    server: https://other.example.com # behind the VPN
  name: other
contexts:

# the one I mostly use
- context: {cluster: other, user: 'me'}
  name: other
current-context: other
kind: Config
preferences: {}
users:
- name: me
  user:
    token: 0123
    tls: yes
    empty:
    nothing: ~
`;

test('into an empty file goes a kubeconfig whose context has the name of the cluster', () => {
  expect(add('')).toMatchInlineSnapshot(`
    "apiVersion: v1
    kind: Config
    clusters:
    - name: site1
      cluster:
        server: https://10.1.20.20:6443
        certificate-authority-data: Q0E=
        extensions:
        - name: cpaas.dev
          extension:
            cluster: site1
    users:
    - name: site1
      user:
        token: "0777"
        client-key-data: "no"
        extensions:
        - name: cpaas.dev
          extension:
            cluster: site1
    contexts:
    - name: site1
      context:
        cluster: site1
        user: site1
        extensions:
        - name: cpaas.dev
          extension:
            cluster: site1
    current-context: site1
    "
  `);
});

test('what is there stays to the letter; the current context, too', () => {
  const text = add(USERS_OWN);
  const kept = text.split('\n');
  expect(USERS_OWN.split('\n').filter((line) => !kept.includes(line))).toEqual([]);
  expect(parse(text)).toMatchObject({
    'current-context': 'other',
    contexts: [{ name: 'other' }, { name: 'site1', context: { cluster: 'site1', user: 'site1' } }],
  });
  expect(remove(text)).toBe(USERS_OWN);
});

test('a second merge changes nothing, another certificate is taken in its place', () => {
  const once = add(add(USERS_OWN), 'site2');
  expect(add(once)).toBe(once);
  const renewed = merged(once, 'site1', { ...login, user: { token: 'new' } }, 'FILE');
  expect(parse(renewed).users).toMatchObject([
    { name: 'me' },
    { name: 'site1', user: { token: 'new' } },
    { name: 'site2' },
  ]);
  expect(parse(renewed).users[1].user).not.toHaveProperty('client-key-data');
  expect(add(renewed)).toBe(once);
});

test('empty lists of kubectl, and JSON, are kubeconfigs too', () => {
  const empty = 'apiVersion: v1\nclusters: null\ncontexts: null\ncurrent-context: ""\nkind: Config\nusers: []\n';
  expect(parse(add(empty))).toEqual(parse(add('')));
  expect(parse(remove(add(empty)))).toEqual({ ...parse(empty), clusters: [], contexts: [] });
  const json = JSON.stringify(parse(USERS_OWN), null, 2);
  expect(parse(remove(add(json)))).toEqual(parse(json));
});

test.each(['clusters', 'users', 'contexts'])(
  'an entry of that name in %s that somebody else made is left, and refused',
  (list) => {
    const key = list.slice(0, -1);
    const text = `apiVersion: v1\nkind: Config\n${list}:\n- name: site1\n  ${key}: {}\n`;
    expect(() => add(text)).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG.FOREIGN', evidence: [{ label: list, text: 'site1' }] }),
    );
    expect(remove(text)).toBe(text);
  },
);

test('what is no kubeconfig is refused', () => {
  for (const text of ['kind: Pod\n', '- a\n', 'a: [', 'text'])
    expect(() => add(text), text).toThrow(expect.objectContaining({ code: 'KUBECONFIG.FILE' }));
});

test('the context that was current and is removed is current no more', () => {
  expect(parse(remove(add('')))).toMatchObject({ 'current-context': '', contexts: [] });
  expect(parse(remove(add(USERS_OWN)))).toMatchObject({ 'current-context': 'other' });
});

test('whatever others keep there: merged and removed, it says what it said', () => {
  const word = fc.stringMatching(/^[\w .:/#'"-]{1,12}$/);
  const entry = fc.record({
    name: word.filter((name) => name !== 'site1'),
    user: fc.dictionary(word, fc.jsonValue({ maxDepth: 2 })),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), (users) => {
      const text = JSON.stringify({ apiVersion: 'v1', kind: 'Config', users });
      const after = parse(remove(add(text)));
      expect(after.users).toEqual(parse(text).users);
    }),
  );
});

test('a namespace that somebody has chosen for our context outlives another merge, also of a login that names one', () => {
  const context = { cluster: 'site1', user: 'site1' };
  const chosen = add('').replace('    user: site1\n', '    user: site1\n    namespace: team-a\n');
  const again = merged(chosen, 'site1', { ...login, user: { token: 'new' }, namespace: 'default' }, 'FILE');
  expect(again).toContain('token: new');
  expect(parse(again).contexts[0].context).toMatchObject({ ...context, namespace: 'team-a' });
  expect(add(chosen)).toBe(chosen);
});

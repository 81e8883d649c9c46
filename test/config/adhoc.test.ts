import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type AdhocFlags, adhocWish } from '../../src/config/adhoc.ts';
import { CpaasError } from '../../src/core/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-adhoc-'));
const kubeconfig = join(folder, 'config');
writeFileSync(kubeconfig, '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const enough: AdhocFlags = { router: ['ssh://root@10.1.20.11'], as: '64512', neighbors: ['10.1.20.20,10.1.20.21'] };
const wish = (flags: AdhocFlags) => adhocWish(flags, { verb: 'peer', as: true, neighbors: true }, { SET: 'secret' });

/** What is wrong, `flag: why` each. */
function problems(flags: AdhocFlags): readonly string[] {
  try {
    wish(flags);
    return [];
  } catch (error) {
    if (!(error instanceof CpaasError) || error.code !== 'USAGE.FLAGS') throw error;
    return error.evidence.map(({ label, text }) => `${label}: ${text}`);
  }
}

test('flags give units, AS and neighbors; the rest has the defaults of the file', () => {
  expect(wish({ ...enough, remoteAs: '1.10', passwordEnv: 'SET' })).toEqual({
    units: [{ name: '10.1.20.11', ssh: { host: '10.1.20.11', user: 'root', password: { env: 'SET' } } }],
    asNumber: 64512,
    remoteAs: 65546,
    neighbors: ['10.1.20.20', '10.1.20.21'],
    peerGroup: 'calico-k8s',
    routeDomain: 0,
  });
});

test.each([
  ['10.1.20.11', { host: '10.1.20.11' }, '10.1.20.11'],
  ['root@bigip1', { host: 'bigip1', user: 'root' }, 'bigip1'],
  [
    'ssh://admin@bigip1.example.com:2222/',
    { host: 'bigip1.example.com', user: 'admin', port: 2222 },
    'bigip1.example.com:2222',
  ],
  ['ssh://root@10.1.20.11:22', { host: '10.1.20.11', user: 'root', port: 22 }, '10.1.20.11'],
  ['ssh://root@[2001:db8::1]:2222', { host: '2001:db8::1', user: 'root', port: 2222 }, '[2001:db8::1]:2222'],
])('a unit may be written as %s', (router, ssh, name) => {
  expect(wish({ ...enough, router: [router] }).units).toEqual([{ name, ssh }]);
});

test('everything that is wrong is told at once', () => {
  const flags: AdhocFlags = {
    router: ['https://10.1.20.11', 'root:hunter2@10.1.20.12', 'root@', 'bigip1:0', '10.1.20.13', '10.1.20.13'],
    as: '0',
    remoteAs: 'x',
    neighbors: ['10.1.20.20/24,,node-1', '10.1.20.21,10.1.20.21'],
    peerGroup: '9',
    routeDomain: '70000',
    selfIp: '10.1.20.11/24',
    passwordEnv: 'NOT_SET',
    fromKubeconfig: kubeconfig,
  };
  expect(problems(flags)).toMatchInlineSnapshot(`
    [
      "--password-env: the variable NOT_SET is not set",
      "--router: a unit is logged in to by ssh, not https",
      "--router: has a password in it: name a variable instead, --password-env",
      "--router: root@: a unit is named as ssh://root@10.1.20.11",
      "--router: bigip1:0: a unit is named as ssh://root@10.1.20.11",
      "--router: 10.1.20.13 is there twice",
      "--neighbors: 10.1.20.20/24: an address is wanted, 10.1.20.20",
      "--neighbors: holds an empty address: separate addresses by commas alone",
      "--neighbors: node-1 is no address such as 10.1.20.20",
      "--neighbors: 10.1.20.21 is there twice",
      "--from-kubeconfig: stands beside --neighbors: give one of them",
      "--route-domain: must be at most 65534",
      "--peer-group: a peer group has a name such as calico-k8s: it begins with a letter, then letters, digits, _ . -",
      "--as: an AS number is 1 to 4294967295, or dotted in quotes as "1.10"",
      "--remote-as: an AS number is 1 to 4294967295, or dotted in quotes as "1.10"",
      "--self-ip: selfIp is the name of the self-IP object, such as internal; its address goes into the address of the router",
    ]
  `);
});

test('what is missing is told with an example', () => {
  expect(problems({ context: 'prod' })).toMatchInlineSnapshot(`
    [
      "--router: is missing: say how to log in, ssh://root@10.1.20.11",
      "--neighbors: is missing: give the addresses, 10.1.20.20,10.1.20.21, or --from-kubeconfig PATH",
      "--context: is about --from-kubeconfig, which is missing",
      "--as: is missing: the unit's own AS number, such as 64512",
    ]
  `);
});

test('a kubeconfig must be there, and its path is kept whole', () => {
  const { neighbors: _, as: __, ...flags } = enough;
  expect(problems({ ...flags, fromKubeconfig: join(folder, 'none') })).toEqual([
    `--from-kubeconfig: there is no ${join(folder, 'none')}`,
  ]);
  expect(wish({ ...flags, fromKubeconfig: kubeconfig, context: 'prod' })).toMatchObject({
    kubeconfig,
    context: 'prod',
  });
});

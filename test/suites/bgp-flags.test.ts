import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BgpStatusDocument } from '../../src/core/bgp-documents.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { Workspace } from '../helpers/cpaas.ts';
import { noLab } from '../helpers/lab.ts';

const LAB = 'suite-bgp-flags';
const DOMAIN = 7;
const SIX = '2001:db8:53::9';

/** A unit whose VLAN is in a route domain of its own. */
const lab = new Workspace('lab-vm.yaml', LAB, (spec) => {
  Object.assign(spec.provider.lab, { servers: 1, agents: 0, switches: { routeDomain: DOMAIN } });
  spec.routers = [{ name: 'bigip1', address: '10.10.2.20', bigip: { routeDomain: DOMAIN } }];
});

/** `cpaas bgp …` on the machine beside the unit, as a network engineer has it: no cluster file. */
function engineer(verb: string, ...words: readonly string[]) {
  const main = fileURLToPath(new URL('../../bin/cpaas.js', import.meta.url));
  const login = ['--router', 'ssh://root@10.10.2.20', '--password-env', 'UNIT_PASSWORD', '--accept-new-host-keys'];
  const there = ['--route-domain', `${DOMAIN}`, '--state-dir', join(lab.folder, 'engineer'), '-o', 'json'];
  const inside = ['netns', 'exec', labLayout(LAB).vm, process.execPath, main];
  return execa('ip', [...inside, 'bgp', verb, ...words, ...login, ...there], {
    reject: false,
    cwd: lab.folder,
    stdin: 'ignore',
    env: { UNIT_PASSWORD: 'default', CPAAS_FILE: '/nowhere.yaml' },
  });
}
const running = (): Promise<string> => lab.unit('bigip1', `imish -r ${DOMAIN} -e "show running-config"`);

describe.skipIf(noLab).sequential('a unit in another route domain, without a file', () => {
  beforeAll(async () => {
    expect(await lab.run('lab', 'up')).toMatchObject({ code: 0 });
  });
  afterAll(() => lab.remove());

  test('gets neighbors of both families, those of IPv6 where their routes belong', async () => {
    const peer = ['--as', '64512', '--neighbors', `172.19.0.2,${SIX}`];
    const done = await engineer('peer', ...peer);
    expect(done, done.stderr).toMatchObject({ exitCode: 0 });
    expect(await running()).toMatch(
      new RegExp(
        [
          'router bgp 64512',
          '.*^ neighbor 172\\.19\\.0\\.2 peer-group calico-k8s$',
          `.*^ neighbor ${SIX} remote-as 64512$`,
          `.*^ neighbor ${SIX} description cpaas:adhoc$`,
          `.*^ address-family ipv6$`,
          `.*^ neighbor ${SIX} activate$`,
        ].join(''),
        'ms',
      ),
    );
    expect(await lab.unit('bigip1', 'imish -r 0 -e "show running-config"')).not.toContain('router bgp');
    const again = await engineer('peer', ...peer);
    expect([again.exitCode, JSON.parse(again.stdout).outcome]).toEqual([0, 'unchanged']);
  });

  test('is watched until Ctrl-C, a document a line: without neighbors those of both families are told', async () => {
    const watched = engineer('status', '--watch');
    const documents: BgpStatusDocument[] = [];
    for await (const line of watched.iterable()) {
      documents.push(JSON.parse(line) as BgpStatusDocument);
      if (documents.length === 2) watched.kill('SIGINT');
    }
    expect((await watched).exitCode).toBe(0);
    for (const { sessions } of documents)
      expect(sessions).toMatchObject([
        { nodeAddress: '172.19.0.2', routerAddress: '10.10.2.20' },
        { nodeAddress: SIX, atNode: { state: 'unknown' } },
      ]);
  });

  test('gives up the neighbor of IPv6 alone, then everything', async () => {
    expect(await engineer('unpeer', '--neighbors', SIX, '-y')).toMatchObject({ exitCode: 0 });
    const left = await running();
    expect(left).not.toContain(SIX);
    expect(left).toContain('neighbor 172.19.0.2 peer-group');
    expect(await engineer('unpeer', '--confirm', 'adhoc')).toMatchObject({ exitCode: 0 });
    expect(await running()).not.toContain('router bgp');
  });
});

import { describe, expect, test } from 'vitest';
import { Facts } from '../../../src/core/facts.ts';
import { vmNetwork } from '../../../src/facts/host/vm-network.ts';
import { capture, withCaptures } from '../../helpers/captures.ts';
import { type Ending, type FakeMachine, fakeContext } from '../../helpers/fake-host.ts';

const routes = JSON.stringify([
  { dst: 'default', gateway: '10.10.2.1', dev: 'ens160', protocol: '16', flags: [] },
  { dst: '172.16.0.0/12', dev: 'wide0', protocol: '2', scope: '253', flags: [] },
  { dst: '172.19.0.0/16', dev: 'br-k3d', protocol: '2', scope: '253', prefsrc: '172.19.0.1', flags: ['linkdown'] },
  { dst: '172.19.5.0/24', gateway: '10.10.2.9', dev: 'ens160', protocol: '4', flags: [] },
]);
const way = '[{"dst":"10.10.2.20","dev":"ens160","prefsrc":"10.10.2.10","flags":[],"uid":0,"cache":[]}]';
const docker = '*filter\n:DOCKER-USER - [0:0]\nCOMMIT\n';

const read = (saved: FakeMachine['programs'], got: Ending = way, nodes = '172.19.0.0/16') => {
  const ip = (args: readonly string[]) => (args.includes('get') ? got : routes);
  const ctx = fakeContext({ vm: { name: 'vm', programs: { ip, ...saved } } });
  return new Facts(ctx).get(vmNetwork('vm', { router: '10.10.2.20', nodes }));
};

describe('the network of a VM', () => {
  test('leads to the router by one device and to the nodes by another', async () => {
    expect(await read({ 'iptables-save': () => docker })).toEqual({
      uplink: 'ens160',
      gateway: '10.10.2.10',
      bridge: 'br-k3d',
      docker: true,
    });
  });

  test('may stand behind Docker in the other flavour of iptables, or behind none', async () => {
    const empty = { 'iptables-save': () => '', 'iptables-nft-save': () => '' };
    expect(await read({ ...empty, 'iptables-legacy-save': () => docker })).toMatchObject({
      docker: true,
      flavour: 'legacy',
    });
    expect(await read(empty)).toMatchObject({ docker: false });
    expect(await read({})).toMatchObject({ docker: false });
  });

  withCaptures('a real Docker is seen', async () => {
    expect(await read({ 'iptables-save': () => capture('iptables-save-docker-20.10.txt') })).toMatchObject({
      docker: true,
    });
  });

  test('a machine that knows no way to the router or has no node network is told so', async () => {
    const refused = { code: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' };
    await expect(read({}, refused)).rejects.toMatchObject({
      code: 'HOST.ROUTE',
      message: 'vm has no way to 10.10.2.20',
    });
    await expect(read({}, way, '192.0.2.0/24')).rejects.toMatchObject({ message: 'vm has no way to 192.0.2.0/24' });
  });
});

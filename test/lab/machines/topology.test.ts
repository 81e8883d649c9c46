import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topology } from '../../../src/lab/machines/topology.ts';
import { labSpec, nodes } from '../../helpers/lab.ts';

const machine = (spec: Parameters<typeof topology>[0], name: string) =>
  topology(spec).machines.find((each) => each.name === name);

describe('topology', () => {
  test('vm: the LAN, the VM with two feet, nodes behind it, routers before it', () => {
    const { machines, cables } = topology(labSpec('cpaas1'));
    expect(machines.map(({ kind, namespace, address }) => [kind, namespace, address])).toEqual([
      ['lan', 'cpaas1-lan', undefined],
      ['vm', 'cpaas1-vm', '10.10.2.10'],
      ['node', 'cpaas1-server-0', '172.19.0.2'],
      ['node', 'cpaas1-agent-0', '172.19.0.3'],
      ['router', 'cpaas1-bigip1', '10.10.2.20'],
    ]);
    expect(cables.map(({ port, end }) => [port.namespace, port.bridge, end.namespace, end.device, end.mac])).toEqual([
      ['cpaas1-lan', 'lan', 'cpaas1-vm', 'ens160', '02:42:0a:0a:02:0a'],
      ['cpaas1-lan', 'lan', 'cpaas1-bigip1', 'internal', '02:42:0a:0a:02:14'],
      ['cpaas1-vm', 'br-74d63c8471fa', 'cpaas1-server-0', 'eth0', '02:42:ac:13:00:02'],
      ['cpaas1-vm', 'br-74d63c8471fa', 'cpaas1-agent-0', 'eth0', '02:42:ac:13:00:03'],
    ]);
  });

  test('vm: the bridge has the first address of the node network, and nodes go out through it', () => {
    const spec = labSpec('cpaas1', { nodeNetwork: '172.28.4.0/22', nodes: nodes(1, '172.28.5') });
    expect(machine(spec, 'vm')?.addresses[1]?.address).toBe('172.28.4.1/22');
    expect(machine(spec, 'server-0')).toMatchObject({
      addresses: [{ device: 'eth0', address: '172.28.5.2/22' }],
      routes: ['default via 172.28.4.1 dev eth0'],
    });
  });

  test('vm: forwards from the start only where Docker has switched it on', () => {
    const forwards = (docker: 'none' | '28.2') =>
      machine(labSpec('cpaas1', { docker }), 'vm')?.atFirst.sysctls['net.ipv4.ip_forward'];
    expect([forwards('none'), forwards('28.2')]).toEqual(['0', '1']);
  });

  test('flat: nodes and routers on one LAN, no VM', () => {
    const spec = labSpec('cpaas1', { topology: 'flat', lan: '172.19.0.0/16' });
    const { machines, cables } = topology(spec);
    expect(machines.map(({ kind }) => kind)).toEqual(['lan', 'node', 'node', 'router']);
    expect(new Set(cables.map(({ port }) => port.namespace))).toEqual(new Set(['cpaas1-lan']));
    expect(machine(spec, 'agent-0')?.routes).toEqual([]);
  });

  test('a self-IP that is missing at the start is not configured', () => {
    const routers = [
      { name: 'b', address: '10.10.2.20', selfIp: 'internal', switches: { selfIp: 'missing' as const } },
    ];
    expect(machine(labSpec('cpaas1', { routers }), 'b')?.atFirst.addresses).toEqual([]);
    expect(machine(labSpec('cpaas1'), 'bigip1')?.atFirst.addresses).toEqual([
      { device: 'internal', address: '10.10.2.20/24' },
    ]);
  });

  test('names of interfaces fit the kernel, whatever the names of machines, and differ on one switch', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}[a-z0-9]$/);
    fc.assert(
      fc.property(label, fc.uniqueArray(label, { minLength: 1, maxLength: 20 }), (lab, names) => {
        const spec = labSpec(lab, {
          nodes: names.map((name, at) => ({ name, role: 'agent', address: `172.19.0.${at + 2}` })),
        });
        const { machines, cables } = topology(spec);
        const ports = cables.map(({ port }) => port.device);
        const devices = [...ports, ...machines.flatMap(({ bridges }) => bridges.map(({ device }) => device))];
        expect(devices.every((device) => device.length <= 15)).toBe(true);
        expect(new Set(ports).size).toBe(ports.length);
      }),
    );
  });
});

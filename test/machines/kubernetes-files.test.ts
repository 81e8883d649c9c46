import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { blueprintOf } from '../../src/providers/index.ts';
import { fakeArtifacts } from '../helpers/fake-artifacts.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { type Lan, makeLan } from '../helpers/machines/lan.ts';
import { type Machine, startMachine } from '../helpers/machines/machine.ts';
import { openSite, type Site } from '../helpers/machines/site.ts';
import { differences, type MachineState, stateOf } from '../helpers/machines/state.ts';

// What a machine of kubeadm's is given as files by digest, on a bare Debian with the real systemd. The programs are stand-ins.

const ADDRESS = '10.216.0.11';
const FILE = `apiVersion: cpaas.dev/v1alpha1
kind: Cluster
metadata: { name: site1 }
spec:
  provider:
    kubeadm:
      version: v1.34.4
      prepare: files
      hosts: [{ name: m1, role: control-plane, address: ${ADDRESS}, ssh: { host: ${ADDRESS}, user: root } }]
  network: { nodes: 10.216.0.0/24, pods: 192.168.0.0/16, services: 10.96.0.0/12 }
`;
const says = (...lines: readonly string[]) => `#!/bin/sh\n${lines.join('\n')}\n`;
/** As the real one, it tells systemd that it is ready, and makes the folders that it makes. */
const CONTAINERD = `#!/usr/bin/perl
use Socket;
if (@ARGV) { print $ARGV[0] eq "--version" ? "containerd x v2.3.4 y\\n" : "SystemdCgroup = false\\n"; exit 0 }
mkdir $_ for "/opt/containerd", "/opt/containerd/bin", "/opt/containerd/lib", "/etc/cni", "/etc/cni/net.d";
socket(my $s, AF_UNIX, SOCK_DGRAM, 0); send($s, "READY=1", 0, sockaddr_un($ENV{NOTIFY_SOCKET}));
sleep 1 while 1;
`;
const artifacts = fakeArtifacts({
  'kubelet 1.34.4 linux/amd64': says('echo "Kubernetes v1.34.4"'),
  'kubeadm 1.34.4 linux/amd64': says('echo v1.34.4'),
  'kubectl 1.34.4 linux/amd64': says('echo "Client Version: v1.34.4"'),
  'containerd:containerd 2.3.4 linux/amd64': CONTAINERD,
  'containerd:containerd-shim-runc-v2 2.3.4 linux/amd64': says(': shim'),
  'containerd:ctr 2.3.4 linux/amd64': says(': ctr'),
  'runc 1.4.3 linux/amd64': says('echo "runc version 1.4.3"'),
  'calicoctl 3.31.7 linux/amd64': says('echo "Client Version: v3.31.7"'),
});

describe('a machine that gets its programs as files', () => {
  const { plan } = blueprintOf(parseCluster(FILE, 'f'), { env: {}, folder: '/state' });
  const hosts = plan.phases.filter(({ name }) => name === 'Hosts');
  let lan: Lan;
  let machine: Machine;
  let site: Site;
  let found: MachineState;

  beforeAll(async () => {
    lan = await makeLan({ name: 'hm-files', address: '10.216.0.1/24' });
    machine = await startMachine(lan, { name: 'm1', address: ADDRESS, image: rootfs() });
    site = openSite({ [`ssh://root@${ADDRESS}`]: machine.spec() }, artifacts);
    found = await stateOf(machine);
  });
  afterAll(async () => {
    await site?.close();
    await machine?.stop();
    await lan?.remove();
  });

  test('has them, with units that start with it, and a second run changes nothing', async () => {
    const done = await site.up(hosts);
    expect(done).toContain('kubelet 1.34.4');
    expect(done).toContain('containerd.service started');
    expect(await machine.ask(['systemctl', 'is-active', 'containerd.service'])).toBe('active\n');
    expect(await machine.ask(['systemctl', 'is-enabled', 'kubelet.service', 'containerd.service'])).toBe(
      'enabled\nenabled\n',
    );
    expect(await machine.ask(['kubeadm', 'version', '-o', 'short'])).toBe('v1.34.4\n');
    expect(await site.up(hosts)).toEqual([]);
  });

  test('down leaves the programs, down --purge nothing', async () => {
    await site.down();
    expect(await machine.ask(['kubeadm', 'version', '-o', 'short'])).toBe('v1.34.4\n');
    expect((await machine.run(['systemctl', 'is-active', 'containerd.service'])).code).not.toBe(0);
    expect(await site.up(hosts)).toContain('containerd.service started');
    await site.down({ purge: true });
    expect(site.holdings()).toEqual([]);
    expect(differences(found, await stateOf(machine))).toEqual([]);
  });
});

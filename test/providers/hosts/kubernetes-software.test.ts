import { describe, expect, test } from 'vitest';
import { containerdConfig } from '../../../src/host/containerd.ts';
import { PUBLISHERS, type Publishers } from '../../../src/host/publishers.ts';
import type { HostSoftware } from '../../../src/host/software.ts';
import type { Equipment } from '../../../src/kubeadm/equipment.ts';
import {
  type KubernetesSoftwareOptions,
  kubernetesSoftware,
  kubernetesSoftwareKinds,
} from '../../../src/providers/hosts/kubernetes-software.ts';

const bare: HostSoftware = {
  os: { id: 'debian', version: '12', codename: 'bookworm', name: 'Debian GNU/Linux 12 (bookworm)' },
  architecture: 'amd64',
  packages: new Map(),
  dockerSource: '',
  docker: false,
  dockerRuns: false,
  containerdRuns: false,
  ufw: false,
};

const packaged: Equipment = { programs: 'packages', runtime: 'containerd', configures: true };
const steps = (
  software: Partial<HostSoftware> = {},
  options: Partial<KubernetesSoftwareOptions> = {},
  equipment: Partial<Equipment> = {},
) =>
  kubernetesSoftware(
    { host: 'n1', cluster: 'cpaas1', version: 'v1.35.8', folder: '/usr/local/bin', ...options },
    { ...bare, ...software },
    { ...packaged, ...equipment },
  );
const titles = (...of: Parameters<typeof steps>) => steps(...of).map(({ title }) => title);
const wantOf = (id: string, ...of: Parameters<typeof steps>) =>
  Object.fromEntries(steps(...of).find((step) => step.id === id)?.want ?? []);

describe('a machine for kubeadm', () => {
  test('gets one version of all three programs, held, and a containerd that serves them', () => {
    const all = steps();
    expect(all.filter(({ kind }) => !kubernetesSoftwareKinds.includes(kind))).toEqual([]);
    expect(titles()).toEqual([
      'Swap',
      'Kernel modules',
      'Modules and settings after a restart',
      'Package repositories',
      'containerd',
      'Configuration of containerd',
      'Kubernetes',
      'Services',
    ]);
    expect(wantOf('host.packages:n1/kubernetes')).toMatchObject({
      'kubelet version': '1.35.8-1.1',
      'kubeadm hold': 'held',
    });
    expect(Object.keys(wantOf('host.repositories:n1/kubernetes'))).toEqual(['kubernetes']);
    expect(wantOf('host.packages:n1/containerd')).toEqual({ containerd: 'installed' });
  });

  test('has the 2.x that Docker publishes from its repository; one that is there already brings none', () => {
    const docker = { runtime: 'containerd.io' } as const;
    expect(Object.keys(wantOf('host.repositories:n1/kubernetes', {}, {}, docker))).toEqual(['kubernetes', 'docker']);
    expect(wantOf('host.packages:n1/containerd', {}, {}, docker)).toEqual({ 'containerd.io': 'installed' });
    const there = { packages: new Map([['containerd.io', '2.1.5-1']]), containerdRuns: true };
    expect(Object.keys(wantOf('host.repositories:n1/kubernetes', there, {}, docker))).toEqual(['kubernetes']);
    const [config] = steps(there, {}, docker).filter(({ id }) => id === 'host.files:n1/containerd');
    expect(config?.place).toMatchObject({ replace: true, running: true, restart: 'containerd.service' });
  });

  test('the key of a mirror stands for the publisher that is mirrored, and for no other', () => {
    const keys = (mirrors: Partial<Publishers>) => {
      const options = { key: 'A'.repeat(40), publishers: { ...PUBLISHERS, ...mirrors } };
      const wanted = wantOf('host.repositories:n1/kubernetes', {}, options, { runtime: 'containerd.io' });
      const of = Object.entries(wanted as Record<string, { key: string }>);
      return Object.fromEntries(of.map(([name, { key }]) => [name, key.slice(0, 4)]));
    };
    expect(keys({ kubernetes: 'https://mirror.example/k8s' })).toEqual({ kubernetes: 'AAAA', docker: '9DC8' });
    expect(keys({ docker: 'https://mirror.example/docker' })).toEqual({ kubernetes: 'DE15', docker: 'AAAA' });
  });

  test('another build of the same release is that release', () => {
    const there = { packages: new Map([['kubelet', '1.35.8-2.1']]) };
    expect(wantOf('host.packages:n1/kubernetes', there)).toMatchObject({
      'kubelet version': '1.35.8-2.1',
      'kubeadm version': '1.35.8-1.1',
    });
  });

  test('gets files with units of their own where there are no packages', () => {
    const files = { programs: 'files', runtime: 'files' } as const;
    expect(titles({}, {}, files)).toEqual([
      'Swap',
      'Kernel modules',
      'Modules and settings after a restart',
      'Configuration of containerd',
      'Units',
      'Services',
    ]);
    const { 'kubelet.service': _, ...units } = wantOf('host.files:n1/units', {}, {}, files) as Record<
      string,
      { content: string }
    >;
    expect(Object.keys(units)).toEqual([
      '/etc/systemd/system/kubelet.service',
      '/etc/systemd/system/containerd.service',
    ]);
    expect(units['/etc/systemd/system/kubelet.service']?.content).toContain(
      'ExecStart=/usr/local/bin/kubelet $KUBELET',
    );
  });

  test('keeps what somebody has put there, and a containerd that serves as it is', () => {
    const theirs = { programs: 'theirs', runtime: 'theirs', configures: false } as const;
    expect(titles({}, {}, theirs)).toEqual([
      'Swap',
      'Kernel modules',
      'Modules and settings after a restart',
      'Services',
    ]);
  });
});

test('containerd is told in the words of its generation', () => {
  expect(containerdConfig({ format: 2, sandboxImage: 'registry.k8s.io/pause:3.10.1' })).toMatchInlineSnapshot(`
    "# written by cpaas
    version = 2
    imports = ["/etc/containerd/conf.d/*.toml"]
    [plugins."io.containerd.grpc.v1.cri"]
      sandbox_image = "registry.k8s.io/pause:3.10.1"
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/opt/cni/bin"
      conf_dir = "/etc/cni/net.d"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
    "
  `);
  expect(containerdConfig({ format: 3, sandboxImage: 'registry.k8s.io/pause:3.10.1' })).toMatchInlineSnapshot(`
    "# written by cpaas
    version = 3
    imports = ["/etc/containerd/conf.d/*.toml"]
    [plugins.'io.containerd.cri.v1.images'.pinned_images]
      sandbox = "registry.k8s.io/pause:3.10.1"
    [plugins.'io.containerd.cri.v1.runtime'.cni]
      bin_dir = "/opt/cni/bin"
      conf_dir = "/etc/cni/net.d"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = true
    "
  `);
});

import { describe, expect, test } from 'vitest';
import type { HostSoftware } from '../../src/facts/host-software.ts';
import { containerdConfig } from '../../src/host/containerd.ts';
import {
  type KubernetesSoftwareOptions,
  kubernetesSoftware,
  kubernetesSoftwareKinds,
} from '../../src/providers/kubernetes-software.ts';

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

const steps = (software: Partial<HostSoftware> = {}, options: Partial<KubernetesSoftwareOptions> = {}) =>
  kubernetesSoftware({ host: 'n1', cluster: 'cpaas1', version: 'v1.35.8', ...options }, { ...bare, ...software });
const wantOf = (id: string, ...of: Parameters<typeof steps>) =>
  Object.fromEntries(steps(...of).find((step) => step.id === id)?.want ?? []);

describe('a machine for kubeadm', () => {
  test('gets one version of all three programs, held, and a containerd that serves them', () => {
    const all = steps();
    expect(all.filter(({ kind }) => !kubernetesSoftwareKinds.includes(kind))).toEqual([]);
    expect(all.map(({ title }) => title)).toEqual([
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

  test('from 1.36 on containerd is the 2.x that Docker publishes; one that is there is kept', () => {
    const newer = { version: 'v1.36.4' };
    expect(Object.keys(wantOf('host.repositories:n1/kubernetes', {}, newer))).toEqual(['kubernetes', 'docker']);
    expect(wantOf('host.packages:n1/containerd', {}, newer)).toEqual({ 'containerd.io': 'installed' });
    const there = { packages: new Map([['containerd.io', '2.1.5-1']]), containerdRuns: true };
    expect(wantOf('host.packages:n1/containerd', there)).toEqual({ 'containerd.io': 'installed' });
    expect(Object.keys(wantOf('host.repositories:n1/kubernetes', there))).toEqual(['kubernetes']);
    const [config] = steps(there).filter(({ id }) => id === 'host.files:n1/containerd');
    expect(config?.place).toMatchObject({ replace: true, running: true, restart: 'containerd.service' });
  });

  test('another system is refused', () => {
    const os = { id: 'fedora', version: '43', codename: '', name: 'Fedora Linux 43' };
    expect(() => steps({ os })).toThrow(/Kubernetes cannot be installed here: Fedora Linux 43/);
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

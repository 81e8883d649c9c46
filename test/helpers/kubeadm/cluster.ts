import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { writeBundle } from '../../../src/artifacts/bundle-write.ts';
import { digestOf, fileAt } from '../../../src/artifacts/cache.ts';
import { labLayout } from '../../../src/lab/layout.ts';
import { run } from '../../../src/lab/machines/run.ts';
import { Workspace } from '../cpaas.ts';
import { type Dump, unitDump } from '../dumps.ts';
import { labSpec, noLab, type TestLab, useLab } from '../lab.ts';
import { standIn } from '../machines/apt.ts';
import { CACHE, rootfs } from '../machines/cache.ts';
import { type Lan, makeLan } from '../machines/lan.ts';
import { type Machine, startMachine } from '../machines/machine.ts';
import { type Recorded, recordKubeadm } from './recorded.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
/** Programs, images and the root file system of prepared machines, as `scripts/test-kubeadm` builds them. */
const BUILT = process.env['CPAAS_KUBEADM'] ?? join(homedir(), '.cache', 'cpaas-kubeadm');
const KUBERNETES = 'v1.34.4';
const CALICO = 'v3.31.7';
const PUBLISHED = `${REPOSITORY}../shared/data/calico/${CALICO}/calico.yaml`;

/** Why no cluster can be made here, or nothing. For `describe.skipIf`. */
export const noCluster: string | undefined =
  noLab ??
  (existsSync(join(BUILT, 'calico.tar')) ? undefined : 'Kubernetes is not built here: scripts/test-kubeadm') ??
  (existsSync(PUBLISHED) ? undefined : 'there is no published manifest of Calico beside the project');

/** The articles' second network: machines with systemd, containerd and kubeadm, and a BIG-IP pair of the lab, on one LAN. */
export interface TestCluster {
  /** Edits the machines of the file, or all of its part about kubeadm. */
  hosts(change: (hosts: KubeadmPart['hosts']) => KubeadmPart['hosts']): void;
  kubeadm(change: (part: KubeadmPart) => KubeadmPart): void;
  readonly files: Workspace;
  readonly lab: TestLab;
  readonly lan: Lan;
  readonly machines: ReadonlyMap<string, Machine>;
  /** A machine beside the others; not in the file yet. */
  add(name: string, address: string): Promise<Machine>;
  machine(name: string): Machine;
  /** What imish on a unit answers. */
  unit(name: string, line: string): Promise<string>;
  /** All that the units have configured, in force and saved. */
  units(): Promise<Dump>;
  /** What was said to kubeadm and by it on machines that are not bare. */
  readonly recorded: Recorded;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Machines of a bare Debian, with neither Kubernetes nor containerd nor images. */
  readonly bare?: boolean;
}

/** Makes machines at `10.1.20.<number>`, by name. Nothing of Kubernetes runs on them. */
export async function startCluster(
  name: string,
  numbers: Readonly<Record<string, number>>,
  { bare = false }: ClusterOptions = {},
): Promise<TestCluster> {
  const labName = `${name}-lab`;
  // first of all: it takes away what stands under that name
  const units = new Workspace('lab-flat.yaml', labName);
  const layout = labLayout(labName);
  const routers = ['bigip1', 'bigip2'].map((router, at) => ({
    name: router,
    address: `10.1.20.${11 + at}`,
    selfIp: 'internal',
    switches: {},
  }));
  const lab = useLab(
    labSpec(labName, {
      topology: 'flat',
      lan: '10.1.20.0/24',
      nodeNetwork: '10.1.20.0/24',
      pods: '10.9.0.0/16',
      services: '10.96.0.0/12',
      nodes: [{ name: 'server-0', role: 'server', address: '10.1.20.200' }],
      routers,
    }),
  );
  await lab.down();
  await lab.apply();
  const bridge = { namespace: layout.lan, name: 'lan' };
  const lan: Lan = await makeLan({ name, address: '10.1.20.1/24', bridge });
  // the workstation's place on the LAN, whose switch has no address of its own
  await run(['ip', '-n', layout.lan, 'address', 'add', '10.1.20.1/24', 'dev', 'lan']);
  await run(['ip', '-n', layout.lan, 'link', 'set', 'lo', 'up']);
  const mirror = await serveMirror();
  const recorded = recordKubeadm(lan.folder, join(BUILT, 'bin'));
  const machines = new Map<string, Machine>();
  const files = new Workspace('kubeadm-pair.yaml', name);

  const add = async (machine: string, address: string): Promise<Machine> => {
    const started = await startMachine(lan, { name: machine, address, ...(bare ? bareMachine() : prepared(recorded)) });
    machines.set(machine, started);
    // systemd takes it from this computer's firmware, so all would have one
    await started.ask(['tee', '/etc/machine-id'], `${randomBytes(16).toString('hex')}\n`);
    if (!bare) await importImages(started);
    return started;
  };
  await Promise.all(Object.entries(numbers).map(([machine, number]) => add(machine, `10.1.20.${number}`)));

  const enter = [process.execPath, `${REPOSITORY}dist/lab/enter.js`, labName];
  files.edit((spec) => {
    const { kubeadm } = spec.provider as unknown as { kubeadm: KubeadmPart };
    kubeadm.version = KUBERNETES;
    kubeadm.hosts = Object.keys(numbers).map((machine, at) =>
      hostEntry(machines.get(machine) ?? fail(machine), at === 0 ? 'control-plane' : 'worker'),
    );
    Object.assign(spec, { artifacts: { mirror: mirror.url }, calico: { version: CALICO } });
    for (const router of spec.routers)
      router.bigip = {
        ...router.bigip,
        ssh: {
          host: router.address,
          user: 'root',
          identityFiles: [layout.identity],
          proxyCommand: [...enter, router.address],
        },
      };
  });
  const kubeadm: TestCluster['kubeadm'] = (change) =>
    files.edit(({ provider }) => {
      const part = provider as unknown as { kubeadm: KubeadmPart };
      part.kubeadm = change(part.kubeadm);
    });
  return {
    kubeadm,
    hosts: (change) => kubeadm((part) => ({ ...part, hosts: change(part.hosts) })),
    files,
    lab,
    lan,
    machines,
    add,
    machine: (wanted) => machines.get(wanted) ?? fail(`there is no machine ${wanted}`),
    recorded,
    units: async () => Object.assign({}, ...(await Promise.all(routers.map(({ name }) => unitDump(units, name))))),
    unit: (router, line) => units.unit(router, `imish -e "${line}"`),
    stop: async () => {
      await Promise.all([...machines.values()].map((machine) => machine.stop()));
      await lan.remove();
      await lab.down();
      mirror.close();
    },
  };
}

/** A machine as the file has it. */
export const hostEntry = (machine: Machine, role: 'control-plane' | 'worker'): KubeadmPart['hosts'][number] => {
  const { host, user, identityFiles, proxyCommand } = machine.spec().reach;
  return {
    name: machine.name,
    role,
    address: machine.address,
    ssh: { host, user, identityFiles, proxyCommand },
  };
};

export interface KubeadmPart {
  version: string;
  controlPlaneEndpoint?: string;
  hosts: { name: string; role: string; address: string; ssh: Record<string, unknown> }[];
}

/** containerd's data cannot be on an overlay, and what is only data is nobody's concern here. */
const VOLUMES = ['/var/lib/containerd', '/var/lib/kubelet', '/var/lib/etcd', '/var/log'];

/** The lab's own programs for the machine that kubectl runs on: calicoctl, of the cluster's version, and node. */
function labPrograms() {
  const script = join(BUILT, 'calicoctl');
  const run = 'CALICOCTL_VERSION=%s exec /usr/local/bin/node /opt/cpaas/dist/lab/calico/calicoctl/main.js "$@"';
  writeFileSync(script, `#!/bin/sh\n${run.replace('%s', CALICO)}\n`, { mode: 0o755 });
  return {
    '/usr/local/bin/node': { source: process.execPath },
    '/usr/local/bin/calicoctl': { source: script },
    '/opt/cpaas/dist': { source: `${REPOSITORY}dist` },
    '/opt/cpaas/node_modules': { source: `${REPOSITORY}node_modules` },
    '/opt/cpaas/package.json': { source: `${REPOSITORY}package.json` },
  };
}

/** A machine on which somebody has installed everything. */
function prepared({ mounts }: Recorded) {
  letIn();
  return {
    image: join(BUILT, 'rootfs'),
    volumes: VOLUMES,
    mounts: {
      ...labPrograms(),
      ...mounts,
      '/opt/images': { source: join(BUILT, 'images') },
      '/opt/calico.tar': { source: join(BUILT, 'calico.tar') },
    },
  };
}

const bareMachine = () => ({ image: rootfs(), volumes: VOLUMES, mounts: labPrograms() });

/** What a publisher of Kubernetes has: real programs in packages that come and go as theirs do. */
export function kubernetesPackages(folder: string): readonly string[] {
  const version = `${KUBERNETES.slice(1)}-1.1`;
  const program = (name: string) => ({ [`/usr/bin/${name}`]: join(BUILT, 'bin', name) });
  const plugins = ['ptp', 'host-local', 'loopback'].map((name) => [
    `/opt/cni/bin/${name}`,
    join(BUILT, 'rootfs/usr/lib/cni', name),
  ]);
  return [
    standIn(folder, { name: 'kubernetes-cni', version: '1.7.1-1.1', copies: Object.fromEntries(plugins) }),
    standIn(folder, { name: 'kubectl', version, copies: program('kubectl') }),
    standIn(folder, { name: 'kubeadm', version, copies: program('kubeadm') }),
    standIn(folder, {
      name: 'kubelet',
      version,
      depends: ['kubernetes-cni'],
      copies: program('kubelet'),
      files: {
        '/usr/lib/systemd/system/kubelet.service': readFileSync(join(BUILT, 'rootfs', UNIT), 'utf8'),
        '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': readFileSync(
          join(BUILT, 'rootfs', `${UNIT}.d/10-kubeadm.conf`),
          'utf8',
        ),
      },
      scripts: {
        postinst: 'systemctl daemon-reload; systemctl enable -q --now kubelet.service',
        prerm: 'if [ "$1" = remove ]; then systemctl disable -q --now kubelet.service; fi',
        postrm: 'systemctl daemon-reload',
      },
    }),
  ];
}

const UNIT = 'etc/systemd/system/kubelet.service';

/** All images of a cluster in a bundle of cpaas's. */
export async function imagesBundle(path: string, cluster: string): Promise<void> {
  const archives = [
    ...readdirSync(join(BUILT, 'images')).map((name) => join(BUILT, 'images', name)),
    join(BUILT, 'calico.tar'),
  ];
  const images = await Promise.all(
    archives.map(async (archive) => ({ ...(await fileAt(archive, await digestOf(archive))), name: basename(archive) })),
  );
  await writeBundle(path, { cluster, artifacts: [], images, files: [] });
}

/** Machines let in whoever has the key of all test machines. */
function letIn(): void {
  if (!existsSync(join(CACHE, 'id'))) {
    mkdirSync(CACHE, { recursive: true });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(CACHE, 'id')]);
  }
  writeFileSync(join(BUILT, 'rootfs/root/.ssh/authorized_keys'), readFileSync(join(CACHE, 'id.pub')), { mode: 0o600 });
}

async function importImages(machine: Machine): Promise<void> {
  await vi.waitUntil(async () => (await machine.run(['ctr', 'version'])).code === 0, {
    timeout: 60_000,
    interval: 200,
  });
  const archives = readdirSync(join(BUILT, 'images')).map((file) => `/opt/images/${file}`);
  for (const archive of [...archives, '/opt/calico.tar'])
    await machine.ask(['ctr', '--namespace', 'k8s.io', 'images', 'import', archive]);
}

/** A mirror on this computer's loopback, with what Calico publishes. */
async function serveMirror(): Promise<{ readonly url: string; close(): void }> {
  const path = `/raw.githubusercontent.com/projectcalico/calico/${CALICO}/manifests/calico.yaml`;
  const server: Server = createServer((request, response) => {
    if (request.url === path) response.end(readFileSync(PUBLISHED));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

function fail(why: string): never {
  throw new Error(why);
}

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dump, load } from 'js-yaml';
import type { PlanDocument, RunDocument, VerifyDocument } from '../../src/core/documents.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { run } from '../../src/lab/machines/run.ts';
import { sha256 } from '../helpers/fake-artifacts.ts';
import { labSpec, useLab } from '../helpers/lab.ts';
import { writeRepository } from '../helpers/machines/apt.ts';
import { rootfs } from '../helpers/machines/cache.ts';
import { makeLan } from '../helpers/machines/lan.ts';
import { type Machine, startMachine } from '../helpers/machines/machine.ts';
import { startMirror } from '../helpers/machines/mirror.ts';
import { nodeImage } from './node-image.ts';
import { dockerPackages, ENGINE } from './packages.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = process.env['CPAAS_DOCKER'] ?? join(homedir(), '.cache/cpaas-docker');
const CALICO = 'v3.31.7';
const K3S = 'v1.34.4+k3s1';
/** One that the catalog does not know: what is served under it is any kubectl. */
const KUBECTL = '1.34.99';
const MIRROR = '10.10.2.1';
/** In the machine: the cluster file, the bundle, and what cpaas keeps. */
export const SITE = '/srv/site';
/** Somebody who may use sudo, and says his password for it. */
export const USER = 'typist';
export const PASSWORD = 'typists-password';

/** A machine on the LAN of a BIG-IP that has Debian, sudo and SSH, and nothing else. */
export interface BareVm {
  readonly name: string;
  readonly machine: Machine;
  /** The built program on that machine, called by somebody who may use sudo; its answer as a document. */
  cpaas<T>(...args: readonly string[]): Promise<T & { readonly code: number; readonly stderr: string }>;
  up(...args: readonly string[]): Promise<RunDocument & { readonly code: number; readonly stderr: string }>;
  plan(): Promise<PlanDocument & { readonly code: number; readonly stderr: string }>;
  verify(): Promise<VerifyDocument & { readonly code: number; readonly stderr: string }>;
  stop(): Promise<void>;
}

/**
 * The articles' network with a bare Debian for the VM: a lab's LAN and BIG-IP, a machine with systemd on that LAN, a mirror with packages
 * and programs, and a bundle with the image of the nodes. The engine of the packages is a real one.
 */
export async function startBareVm(name: string): Promise<BareVm> {
  const labName = `${name}-lab`;
  const layout = labLayout(labName);
  const lab = useLab(
    labSpec(labName, {
      docker: 'none',
      vm: '10.10.2.9',
      nodeNetwork: '172.31.0.0/24',
      pods: '10.99.0.0/16',
      services: '10.98.0.0/16',
      nodes: [{ name: 'server-0', role: 'server', address: '172.31.0.2' }],
    }),
  );
  await lab.down();
  await lab.apply();
  const bridge = { namespace: layout.lan, name: 'lan' };
  const lan = await makeLan({ name, address: `${MIRROR}/24`, bridge });
  await run(['ip', '-n', layout.lan, 'address', 'add', `${MIRROR}/24`, 'dev', 'lan']);
  await run(['ip', '-n', layout.lan, 'link', 'set', 'lo', 'up']);

  const mirror = await startMirror(lan, MIRROR, rootfs(), ['jq', 'libcap2-bin']);
  const env = { ...process.env, CPAAS_DOCKER: CACHE, ENGINE_NETNS: name };
  execFileSync('bash', ['test/docker/engine.sh', '28', 'unpack'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const packages = dockerPackages(join(lan.folder, 'debs'), join(CACHE, 'engine28'));
  const docker = join(mirror.folder, 'docker/debian');
  writeRepository(docker, packages, mirror.key, { suite: 'bookworm', component: 'stable' });
  writeFileSync(join(docker, 'gpg'), mirror.key.armored);
  publish(mirror.folder);

  const site = join(lan.folder, 'site');
  mkdirSync(site);
  copyFileSync(layout.identity, join(site, 'id'));
  const file = join(site, 'cpaas.yaml');
  const repositories = { docker: `${mirror.url}/docker`, key: mirror.key.fingerprint };
  writeFileSync(file, clusterFile(name, { repositories, mirror: mirror.url }));
  await nodeImage(join(site, 'node.tar'), CACHE, [
    `docker.io/rancher/k3s:${K3S.replace('+', '-')}`,
    'ghcr.io/k3d-io/k3d-tools:5.9.0',
  ]);
  // elsewhere, where there is a network
  const elsewhere = [process.execPath, `${REPOSITORY}bin/cpaas.js`, '-f', file, '--state-dir', join(site, 'state')];
  const bundle = ['bundle', 'create', join(site, 'bundle.tar'), '--image', join(site, 'node.tar')];
  const made = await lan.run(['env', `XDG_CACHE_HOME=${lan.folder}/cache`, ...elsewhere, ...bundle]);
  if (made.code !== 0) throw new Error(`no bundle: ${made.stderr}`);
  rmSync(join(site, 'node.tar'));
  const bundled = load(readFileSync(file, 'utf8')) as { spec: { artifacts: object } };
  bundled.spec.artifacts = { bundle: 'bundle.tar' };
  writeFileSync(file, dump(bundled));
  // tells each time that it is asked
  const password = `#!/bin/sh\necho asked >>${SITE}/asked\necho ${PASSWORD}\n`;
  writeFileSync(join(site, 'password'), password, { mode: 0o755 });

  const calicoctl = join(lan.folder, 'calicoctl');
  const main = '/opt/cpaas/dist/lab/calico/calicoctl/main.js';
  writeFileSync(calicoctl, `#!/bin/sh\nCALICOCTL_VERSION=${CALICO} exec /opt/node ${main} "$@"\n`, { mode: 0o755 });
  const machine = await startMachine(lan, {
    name: 'vm',
    address: '10.10.2.10',
    image: rootfs(),
    // an engine cannot keep its images on an overlay
    volumes: ['/var/lib/docker', '/var/lib/containerd'],
    mounts: {
      '/opt/node': { source: process.execPath },
      ...Object.fromEntries(
        ['bin', 'dist', 'catalog', 'node_modules', 'package.json'].map((part) => [
          `/opt/cpaas/${part}`,
          { source: `${REPOSITORY}${part}` },
        ]),
      ),
      '/usr/local/bin/calicoctl': { source: calicoctl },
      [SITE]: { source: site, writable: true },
    },
  });
  await mirror.use(machine);
  await machine.ask(['chown', '-R', USER, SITE]);

  const cpaas: BareVm['cpaas'] = async (...args) => {
    const login = ['setpriv', '--reuid', USER, '--regid', USER, '--init-groups'];
    const env = ['env', `HOME=/home/${USER}`, `USER=${USER}`, `XDG_CACHE_HOME=${SITE}/cache`, 'NO_COLOR=1'];
    const program = [
      '/opt/node',
      '/opt/cpaas/bin/cpaas.js',
      '-f',
      `${SITE}/cpaas.yaml`,
      '--state-dir',
      `${SITE}/state`,
    ];
    const { code, stdout, stderr } = await machine.run([...login, ...env, ...program, ...args, '-o', 'json']);
    try {
      return { ...JSON.parse(stdout), code, stderr };
    } catch {
      throw new Error(`no document from cpaas ${args.join(' ')} (exit ${code}):\n${stdout}\n${stderr}`);
    }
  };
  return {
    name,
    machine,
    cpaas,
    up: (...args) => cpaas<RunDocument>('up', '--yes', '--accept-new-host-keys', ...args),
    plan: () => cpaas<PlanDocument>('plan', '--accept-new-host-keys'),
    verify: () => cpaas<VerifyDocument>('verify'),
    stop: async () => {
      const runs = join(site, 'state', name, 'runs');
      const kept = process.env['CPAAS_RUN_LOGS'];
      if (kept !== undefined && existsSync(runs)) cpSync(runs, kept, { recursive: true });
      await machine.stop();
      await mirror.stop();
      await lan.remove();
      await lab.down();
    },
  };
}

/** What a mirror of the publishers has: k3d as built here, a kubectl, Calico's manifest, and the digests of what no catalog pins. */
function publish(folder: string): void {
  const put = (path: string, content: Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const kubectl = readFileSync(execFileSync('which', ['kubectl'], { encoding: 'utf8' }).trim());
  const at = `dl.k8s.io/release/v${KUBECTL}/bin/linux/amd64/kubectl`;
  put(at, kubectl);
  put(`${at}.sha256`, Buffer.from(sha256(kubectl)));
  const k3d = readFileSync(join(CACHE, 'bin/k3d'));
  const release = 'github.com/k3d-io/k3d/releases/download/v5.9.0';
  put(`${release}/k3d-linux-amd64`, k3d);
  put(`${release}/checksums.txt`, Buffer.from(`${sha256(k3d)}  _dist/k3d-linux-amd64\n`));
  const manifest = readFileSync(`${REPOSITORY}../shared/data/calico/${CALICO}/calico.yaml`);
  put(`raw.githubusercontent.com/projectcalico/calico/${CALICO}/manifests/calico.yaml`, manifest);
}

/** The articles' own file for a bare machine, with what is had here: one agent, other releases, a mirror. */
function clusterFile(
  name: string,
  { repositories, mirror }: { readonly repositories: object; readonly mirror: string },
): string {
  const cluster = load(readFileSync(`${REPOSITORY}examples/k3d-bigip-bare.yaml`, 'utf8')) as {
    metadata: { name: string };
    spec: { provider: { k3d: object }; host: object; tools: object; artifacts: object; routers: { bigip: object }[] };
  };
  cluster.metadata.name = name;
  const { spec } = cluster;
  Object.assign(spec.provider.k3d, { agents: 1, version: K3S });
  Object.assign(spec.host, { repositories, sudo: { command: [`${SITE}/password`] } });
  spec.tools = { kubectl: KUBECTL, k3d: '5.9.0', docker: ENGINE.release };
  spec.artifacts = { mirror };
  for (const { bigip } of spec.routers)
    Object.assign(bigip, { ssh: { host: '10.10.2.20', user: 'root', identityFiles: [`${SITE}/id`] } });
  return dump(cluster);
}

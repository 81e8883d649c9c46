import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadCluster } from '../../../src/config/load.ts';
import { Facts } from '../../../src/core/facts.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { Instances } from '../../../src/engine/instances.ts';
import { planDocument } from '../../../src/engine/plan-document.ts';
import { survey } from '../../../src/engine/survey.ts';
import { HERE_AS_ROOT } from '../../../src/providers/hosts/workstation.ts';
import { blueprintOf } from '../../../src/providers/index.ts';
import { fileJournal } from '../../../src/state/journal.ts';
import { revive } from '../../../src/steps/index.ts';
import { planText } from '../../../src/ui/screens/plan.ts';
import { fakeArtifacts } from '../../helpers/fake-artifacts.ts';
import { type FakeDebianOptions, fakeDebian } from '../../helpers/fake-debian.ts';
import { fakeContext } from '../../helpers/fake-host.ts';
import { wide } from '../../ui/screens/documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'cpaas-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADING = { cluster: 'cpaas1', provider: 'k3d', nodes: 4, routers: 1, file: 'examples/k3d-bigip-bare.yaml' };

interface Machine extends FakeDebianOptions {
  /** Limits of the kernel; those of a fresh one when left out. */
  readonly limits?: typeof FRESH;
}

/** The tools of the file, by what the catalog calls them. */
const TOOLS = {
  'kubectl 1.35.8 linux/amd64': 'kubectl',
  'calicoctl 3.31.7 linux/amd64': 'calicoctl',
  'helm:helm 3.18.4 linux/amd64': 'helm',
  'k3d 5.9.0 linux/amd64': 'k3d',
};
const FRESH = { instances: '128', watches: '8192' };

const kernel = ({ instances, watches }: typeof FRESH) => ({
  '/proc/sys/fs/inotify/max_user_instances': `${instances}\n`,
  '/proc/sys/fs/inotify/max_user_watches': `${watches}\n`,
});

/** What `cpaas plan` prints for the example on this machine. */
async function planOn({ limits = FRESH, more, ...options }: Machine): Promise<string> {
  const cluster = await loadCluster('examples/k3d-bigip-bare.yaml', () => {});
  const { plan } = blueprintOf(cluster, { env: { USER: 'ada' }, folder });
  const os = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n';
  const machine = fakeDebian('here', {
    ...options,
    files: { '/etc/os-release': os, ...kernel(limits), ...options.files },
    more: { uname: () => 'Linux x86_64\n', getent: () => ({ code: 2 }), ...more },
    folders: ['/usr/', '/usr/local/', '/usr/local/bin/', ...(options.folders ?? [])],
  }).machines['here'];
  if (!machine) throw new Error('there is no machine');
  const ctx = fakeContext({ local: machine, [HERE_AS_ROOT]: machine }, { artifacts: fakeArtifacts(TOOLS) });
  const engine: Engine = {
    ctx,
    journal: fileJournal(join(folder, 'journal.ndjson')),
    emit: () => {},
    revive,
    instances: new Instances(),
    parallel: 1,
    clock: () => 0,
    uninterrupted: (act) => act(engine),
  };
  const found = await survey(plan, engine, new Facts(ctx), { leftovers: true });
  expect(ctx.sent).toEqual([]);
  return planText({ plan: planDocument('cpaas1', found, engine), heading: HEADING }, wide);
}

test('on a bare machine it tells the whole way, and when the rest will be known', async () => {
  expect(await planOn({})).toMatchInlineSnapshot(`
    "cpaas1 · k3d · 4 nodes, 1 router                                   from examples/k3d-bigip-bare.yaml

      Host
      + Packages                         jq
      ~ Kernel settings                  fs.inotify.max_user_instances 128 → 8192, fs.inotify.max_user_watches 8192 → 524288
      + Kernel settings after a restart  /etc/sysctl.d/10-cpaas-cpaas1.conf, /etc/sysctl.d/99-cpaas-cpaas1.conf
      + Package repositories             docker: https://download.docker.com/linux/debian bookworm
      + Docker
          + docker-ce
          + docker-ce 5:29.7.2-1~debian.12~bookworm
          + docker-ce held
          + docker-ce-cli
          + docker-ce-cli 5:29.7.2-1~debian.12~bookworm
          + docker-ce-cli held
          + containerd.io
      + Services                         docker.service enabled, docker.service started
      + Groups of ada                    docker
      + Configuration of calicoctl       /etc/calico/, /etc/calico/calicoctl.cfg
      Tools
      + Programs in /usr/local/bin
          + kubectl 1.35.8
          + helm 3.18.4
          + calicoctl 3.31.7
          + k3d 5.9.0
      Cluster                            known after Host
        Docker network k3d-cpaas1 172.19.0.0/16
        k3d cluster cpaas1: server-0, agent-0, agent-1, agent-2 of docker.io/rancher/k3s:v1.35.5-k3s1
        Calico v3.31.7, pods in 10.53.0.0/16
      Calico                             known after Cluster
        BGPPeer bigip1: 10.10.2.20
      Forwarding                         known after Cluster
      Routers                            known after Cluster
        bigip1
      Host routes                        known after Cluster

      20 to add, 2 to change, 0 to remove, 5 phases known later.
      cpaas plan --commands shows every line that would be sent."
  `);
});

test('on a machine that is prepared in part it tells only what is missing', async () => {
  const unit = { enabled: true, active: true };
  const limits = 'fs.inotify.max_user_instances = 8192\nfs.inotify.max_user_watches = 524288\n';
  const text = await planOn({
    packages: { jq: { version: '1.6-2' }, 'docker.io': { version: '28.5.2' } },
    services: { 'docker.service': unit },
    files: {
      '/etc/sysctl.d/10-cpaas-cpaas1.conf': `# cpaas: at least these, for the nodes of cpaas1\n${limits}`,
      '/usr/local/bin/kubectl': 'kubectl',
      '/usr/local/bin/calicoctl': 'calicoctl',
      '/usr/local/bin/helm': 'helm',
    },
    limits: { instances: '65536', watches: '1048576' },
    more: { docker: () => '28.5.2\n' },
  });
  // the phases to come are as on a bare machine
  expect(text.replace(/^ {2}Cluster[\s\S]*^$/m, '')).toMatchInlineSnapshot(`
    "cpaas1 · k3d · 4 nodes, 1 router                                   from examples/k3d-bigip-bare.yaml

      Host
      + Kernel settings after a restart  /etc/sysctl.d/99-cpaas-cpaas1.conf
      + Configuration of calicoctl       /etc/calico/, /etc/calico/calicoctl.cfg
      Tools
      + Programs in /usr/local/bin       k3d 5.9.0

      4 to add, 0 to change, 0 to remove, 5 phases known later.
      cpaas plan --commands shows every line that would be sent."
  `);
});

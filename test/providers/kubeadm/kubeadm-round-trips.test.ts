import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCluster } from '../../../src/config/load.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { converge } from '../../../src/engine/converge.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { Instances } from '../../../src/engine/instances.ts';
import { blueprintOf } from '../../../src/providers/index.ts';
import { fileJournal } from '../../../src/state/journal.ts';
import { revive } from '../../../src/steps/index.ts';
import { type Hosts, openHosts } from '../../../src/transport/connect.ts';
import { createSecrets } from '../../../src/transport/secrets.ts';
import { fakeArtifacts } from '../../helpers/fake-artifacts.ts';
import { hostsInTurns } from '../../helpers/hosts-in-turns.ts';
import { DIGEST, settledCluster, settledMachines } from '../../helpers/settled-cluster.js';
import { type SimulatedHosts, simulateHosts } from '../../helpers/simulated-hosts.js';

const MOST = 10;
const CLUSTER = 'kubeadm-pair';
const answer = settledCluster({ cluster: CLUSTER, version: 'v1.35.8', machines: settledMachines(MOST) });
let simulated: SimulatedHosts;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cpaas-trips-'));
  simulated = await simulateHosts(MOST, answer);
});
afterAll(async () => {
  await simulated.close();
  rmSync(folder, { recursive: true });
});

/** Machines by the address at which they are simulated. */
function wanted(count: number, user: string) {
  const file = load(readFileSync(new URL('../../../examples/kubeadm-pair.yaml', import.meta.url), 'utf8')) as {
    spec: { provider: { kubeadm: { hosts: object[] } } };
  };
  file.spec.provider.kubeadm.hosts = settledMachines(count).map((machine, at) => ({
    ...machine,
    ssh: { host: '127.0.0.1', port: simulated.ports[at], user, identityFiles: [simulated.identity] },
  }));
  return blueprintOf(parseCluster(JSON.stringify(file), 'f'), { env: {}, folder });
}

/** An up as far as it needs nothing but machines and kubeadm. */
async function converged({ phases, ...plan }: Plan, hosts: Pick<Hosts, 'host' | 'identity' | 'add'>, journal: string) {
  const artifacts = {
    ...fakeArtifacts(),
    digest: async () => DIGEST,
    identify: async () => ({ name: 'calicoctl', version: 'v3.31.7', platform: 'linux/amd64' }) as const,
  };
  const engine: Engine = {
    ctx: { ...hosts, artifacts, secret: () => Promise.reject(new Error()), signal: new AbortController().signal },
    journal: fileJournal(join(folder, journal)),
    emit: () => {},
    revive,
    instances: new Instances(),
    parallel: 30,
    clock: () => 0,
    uninterrupted: (act) => act(engine),
  };
  const needed = phases.filter(({ name }) => ['Hosts', 'Control plane', 'Kubeconfig', 'Nodes'].includes(name));
  return converge({ ...plan, phases: needed }, engine, { consent: async () => false, leftovers: true, gates: false });
}

/** An up of machines that are what they should be, over SSH. */
async function up(count: number, user: string) {
  const { plan, hosts: table } = wanted(count, user);
  const sent: string[] = [];
  const hosts = openHosts(table, {
    secrets: createSecrets({ terminal: false }),
    emit: (event) => event.type === 'command' && !event.reads && sent.push(event.argv.join(' ')),
    sshConfig: '/dev/null',
    acceptNew: true,
    knownHosts: join(folder, 'known_hosts'),
  });
  const before = [...simulated.requests];
  const outcome = await converged(plan, hosts, `journal-${count}-${user}`);
  await hosts.closeAll();
  const trips = simulated.requests.map((requests, at) => requests - (before[at] ?? 0)).slice(0, count);
  return { outcome, sent, trips };
}

// Of every machine: its facts, its steps, its node. Of the one that made the cluster: three times kubectl; who logs in there, in two, with
// his kubeconfig; and the certificate. What happens to be asked in one turn is one request less.
test.each([
  ['root', 2],
  ['root', MOST],
  ['ubuntu', 3],
])(
  'an up by %s of %i machines that are as they should be asks each a few times, however many there are',
  async (user, count) => {
    const { outcome, sent, trips } = await up(count, user);
    expect({ outcome, sent }).toEqual({ outcome: 'unchanged', sent: [] });
    const most = [10, ...Array<number>(count - 1).fill(3)];
    expect(trips.filter((requests, at) => requests < 1 || requests > (most[at] ?? 0))).toEqual([]);
  },
);

// The same, where all answers come at once: nothing of it is left to chance.
test.each([2, MOST])(
  'what has to be asked of each of %i of them after an answer is as much every time',
  async (count) => {
    const { plan, hosts: table } = wanted(count, 'root');
    const keys = Object.keys(table);
    const hosts = hostsInTurns(table, (key, argv) => answer(keys.indexOf(key), argv));
    expect(await converged(plan, hosts, `journal-turns-${count}`)).toBe('unchanged');
    expect([...hosts.requests.values()]).toEqual([9, ...Array<number>(count - 1).fill(3)]);
  },
);

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCluster } from '../../dist/config/load.js';
import { quoteAll } from '../../dist/core/quote.js';
import { converge } from '../../dist/engine/converge.js';
import { Instances } from '../../dist/engine/instances.js';
import { readHostFacts } from '../../dist/kubeadm/host-facts.js';
import { hostQuestions } from '../../dist/kubeadm/host-questions.js';
import { blueprintOf } from '../../dist/providers/index.js';
import { fileJournal } from '../../dist/state/journal.js';
import { revive } from '../../dist/steps/index.js';
import { openHosts } from '../../dist/transport/connect.js';
import { DIGEST, settledCluster, settledMachines } from '../../test/helpers/settled-cluster.js';
import { simulateHosts } from '../../test/helpers/simulated-hosts.js';
import { median, seconds } from '../measure.js';

export const needsRoot = false;

/** Milliseconds there and back. */
const DISTANCE = 50;
const SIZES = [2, 10, 30];
const TRIES = [1, 2, 3];
const CLUSTER = 'bench';
const VERSION = 'v1.35.8';
const MOST = Math.max(...SIZES);
const answer = settledCluster({ cluster: CLUSTER, version: VERSION, machines: settledMachines(MOST) });

/** Machines over SSH from far away: what they say of themselves, and an up that finds nothing to do on them; many at a time. */
export async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-bench-'));
  const simulated = await simulateHosts(MOST, answer, { distance: DISTANCE });
  try {
    const facts = [];
    const ups = [];
    for (const size of SIZES) {
      facts.push(await measured(size, simulated, folder, factsOf));
      ups.push(await measured(size, simulated, folder, unchangedUp));
    }
    const questions = Object.values(hostQuestions).length;
    const naively = await seconds(() => naive(simulated, folder));
    const ratio = (all) => all.at(-1).time / all[0].time;
    return [
      ...rows('facts of', facts),
      { what: `${MOST} hosts / 2 hosts`, value: ratio(facts), unit: '', most: 5 },
      { what: 'requests for the facts of a host', value: facts[0].requests, unit: '', most: 1 },
      ...rows('up that changes nothing on', ups),
      { what: `${MOST} hosts / 2 hosts`, value: ratio(ups), unit: '', most: 5 },
      { what: 'requests of it to a worker', value: ups[0].requests, unit: '', most: 3 },
      { what: `${questions} questions to one host, a connection each`, value: naively, unit: ' s' },
      {
        what: 'ours for 2 hosts / a connection for each question',
        value: facts[0].time / naively,
        unit: '',
        most: 0.1,
      },
    ];
  } finally {
    await simulated.close();
    rmSync(folder, { recursive: true });
  }
}

const rows = (what, all) =>
  all.map(({ time }, at) => ({ what: `${what} ${SIZES[at]} hosts, ${DISTANCE} ms away`, value: time, unit: ' s' }));

/** Seconds, and requests to the last of the hosts, over connections that are made anew each time. */
async function measured(size, { ports, requests, identity }, folder, act) {
  const taken = [];
  let last = 0;
  const machines = settledMachines(size).map((machine, at) => ({
    ...machine,
    ssh: { host: '127.0.0.1', port: ports[at], user: 'root', identityFiles: [identity] },
  }));
  for (const at of TRIES) {
    const { plan, hosts: table } = blueprintOf(parseCluster(JSON.stringify(clusterFile(machines)), 'bench'), {
      env: {},
      folder,
    });
    const hosts = openHosts(table, {
      secrets: { redact: (text) => text, reveal: async () => '' },
      emit: () => {},
      sshConfig: '/dev/null',
      acceptNew: true,
      knownHosts: join(folder, `known_hosts-${act.name}-${size}-${at}`),
    });
    const before = requests[size - 1];
    taken.push(await seconds(() => act({ plan, hosts, keys: Object.keys(table), folder })));
    last = requests[size - 1] - before;
    await hosts.closeAll();
  }
  return { time: median(taken), requests: last };
}

const clusterFile = (hosts) => ({
  apiVersion: 'cpaas.dev/v1alpha1',
  kind: 'Cluster',
  metadata: { name: CLUSTER },
  spec: {
    provider: { kubeadm: { version: VERSION, hosts } },
    network: { nodes: '10.1.20.0/24', pods: '192.168.0.0/16', services: '10.96.0.0/12' },
    bgp: { asNumber: 64512 },
    routers: [],
  },
});

const factsOf = ({ hosts, keys }) => Promise.all(keys.map((key) => readHostFacts(hosts.host(key))));

/** As far as it needs nothing but machines and kubeadm. */
async function unchangedUp({ plan, hosts, folder }) {
  const phases = plan.phases.filter(({ name }) => ['Hosts', 'Control plane', 'Kubeconfig', 'Nodes'].includes(name));
  const artifacts = {
    imageNames: async () => new Map(),
    program: (name, version, platform) => ({ name, version, platform }),
    digest: async () => DIGEST,
    identify: async () => ({ version: '3.31.7' }),
  };
  const engine = {
    ctx: { ...hosts, artifacts, signal: new AbortController().signal },
    journal: fileJournal(join(folder, 'journal.ndjson')),
    emit: () => {},
    revive,
    instances: new Instances(),
    parallel: 30,
    clock: () => performance.now() / 1000,
    uninterrupted: (act) => act(engine),
  };
  const outcome = await converge({ ...plan, phases }, engine, {
    consent: async () => false,
    leftovers: true,
    gates: false,
  });
  if (outcome !== 'unchanged') throw new Error(`the up is ${outcome}`);
}

/** As a loop in a shell does it. */
async function naive({ ports, identity }, folder) {
  const options = ['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(folder, 'naive')}`];
  for (const { argv } of Object.values(hostQuestions)) {
    const login = [
      '-i',
      identity,
      '-o',
      'IdentitiesOnly=yes',
      '-p',
      String(ports[0]),
      'root@127.0.0.1',
      quoteAll(argv),
    ];
    const child = spawn('ssh', [...options, ...login], { stdio: ['ignore', 'ignore', 'ignore'] });
    await once(child, 'exit');
  }
}

// `node --expose-gc scale-run.js NODES ROUTERS`: plan, an up that finds nothing to do, and status on a model world, as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { statusOf } from '../dist/commands/status.js';
import { parseCluster } from '../dist/config/load.js';
import { Facts } from '../dist/core/facts.js';
import { converge } from '../dist/engine/converge.js';
import { Instances } from '../dist/engine/instances.js';
import { planDocument } from '../dist/engine/plan-document.js';
import { survey } from '../dist/engine/survey.js';
import { join } from '../dist/providers/join/join.js';
import { routerTargets } from '../dist/providers/routers.js';
import { fileJournal } from '../dist/state/journal.js';
import { revive } from '../dist/steps/index.js';
import { planText } from '../dist/ui/screens/plan.js';
import { statusText } from '../dist/ui/screens/status.js';
import { plainStyle } from '../dist/ui/text/style.js';
import { CLUSTER, clusterFile, GATEWAY, ModelWorld } from './model-world.js';

const [nodes, count] = process.argv.slice(2).map(Number);
const world = new ModelWorld(nodes, count);
const cluster = parseCluster(JSON.stringify(clusterFile(count)), 'bench');
const routers = routerTargets(cluster);
const kube = { host: GATEWAY, kubeconfig: '/k' };
const plan = { name: CLUSTER, phases: join({ cluster, kube, routers, gateway: GATEWAY }) };
const folder = mkdtempSync(path(tmpdir(), 'cpaas-scale-'));
const engine = () => {
  const made = {
    ctx: world.ctx,
    journal: fileJournal(path(folder, 'journal.ndjson')),
    emit: () => {},
    revive,
    instances: new Instances(),
    uninterrupted: (act) => act(made),
    parallel: 30,
    clock: () => performance.now() / 1000,
  };
  return made;
};
const look = (made) => survey(plan, made, new Facts(made.ctx), { leftovers: true });
const heading = { cluster: CLUSTER, provider: 'bench', nodes, routers: count };
const view = { style: plainStyle, width: 120, verbose: false };

/** Median of several times, and what was held at most beyond what was there before. */
async function measured(act) {
  const seconds = [];
  let most = 0;
  for (let at = 0; at < (nodes > 100 ? 3 : 9); at++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    const sample = setInterval(() => {
      most = Math.max(most, process.memoryUsage().heapUsed - before);
    }, 5);
    // of this process alone: whatever else the machine does is not ours
    const start = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
    most = Math.max(most, process.memoryUsage().heapUsed - before);
    clearInterval(sample);
  }
  return {
    seconds: seconds.toSorted((one, other) => one - other)[Math.floor(seconds.length / 2)],
    megabytes: most / 1e6,
  };
}

try {
  const made = engine();
  const found = await look(made);
  const first = planDocument(CLUSTER, found, made);
  const wanted = first.summary.pending;
  const plans = await measured(async () => {
    const again = engine();
    planText({ plan: planDocument(CLUSTER, await look(again), again), heading }, view);
  });
  // what later phases want is known when the first ones are satisfied
  for (let round = 0; round < 5; round++) world.settle((await look(made)).phases.flatMap(({ looked }) => looked));
  const left = planDocument(CLUSTER, await look(made), made);
  if (
    wanted === 0 ||
    left.summary.pending + left.summary.conflict + left.summary.unreachable + left.summary.deferred > 0
  )
    throw new Error(
      `the model is not what it should be: ${JSON.stringify([first.summary, left.summary, left.phases.flatMap(({ steps }) => steps.filter(({ state }) => state !== 'satisfied').slice(0, 3))]).slice(0, 2000)}`,
    );
  const ups = await measured(async () => {
    const again = engine();
    const outcome = await converge(plan, again, { consent: async () => true, leftovers: true, gates: true });
    if (outcome !== 'unchanged') throw new Error(outcome);
  });
  const blueprint = { provider: 'bench', plan, hosts: {}, kube, nodes: undefined, routers, gateway: GATEWAY };
  const statuses = await measured(async () => {
    const { status, troubles } = await statusOf({ name: CLUSTER, plan, engine: engine(), blueprint });
    if (!status.healthy) throw new Error(JSON.stringify([status.counts, troubles.map(String)]));
    statusText({ status, heading }, view);
  });
  process.stdout.write(JSON.stringify({ plan: plans, up: ups, status: statuses, asked: world.asked }));
} finally {
  rmSync(folder, { recursive: true });
}

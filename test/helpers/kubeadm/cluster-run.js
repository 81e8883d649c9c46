// `cluster-run.js FILE STATE (up|down)`: makes the cluster of a file and its nodes, or takes them away, as `cpaas up` and `cpaas down` do,
// and nothing that comes after them. A process of its own, so that it can be killed. Prints how it ended.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCluster } from '../../../dist/config/load.js';
import { nothing } from '../../../dist/core/plan.js';
import { converge } from '../../../dist/engine/converge.js';
import { Instances } from '../../../dist/engine/instances.js';
import { blueprintOf } from '../../../dist/providers/index.js';
import { fileJournal } from '../../../dist/state/journal.js';
import { revive } from '../../../dist/steps/index.js';
import { openHosts } from '../../../dist/transport/connect.js';
import { createSecrets } from '../../../dist/transport/secrets.js';

const [file, state, command] = process.argv.slice(2);
const { plan, hosts: table } = blueprintOf(parseCluster(readFileSync(file, 'utf8'), file), { env: {}, folder: state });
const phases = plan.phases
  .filter(({ name }) => /^Control plane|^Nodes$/.test(name))
  .map((phase) => ({ ...phase, until: [], atRest: [] }));
const journal = fileJournal(join(state, 'journal.ndjson'));
const events = [];
const emit = (event) => events.push(event);
const hosts = openHosts(table, {
  secrets: createSecrets({ terminal: false }),
  emit,
  sshConfig: '/dev/null',
  acceptNew: true,
  knownHosts: join(state, 'known_hosts'),
});
const engine = {
  ctx: {
    host: (key) => hosts.host(key),
    identity: (key) => hosts.identity(key),
    artifacts: { imageNames: async () => new Map(), images: async () => [] },
    secret: () => Promise.reject(new Error('there are no secrets here')),
    signal: new AbortController().signal,
  },
  journal,
  emit,
  revive,
  instances: new Instances(),
  parallel: 30,
  clock: () => performance.now() / 1000,
  uninterrupted: (act) => act(engine),
};
journal.begin({ run: `r${journal.runs().length + 1}`, command, user: 'u', machine: 'm' });
let outcome = 'failed';
let error;
try {
  const wanted = command === 'up' ? { ...nothing(plan.name), phases } : nothing(plan.name);
  outcome = await converge(wanted, engine, { consent: async () => true, leftovers: true, gates: false });
} catch (thrown) {
  error = { code: thrown.code, message: thrown.message, evidence: thrown.evidence };
} finally {
  journal.end(outcome);
  await hosts.closeAll();
}
const applied = events.filter(({ type }) => type === 'step.applied').flatMap(({ lines }) => lines);
process.stdout.write(
  JSON.stringify({ outcome, applied, holdings: journal.holdings().length, ...(error ? { error } : {}) }),
);

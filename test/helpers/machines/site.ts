import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifacts } from '../../../src/core/artifacts.ts';
import type { PlanDocument } from '../../../src/core/documents.ts';
import type { Event } from '../../../src/core/events.ts';
import { Facts } from '../../../src/core/facts.ts';
import type { HostTable } from '../../../src/core/host-spec.ts';
import { nothing, type Phase, phase } from '../../../src/core/plan.ts';
import type { Step } from '../../../src/core/step.ts';
import type { AtStake } from '../../../src/engine/consent.ts';
import { type ConvergeOptions, converge } from '../../../src/engine/converge.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { Instances } from '../../../src/engine/instances.ts';
import { planDocument } from '../../../src/engine/plan-document.ts';
import { survey } from '../../../src/engine/survey.ts';
import { fileJournal } from '../../../src/state/journal.ts';
import { revive } from '../../../src/steps/index.ts';
import { openHosts } from '../../../src/transport/connect.ts';
import { createSecrets } from '../../../src/transport/secrets.ts';
import { fakeArtifacts } from '../fake-artifacts.ts';

/** Hosts under the engine and a journal of their own: runs phases there as `up` and `down` do. */
export interface Site {
  /** What the last run said, and everybody before it. */
  readonly events: Event[];
  /** What has been consented to. */
  readonly asked: AtStake[];
  /** In words, what the run changed: `jq`, `docker.service enabled and started`. */
  up(phases: readonly Phase[]): Promise<readonly string[]>;
  /** The same for steps of one phase. */
  steps(...steps: readonly Step[]): Promise<readonly string[]>;
  down(options?: { readonly purge?: boolean }): Promise<readonly string[]>;
  plan(phases: readonly Phase[]): Promise<Omit<PlanDocument, 'routers'>>;
  /** Ids of the places that something of ours is in. */
  holdings(): readonly string[];
  /** Ends the logins; the next run makes new ones. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

export function openSite(table: HostTable, artifacts: Artifacts = fakeArtifacts()): Site {
  const folder = mkdtempSync(join(tmpdir(), 'cpaas-site-'));
  const journal = fileJournal(join(folder, 'journal.ndjson'));
  const events: Event[] = [];
  const asked: AtStake[] = [];
  const controller = new AbortController();
  const connect = () =>
    openHosts(table, { secrets: createSecrets({ terminal: false }), emit: (event) => events.push(event) });
  let hosts = connect();
  const engine: Engine = {
    ctx: {
      host: (key) => hosts.host(key),
      identity: (key) => hosts.identity(key),
      artifacts,
      secret: () => Promise.reject(new Error('there are no secrets here')),
      signal: controller.signal,
    },
    journal,
    emit: (event) => events.push(event),
    revive,
    instances: new Instances(),
    parallel: 30,
    clock: () => performance.now() / 1000,
    uninterrupted: (act) => act(engine),
  };
  let runs = 0;
  const run = async (phases: readonly Phase[], options: Partial<ConvergeOptions>): Promise<readonly string[]> => {
    const from = events.length;
    journal.begin({ run: `r${++runs}`, command: phases.length > 0 ? 'up' : 'down', user: 'u', machine: 'm' });
    let outcome: Awaited<ReturnType<typeof converge>> = 'failed';
    try {
      outcome = await converge({ ...nothing('site'), phases }, engine, {
        consent: async (stakes) => asked.push(...stakes) > 0 || true,
        leftovers: true,
        gates: true,
        ...options,
      });
    } finally {
      journal.end(outcome);
    }
    return events.slice(from).flatMap((event) => (event.type === 'step.applied' ? event.lines : []));
  };
  return {
    events,
    asked,
    up: (phases) => run(phases, {}),
    steps: (...steps) => run([phase('Host', 5, steps)], {}),
    down: ({ purge = false } = {}) => run([], { purge, gates: false }),
    plan: async (phases) => {
      const plan = { name: 'site', phases };
      const found = await survey(plan, engine, new Facts(engine.ctx), { leftovers: true });
      return planDocument('site', found, engine);
    },
    holdings: () => journal.holdings().map(({ step }) => step),
    disconnect: async () => {
      await hosts.closeAll();
      hosts = connect();
    },
    close: async () => {
      await hosts.closeAll();
      rmSync(folder, { recursive: true });
    },
  };
}

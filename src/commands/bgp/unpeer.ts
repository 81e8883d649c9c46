import { type Call, examples, type VerbModule } from '../../cli/command.ts';
import { isUnreachable } from '../../core/errors.ts';
import { Facts } from '../../core/facts.ts';
import type { Holding } from '../../core/journal.ts';
import { nothing } from '../../core/plan.ts';
import type { ReconcileOptions } from '../../core/reconcile.ts';
import { converge } from '../../engine/converge.ts';
import type { Only } from '../../engine/only.ts';
import { selfAddresses } from '../../facts/bigip/self-addresses.ts';
import { keepsBut, keepsPeersBut, neighborsAt } from '../../providers/adhoc/keeps.ts';
import { consenting } from '../../session/run/consent.ts';
import { performRun } from '../../session/run/perform-run.ts';
import type { Run } from '../../session/run/run.ts';
import { type AdhocOptions, adhocOf, declareAdhoc, suggestingFlags } from './adhoc.ts';
import { bgpPart } from './part.ts';

export const define: VerbModule['define'] = (command, act) => {
  declareAdhoc(command, ['neighbors', 'unit', 'cluster']);
  examples(command, [
    ['cpaas bgp unpeer --confirm cpaas1', 'the routers and the cluster get back what they had'],
    ['cpaas bgp unpeer --no-cluster', 'the routers alone'],
    ['cpaas bgp unpeer --router ssh://root@10.1.20.11', 'what cpaas bgp peer has done there without a file'],
    ['cpaas bgp unpeer --router ssh://root@10.1.20.11 --neighbors 10.1.20.21 -y', 'one neighbor; the rest stays'],
  ]);
  act<AdhocOptions>(command, async (call) => {
    const { options, io } = call;
    const adhoc = await adhocOf(call, { verb: 'unpeer' }, ['neighbors']);
    const running = performRun(
      'bgp unpeer',
      call,
      async (run) => {
        const { engine, name } = run;
        const consent = consenting('bgp unpeer', name, options, io);
        const converging = {
          consent,
          leftovers: true,
          gates: false,
          only: partOf(run, call),
          ...(await sparing(run, call)),
        };
        const outcome = await converge(nothing(name), engine, converging);
        return { outcome, ...(options.neighbors ? { from: listed(options.neighbors) } : {}) };
      },
      { adhoc, fileless: true },
    );
    return suggestingFlags(running, 'cpaas bgp unpeer --router ssh://root@10.1.20.11');
  });
};

type UnpeerCall = Call<AdhocOptions>;

/** The places that are given back: the routers' and the cluster's; of the units named alone; with neighbors, nothing but these. */
function partOf({ adhoc }: Run, { options: { clusterSide = true, neighbors } }: UnpeerCall): Only {
  const part = bgpPart({ cluster: clusterSide && neighbors === undefined });
  const isNamed = (host: string, kind: string): boolean => !adhoc || kind.startsWith('calico.') || host in adhoc.hosts;
  return { ...part, item: (item) => part.item(item) && isNamed(item.step.host, item.step.kind) };
}

/** What stays in these places. */
async function sparing(run: Run, { options: { neighbors } }: UnpeerCall): Promise<Pick<ReconcileOptions, 'keeps'>> {
  const holdings = run.engine.journal.holdings();
  if (neighbors) {
    const own = holdings.filter(({ host }) => !run.adhoc || host in run.adhoc.hosts);
    return { keeps: keepsBut(await checked(neighbors, own)) };
  }
  return run.adhoc ? { keeps: keepsPeersBut(await addressesOf(run), holdings) } : {};
}

const listed = (given: readonly string[]): readonly string[] =>
  given.flatMap((text) => text.split(',')).map((text) => text.trim());

/** Rejects with `USAGE.FLAGS` neighbors that are not ours to take away. */
async function checked(given: readonly string[], holdings: readonly Holding[]): Promise<ReadonlySet<string>> {
  const ours = new Set(holdings.flatMap(neighborsAt));
  const asked = listed(given);
  const known = [...ours].join(', ') || 'none';
  const problems = asked
    .filter((address) => !ours.has(address))
    .map((address) => ({
      label: '--neighbors',
      text: `${address} is no neighbor that cpaas has made; it made: ${known}`,
    }));
  if (problems.length === 0) return new Set(asked);
  const { misused } = await import('../../config/adhoc.ts');
  throw misused('unpeer', problems);
}

/** Every address of the units: those that the cluster peers with are among them. A unit that is out of reach has the one it is reached by. */
async function addressesOf({ adhoc, engine }: Run): Promise<ReadonlySet<string>> {
  const facts = new Facts(engine.ctx);
  const units = await Promise.all(
    Object.entries(adhoc?.hosts ?? {}).map(async ([key, { reach }]) => {
      if (reach.via !== 'ssh') return [];
      return facts.get(selfAddresses(key)).catch((error: unknown) => {
        if (isUnreachable(error)) return [reach.host];
        throw error;
      });
    }),
  );
  return new Set(units.flat());
}

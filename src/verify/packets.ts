import type { Check } from '../core/documents.ts';
import { isUnreachable } from '../core/errors.ts';
import type { ClusterPod } from '../facts/cluster/pods.ts';
import { type ToldPod, toldPods } from '../facts/cluster/told-pods.ts';
import type { RouterTarget } from '../facts/router-target.ts';
import { type Probe, probe } from '../routers/bigip/unit/probe.ts';
import { check, type Subject, timed } from './subject.ts';

/** Any port will do: a pod that refuses a connection has answered. */
const PORT = 8080;

const titles: Readonly<Record<Probe['way'], string>> = {
  tcp: 'a pod answers TCP from the router',
  ping: 'a pod answers ping from the router',
  'full-size ping': 'a full-size packet comes through',
};

/** From each router to a pod on each node: TCP, ping, and a packet that fills a frame. */
export async function packetChecks(subject: Subject): Promise<readonly Check[]> {
  const { kube, nodes, facts, routers } = subject;
  const targets = await facts.get(toldPods(kube, nodes));
  return (await Promise.all(routers.map((router) => fromRouter(router, targets, subject)))).flat();
}

async function fromRouter(
  router: RouterTarget,
  targets: readonly ToldPod[],
  { ctx }: Subject,
): Promise<readonly Check[]> {
  const skipped = targets
    .filter(({ pod }) => !pod)
    .map(({ node, quiet }) => {
      const why = quiet
        ? 'routers are told of none of the pools of the pods there'
        : 'no pod with a pod address runs there';
      return check(['packet', router.name, node], titles.tcp, 'skip', why);
    });
  const asked = targets.flatMap(({ node, pod }) => (pod ? probesOf(pod).map((each) => ({ node, pod, each })) : []));
  try {
    const [answers, seconds] = await timed(() =>
      probe(
        ctx.host(router.host),
        asked.map(({ each }) => each),
        router.routeDomain,
      ),
    );
    const checks = asked.map(({ node, pod, each }, at) => {
      const { reached = false, detail = 'not asked' } = answers[at] ?? {};
      const about = `${pod.name} (${pod.address}): ${detail}`;
      const share = seconds / asked.length;
      return check(
        [each.way.replace(' ', '-'), router.name, node],
        titles[each.way],
        reached ? 'pass' : 'fail',
        about,
        share,
      );
    });
    return [...checks, ...skipped];
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return [check(['packet', router.name], titles.tcp, 'fail', error.message), ...skipped];
  }
}

const probesOf = ({ address }: ClusterPod): readonly Probe[] => [
  { way: 'tcp', address, port: PORT },
  { way: 'ping', address },
  { way: 'full-size ping', address },
];

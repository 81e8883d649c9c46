import { z } from 'zod';
import { CpaasError } from '../../core/errors.ts';
import type { Fact } from '../../core/facts.ts';
import { type ReadCommand, reading } from '../../core/reading.ts';
import { parseAnswer } from '../../host/answer.ts';
import { parseRules } from '../../host/iptables.ts';
import { type KernelRoute, LIST_ROUTES, parseRoutes } from '../../host/kernel-routes.ts';
import { contains, parseAddress } from '../../net/cidr.ts';

/** The network of a machine that nodes stand behind, as seen from one router. */
export interface VmNetwork {
  /** Device towards the router. */
  readonly uplink: string;
  /** The machine's address there: next hop of the router's way to the nodes. */
  readonly gateway: string;
  /** Device of the node network. */
  readonly bridge: string;
  /** Whether Docker's packet filter stands between; in which flavour of iptables where it is not the usual one. */
  readonly docker: boolean;
  readonly flavour?: 'nft' | 'legacy';
}

/** Both go into rules and routes. */
const Device = z.string().regex(/^[\w.@:-]+$/);
const Got = z.array(z.object({ dev: Device, prefsrc: z.string().refine(parseAddress).optional() })).min(1);

/** `nodes` is the CIDR of the node network. Rejects with `HOST.ROUTE` where the machine knows no way to the router or the nodes. */
export const vmNetwork = (
  host: string,
  { router, nodes }: { readonly router: string; readonly nodes: string },
): Fact<VmNetwork> => ({
  name: `vm-network ${host} between ${router} and ${nodes}`,
  async read(ctx) {
    const machine = ctx.host(host);
    const toRouter = reading(['ip', '-json', 'route', 'get', router], { codes: [1, 2] });
    const [way, routes, rules, nft, legacy] = await machine.queryAll([
      toRouter,
      LIST_ROUTES,
      ...['iptables-save', 'iptables-nft-save', 'iptables-legacy-save'].map(saving),
    ]);
    if (way?.code !== 0) throw noWay(machine.name, router, way?.stderr);
    const [got] = parseAnswer(Got, way.stdout, 'HOST.ANSWER', `ip route on ${machine.name}`);
    const bridge = networkOf(parseRoutes(routes?.stdout ?? '', machine.name), nodes);
    if (!got?.prefsrc || !bridge) throw noWay(machine.name, bridge ? router : nodes, way.stdout);
    const flavour = hasDocker(rules?.stdout) ? undefined : hasDocker(nft?.stdout) ? 'nft' : 'legacy';
    const docker = flavour !== 'legacy' || hasDocker(legacy?.stdout);
    return { uplink: got.dev, gateway: got.prefsrc, bridge, docker, ...(docker && flavour ? { flavour } : {}) };
  },
});

/** Not every machine has iptables, or both of its flavours. */
const saving = (program: string): ReadCommand => reading([program], { codes: [1, 127] });

const hasDocker = (save = ''): boolean => parseRules(save).chains.has('filter DOCKER-USER');

/** The device with an address in the node network: of a route that the kernel made for it, the narrowest first. */
function networkOf(routes: readonly KernelRoute[], nodes: string): string | undefined {
  const connected = routes.filter(({ protocol, destination }) => protocol === 'kernel' && contains(destination, nodes));
  return connected.toSorted((a, b) => length(b) - length(a))[0]?.dev;
}

const length = ({ destination }: KernelRoute): number => Number(destination.split('/')[1]);

const noWay = (host: string, target: string, answer = ''): CpaasError =>
  new CpaasError('HOST.ROUTE', `${host} has no way to ${target}`, {
    evidence: [{ label: 'answer', text: answer.trim() || 'no such network' }],
    next: [{ label: 'see which networks it has', command: 'ip address; ip route' }],
  });

import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Command, ElementChange } from '../../core/step.ts';
import { inRange, LIST_ROUTES, OUR_PROTOCOL, parseRoutes } from '../../host/kernel-routes.ts';
import { Within } from '../../host/within.ts';

/** `range` bounds what is ours: the pod range of the cluster. Another cluster on this host has another. */
const Place = z.strictObject({ host: z.string(), cluster: z.string(), range: z.string(), within: Within });
export type HostRoutesPlace = z.infer<typeof Place>;
const Route = z.strictObject({ via: z.string(), protocol: z.string(), metric: z.number().optional() });
export type HostRoute = z.infer<typeof Route>;

/** The wish for one destination, as `10.53.0.0/26`. */
export const route = (destination: string, via: string): readonly [string, HostRoute] => [
  destination,
  { via, protocol: OUR_PROTOCOL },
];

/** Routes of one host into the pod range, by destination. Another's route there is left when it leads the same way. */
export const hostRoutes = defineStep<HostRoutesPlace, HostRoute>({
  kind: 'host.routes',
  place: Place,
  value: Route,
  undo: 'down',
  id: ({ host, range }) => `${host}/${range}`,
  title: ({ cluster }) => `Routes to the pods of ${cluster}`,
  host: ({ host }) => host,
  within: ({ within }) => within,
  risk: ({ key, to }) =>
    to ? { risk: 'additive' } : { risk: 'disruptive', why: `the pods of ${key} are no longer reached from here` },
  describe: ({ key, from, to }) => `${key} via ${[from?.via, to?.via].filter(Boolean).join(' → ')}`,

  claim(key, seen, want, ours) {
    if (!seen || ours) return 'take';
    if (seen.value.via === want.via) return 'leave';
    return { conflict: `somebody else routes ${key} to ${seen.value.via} (protocol ${seen.value.protocol})` };
  },

  async read(ctx, { host, range }, keys) {
    const machine = ctx.host(host);
    const oursToManage = inRange(range);
    const { stdout } = await machine.query(LIST_ROUTES);
    const rows = parseRoutes(stdout, machine.name).map(({ destination, via, protocol, metric }) => ({
      key: destination,
      value: { via, protocol, ...(metric === undefined ? {} : { metric }) },
      mark: protocol === OUR_PROTOCOL && oursToManage(destination) ? ('ours' as const) : ('other' as const),
    }));
    const asked = rows.filter(({ key, mark }) => keys.has(key) || mark === 'ours').toReversed();
    // Routes to one destination may differ in metric: ours is the one we manage, otherwise the kernel's first. The last one stays.
    const order = [...asked.filter(({ mark }) => mark === 'other'), ...asked.filter(({ mark }) => mark === 'ours')];
    return new Map(order.map(({ key, value, mark }) => [key, { value, mark }]));
  },

  commands: (_, changes) => batch(changes),

  async write(ctx, { host }, changes) {
    for (const { argv, stdin = '' } of batch(changes)) {
      const machine = ctx.host(host);
      const { code, stderr } = await machine.run(argv, { stdin, codes: [1, 2] });
      if (code !== 0) throw refused(machine.name, stdin.split('\n'), stderr);
    }
  },
});

const batch = (changes: readonly ElementChange<HostRoute>[]): readonly Command[] =>
  changes.length === 0 ? [] : [{ argv: ['ip', '-batch', '-'], stdin: `${changes.flatMap(lines).join('\n')}\n` }];

/** `replace` overwrites anybody's route of the same metric without a word, so it is for our own alone; `add` refuses. */
function lines({ key, from, to }: ElementChange<HostRoute>): readonly string[] {
  // one that was adopted is still of the protocol it was found with
  const gone = `route del ${key} proto ${from?.protocol ?? OUR_PROTOCOL}${from?.metric ? ` metric ${from.metric}` : ''}`;
  if (!to) return [gone];
  const target = `${key} via ${to.via} proto ${to.protocol}`;
  if (!from) return [`route add ${target}`];
  return from.metric ? [gone, `route add ${target}`] : [`route replace ${target}`];
}

/** `ip -batch` stops at the first line that fails and keeps the ones before. */
function refused(host: string, sent: readonly string[], stderr: string): CpaasError {
  const line = sent[Number(/Command failed -:(\d+)/.exec(stderr)?.[1]) - 1];
  const answer = stderr.split('\n').filter((text) => text && !text.startsWith('Command failed'));
  const evidence = [...(line ? [{ label: 'line', text: line }] : []), { label: 'answer', text: answer.join(' ') }];
  if (/invalid gateway|Network is unreachable/.test(stderr))
    return new CpaasError('HOST.GATEWAY', `${host} has no network in which the next hop of this route stands`, {
      evidence,
      next: [{ label: 'see which networks the host has', command: 'ip address; ip route' }],
    });
  return new CpaasError('HOST.ROUTES', `${host} refused a route; those before it are in place`, { evidence });
}

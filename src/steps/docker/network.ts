import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import { CpaasError } from '../../core/errors.ts';
import type { Claim, ElementChange, Seen } from '../../core/step.ts';
import { parseAnswer } from '../../host/answer.ts';
import { askDocker } from '../../k3d/containers.ts';
import { OWNER } from '../../k3d/names.ts';

const Place = z.strictObject({ host: z.string(), cluster: z.string() });
export type DockerNetworkPlace = z.infer<typeof Place>;

/** `unprotected`: whether Docker lets through what is addressed to containers that publish no port (from 28.0). */
const Network = z.strictObject({
  driver: z.string(),
  subnet: z.string(),
  gateway: z.string(),
  /** Name of its device. */
  bridge: z.string(),
  unprotected: z.boolean(),
});
export type DockerNetwork = z.infer<typeof Network>;

const NAME = 'com.docker.network.bridge.name';
const MODE = 'com.docker.network.bridge.gateway_mode_ipv4';
const UNPROTECTED = 'nat-unprotected';

/** Networks of a Docker Engine by name. Those of a cluster bear its label. */
export const dockerNetwork = defineStep<DockerNetworkPlace, DockerNetwork>({
  kind: 'docker.network',
  place: Place,
  value: Network,
  undo: 'down',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: () => 'Docker network',
  host: ({ host }) => host,
  claim,
  describe: ({ key, from, to }) => `network ${key} ${(to ?? from)?.subnet} on ${(to ?? from)?.bridge}`,
  risk: ({ key, to }) =>
    to ? { risk: 'additive' } : { risk: 'disruptive', why: `the Docker network ${key}, and all ways through it` },

  async read(ctx, { host, cluster }, keys) {
    const machine = ctx.host(host);
    const filter = ['--filter', `label=${OWNER}=${cluster}`, '--format', '{{.Name}}'];
    const marked = await askDocker(machine, ['docker', 'network', 'ls', ...filter]);
    const names = [...new Set([...keys, ...marked.stdout.split('\n').filter(Boolean)])];
    if (names.length === 0) return new Map();
    const { stdout } = await askDocker(machine, ['docker', 'network', 'inspect', ...names]);
    const found = stdout.trim()
      ? parseAnswer(z.array(Inspected), stdout, 'DOCKER.ANSWER', 'docker network inspect')
      : [];
    return new Map(found.map((each) => [each.Name, seen(each, cluster)] as const));
  },

  commands: ({ cluster }, changes) =>
    changes.flatMap((change) => commandsOf(change, cluster)).map(({ argv }) => ({ argv })),

  async write(ctx, { host, cluster }, changes) {
    for (const { key, argv } of changes.flatMap((change) => commandsOf(change, cluster))) {
      const { code, stderr } = await ctx.host(host).run(argv, { codes: [1] });
      const isThere = argv[2] === 'rm' ? /not found|no such network/i : /already exists/i;
      if (code !== 0 && !isThere.test(stderr)) throw refused(ctx.host(host).name, key, stderr);
    }
  },
});

const Inspected = z.object({
  Name: z.string(),
  Driver: z.string(),
  IPAM: z.object({
    Config: z.array(z.object({ Subnet: z.string().optional(), Gateway: z.string().optional() })).nullish(),
  }),
  Options: z.record(z.string(), z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

function seen({ Driver, IPAM, Options, Labels }: z.infer<typeof Inspected>, cluster: string): Seen<DockerNetwork> {
  const [v4] = (IPAM.Config ?? []).filter(({ Subnet }) => Subnet?.includes('.'));
  return {
    value: {
      driver: Driver,
      subnet: v4?.Subnet ?? '',
      gateway: v4?.Gateway ?? '',
      bridge: Options?.[NAME] ?? '',
      unprotected: Options?.[MODE] === UNPROTECTED,
    },
    mark: Labels?.[OWNER] === cluster ? 'ours' : 'other',
  };
}

/** The one thing that may differ is how the filter was set up: rules of ours open what it leaves shut. */
function claim(key: string, there: Seen<DockerNetwork> | undefined, want: DockerNetwork, ours: boolean): Claim {
  if (!there) return 'take';
  const { driver, subnet, gateway, bridge } = there.value;
  if (!ours) return { conflict: `somebody else's Docker network is called ${key} (${subnet}): remove or rename it` };
  if (driver === want.driver && subnet === want.subnet && gateway === want.gateway && bridge === want.bridge)
    return 'leave';
  return {
    conflict: `the Docker network ${key} is ${subnet} on ${bridge}, and cannot become ${want.subnet} on ${want.bridge} while the cluster stands in it: cpaas down first`,
  };
}

function commandsOf({ key, from, to }: ElementChange<DockerNetwork>, cluster: string) {
  if (!to) return from ? [{ key, argv: ['docker', 'network', 'rm', key] }] : [];
  const options = [
    `--driver=${to.driver}`,
    `--subnet=${to.subnet}`,
    `--gateway=${to.gateway}`,
    `--opt=${NAME}=${to.bridge}`,
    ...(to.unprotected ? [`--opt=${MODE}=${UNPROTECTED}`] : []),
    `--label=${OWNER}=${cluster}`,
  ];
  return [{ key, argv: ['docker', 'network', 'create', ...options, key] }];
}

const refused = (host: string, network: string, answer: string): CpaasError =>
  new CpaasError('DOCKER.NETWORK', `${host}: Docker refused a change of the network ${network}`, {
    evidence: [{ label: 'answer', text: answer.trim() }],
    next: [{ label: 'see which networks there are, and who is in them', command: 'docker network ls; ip address' }],
  });

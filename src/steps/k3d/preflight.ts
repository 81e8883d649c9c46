import { z } from 'zod';
import { defineStep } from '../../core/define-step.ts';
import type { Claim, Wanted } from '../../core/step.ts';
import { type Condition, calicoctlProgram, freeNetwork, k3dProgram, kubectlProgram } from '../../k3d/conditions.ts';

/**
 * `engine`: why Docker cannot be used, where it cannot; `kubernetes`: why this release will not run with it. `nodes` is the CIDR of the
 * node network, `bridge` its device.
 */
const Place = z.strictObject({
  host: z.string(),
  cluster: z.string(),
  engine: z.string().optional(),
  kubernetes: z.string().optional(),
  nodes: z.string(),
  bridge: z.string(),
  calico: z.string(),
});
export type K3dPreflightPlace = z.infer<typeof Place>;

const ENGINE = 'Docker Engine';
const RELEASE = 'release of Kubernetes';

/** What a machine must have for a cluster of k3d. */
export const k3dConditions = ({ nodes, calico }: Pick<K3dPreflightPlace, 'nodes' | 'calico'>): Wanted<Condition> =>
  [ENGINE, RELEASE, 'k3d', 'kubectl', `calicoctl ${calico}`, `node network ${nodes}`].map((key) => [
    key,
    true as const,
  ]);

/** Conditions that are looked at and never made: each one that does not hold is a conflict that names what is missing. */
export const k3dPreflight = defineStep<K3dPreflightPlace, Condition>({
  kind: 'k3d.preflight',
  place: Place,
  value: z.union([z.literal(true), z.string()]),
  undo: 'never',
  id: ({ host, cluster }) => `${host}/${cluster}`,
  title: () => 'conditions on the machine',
  host: ({ host }) => host,
  claim: (key, seen): Claim => ({ conflict: typeof seen?.value === 'string' ? seen.value : `${key} is not there` }),
  risk: () => ({ risk: 'additive' }),
  commands: () => [],

  async read(ctx, { host, engine, kubernetes, nodes, bridge, calico }, keys) {
    const machine = ctx.host(host);
    const found = new Map<string, { readonly value: Condition }>();
    const look = async (key: string, looked: Promise<Condition> | Condition) => {
      found.set(key, { value: await looked });
    };
    await look(ENGINE, engine === undefined || `${machine.name}: ${engine}`);
    await look(RELEASE, kubernetes === undefined || `${machine.name}: ${kubernetes}`);
    await look('k3d', k3dProgram(machine));
    await look('kubectl', kubectlProgram(machine));
    await look(`calicoctl ${calico}`, calicoctlProgram(machine, calico));
    await look(`node network ${nodes}`, freeNetwork(machine, nodes, bridge));
    return new Map([...found].filter(([key]) => keys.has(key)));
  },
});

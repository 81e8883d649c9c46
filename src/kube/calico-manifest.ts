import { z } from 'zod';
import { changeCniTemplate } from './cni-template.ts';
import { type ManifestObject, parseManifest, printManifest } from './manifest.ts';
import { changing, type Fields, isMap, listAt, missingAnchor, type Patch, textAt, under } from './manifest-patch.ts';

/**
 * What a cluster says of Calico's data plane. `pods`: the pod network, CIDR of the only pool; `blockSize`: prefix length of a node's
 * blocks; `nodes`: CIDR in which a node finds its own address, without it Calico takes the first one that it meets; `podForwarding`:
 * whether pods may forward packets, which Calico switches off in each; `securityfs`: false where nodes have none, as in containers:
 * releases that mount it (3.31.7, 3.32.2) may not start there.
 */
export const CalicoSettings = z.strictObject({
  pods: z.string(),
  blockSize: z.number(),
  encapsulation: z.enum(['None', 'IPIP', 'VXLAN', 'IPIPCrossSubnet', 'VXLANCrossSubnet']),
  natOutgoing: z.boolean(),
  nodes: z.string(),
  podForwarding: z.boolean().optional(),
  securityfs: z.boolean().optional(),
});
export type CalicoSettings = z.infer<typeof CalicoSettings>;

/**
 * The objects of Calico's published manifest with a cluster's settings in them. Objects and fields that no setting is about stay as
 * published, also those that nobody has heard of. Rejects with `CALICO.MANIFEST` where a setting's place is not there: none is left out
 * silently.
 */
export const calicoObjects = (
  published: readonly ManifestObject[],
  settings: CalicoSettings,
): readonly ManifestObject[] =>
  patches(settings).reduce<readonly ManifestObject[]>((current, patch) => patch(current), published);

/** The same as text. */
export const calicoManifest = (published: string, settings: CalicoSettings): string =>
  printManifest(
    calicoObjects(parseManifest(published), settings),
    "Calico's published manifest, with the settings of a cluster file put in by cpaas",
  );

const patches = ({ podForwarding = false, securityfs = true, ...rest }: CalicoSettings): readonly Patch[] => [
  birdBackend,
  nodeEnvironment(environment(rest)),
  ...(podForwarding ? [allowPodForwarding] : []),
  ...(securityfs ? [] : [withoutSecurityfs]),
];

const changingConfig = (change: (data: Fields) => Fields): Patch =>
  changing('ConfigMap', 'calico-config', (config) => under(config, ['data'], change));

const changingNodePod = (change: (pod: Fields) => Fields): Patch =>
  changing('DaemonSet', 'calico-node', (daemonSet) => under(daemonSet, ['spec', 'template', 'spec'], change));

/** BIRD speaks to the routers, whatever carries packets between nodes. */
const birdBackend = changingConfig((data) => {
  textAt(data, 'calico_backend');
  return { ...data, calico_backend: 'bird' };
});

/** Values of `ipipMode` and `vxlanMode`. */
const tunnels = {
  None: ['Never', 'Never'],
  IPIP: ['Always', 'Never'],
  IPIPCrossSubnet: ['CrossSubnet', 'Never'],
  VXLAN: ['Never', 'Always'],
  VXLANCrossSubnet: ['Never', 'CrossSubnet'],
} as const;

/** What calico-node makes its pool of, once, while there is none; and where it looks for its address at each start. */
function environment({ pods, blockSize, encapsulation, natOutgoing, nodes }: CalicoSettings) {
  const [ipip, vxlan] = tunnels[encapsulation];
  return {
    IP: 'autodetect',
    IP_AUTODETECTION_METHOD: `cidr=${nodes}`,
    CALICO_IPV4POOL_CIDR: pods,
    CALICO_IPV4POOL_BLOCK_SIZE: `${blockSize}`,
    CALICO_IPV4POOL_IPIP: ipip,
    CALICO_IPV4POOL_VXLAN: vxlan,
    CALICO_IPV4POOL_NAT_OUTGOING: `${natOutgoing}`,
  };
}

/** Variables that are there keep their place, the others come last. */
const nodeEnvironment = (wanted: Readonly<Record<string, string>>): Patch =>
  changingNodePod((pod) => ({
    ...pod,
    containers: listAt(pod, 'containers', 'calico-node').map((container) =>
      container['name'] === 'calico-node'
        ? { ...container, env: withVariables(listAt(container, 'env', 'CALICO_IPV4POOL_IPIP'), wanted) }
        : container,
    ),
  }));

function withVariables(env: readonly Fields[], wanted: Readonly<Record<string, string>>): readonly Fields[] {
  const names = env.map(({ name }) => name);
  const kept = env.filter(({ name }, position) => !isWanted(name, wanted) || names.indexOf(name) === position);
  const added = Object.entries(wanted).filter(([name]) => !names.includes(name));
  return [
    ...kept.map((entry) => (isWanted(entry['name'], wanted) ? variable(entry['name'], wanted) : entry)),
    ...added.map(([name]) => variable(name, wanted)),
  ];
}

const isWanted = (name: unknown, wanted: Readonly<Record<string, string>>): name is string =>
  typeof name === 'string' && Object.hasOwn(wanted, name);

const variable = (name: string, wanted: Readonly<Record<string, string>>): Fields => ({ name, value: wanted[name] });

const allowPodForwarding = changingConfig((data) => ({
  ...data,
  cni_network_config: changeCniTemplate(textAt(data, 'cni_network_config'), (network) => {
    const plugins = listAt(network, 'plugins');
    if (!plugins.some(({ type }) => type === 'calico')) throw missingAnchor('the plugin calico of cni_network_config');
    return { ...network, plugins: plugins.map((each) => (each['type'] === 'calico' ? forwarding(each) : each)) };
  }),
}));

function forwarding(plugin: Fields): Fields {
  const { container_settings: settings } = plugin;
  return { ...plugin, container_settings: { ...(isMap(settings) ? settings : {}), allow_ip_forwarding: true } };
}

const SECURITYFS = '/sys/kernel/security';

/** Releases that do not mount it have nothing to take away. */
const withoutSecurityfs = changingNodePod((pod) => {
  const volumes = listAt(pod, 'volumes');
  const gone = volumes.flatMap(({ name, hostPath }) =>
    isMap(hostPath) && hostPath['path'] === SECURITYFS ? [name] : [],
  );
  const unmounted = (container: Fields): Fields =>
    container['volumeMounts'] === undefined
      ? container
      : { ...container, volumeMounts: listAt(container, 'volumeMounts').filter(({ name }) => !gone.includes(name)) };
  return {
    ...pod,
    volumes: volumes.filter(({ name }) => !gone.includes(name)),
    initContainers: listAt(pod, 'initContainers').map(unmounted),
    containers: listAt(pod, 'containers', 'calico-node').map(unmounted),
  };
});

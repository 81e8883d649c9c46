import { z } from 'zod';
import { API_VERSION } from '../core/documents.ts';
import { dnsLabel } from './schema/fields.ts';
import { Artifacts, Host, Routes, Tools } from './schema/host.ts';
import { Bgp, Calico, Network } from './schema/network.ts';
import { Provider } from './schema/providers.ts';
import { Router } from './schema/router.ts';

const Spec = z.strictObject({
  provider: Provider.describe('Who makes the cluster: exactly one of k3d, kubeadm, existing and lab'),
  network: Network.prefault({}).describe('The networks; none may overlap another'),
  calico: Calico.prefault({}).describe('The network plugin'),
  bgp: Bgp.prefault({}).describe("The cluster's side of BGP"),
  routers: z.array(Router).prefault([]).describe('The BIG-IP units that peer with the nodes'),
  routes: Routes.prefault({}).describe('Routes to the pod blocks on the machine that nodes are behind'),
  artifacts: Artifacts.prefault({}).describe('Where programs, manifests and images come from'),
  tools: Tools.prefault({}).describe('Versions of programs on the host; those that fit the cluster'),
  host: Host.prefault({}).describe('What cpaas may do to the host beyond what it needs'),
});

/** The cluster file as written: the single source of its types, static defaults, JSON Schema, reference page and messages. */
export const ClusterFile = z
  .strictObject({
    apiVersion: z.literal(API_VERSION).describe('Version of this format'),
    kind: z.literal('Cluster').describe('What the file describes'),
    metadata: z
      .strictObject({
        name: dnsLabel(32).describe('Name of the cluster: state, namespaces and node names begin with it'),
      })
      .describe('What the cluster is called'),
    spec: Spec.describe('What it is'),
  })
  .meta({ title: 'cpaas cluster file' });
export type ClusterFile = z.infer<typeof ClusterFile>;

/** The networks of a cluster. `gateway` and `lan` stay open where only the world or `defaults.ts` can tell. */
type ClusterNetwork = ClusterFile['spec']['network'] & {
  readonly nodes: string;
  readonly pods: string;
  readonly services: string;
};

/** The cluster file as the rest of cpaas sees it: checked, every default filled in. */
export type Cluster = Omit<ClusterFile, 'spec'> & {
  spec: Omit<ClusterFile['spec'], 'network'> & { network: ClusterNetwork };
};
export type ClusterRouter = Cluster['spec']['routers'][number];

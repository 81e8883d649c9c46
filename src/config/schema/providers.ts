import { z } from 'zod';
import { dnsLabel, HostName, Ipv4Address, version } from './fields.ts';
import { Lab } from './lab.ts';
import { Fingerprint, mirrorOf } from './repositories.ts';
import { Ssh } from './ssh.ts';

const K3d = z.strictObject({
  servers: z.number().int().min(1).max(99).default(1).describe('Control-plane nodes; an odd number keeps a majority'),
  agents: z.number().int().min(0).max(999).default(3).describe('Worker nodes'),
  version: version('v1.35.5+k3s1', /^v\d+\.\d+\.\d+\+k3s\d+$/)
    .default('v1.35.5+k3s1')
    .describe('Release of k3s that the nodes run'),
  tlsSans: z
    .array(HostName)
    .default([])
    .describe("Further names and addresses in the API server's certificate; this machine's address is always in it"),
  disable: z
    .array(z.string().min(1))
    .default(['servicelb', 'traefik'])
    .describe('Parts of k3s to leave out: a BIG-IP does their work'),
});

const LABEL = '[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const KEY = `([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?${LABEL}`;
const Key = z.string().regex(new RegExp(`^${KEY}$`), { error: 'is no key of a label, such as example.com/rack' });
const LabelValue = z.string().regex(new RegExp(`^(${LABEL})?$`), {
  error: 'a value has at most 63 letters, digits, dashes, dots and underscores',
});
const Taint = z.string().regex(new RegExp(`^${KEY}(=${LABEL})?:(NoSchedule|PreferNoSchedule|NoExecute)$`), {
  error: 'a taint is KEY=VALUE:EFFECT or KEY:EFFECT; effects are NoSchedule, PreferNoSchedule and NoExecute',
});

const KubeadmHost = z.strictObject({
  name: dnsLabel(63).describe('Name of the node'),
  role: z.enum(['control-plane', 'worker']).describe('What it does in the cluster'),
  address: Ipv4Address.optional().describe(
    'Its address on the node network; the one it has there, when it has just one',
  ),
  ssh: Ssh.describe('How to log in'),
  labels: z.record(Key, LabelValue).default({}).describe('Labels of the node'),
  taints: z
    .array(Taint)
    .default([])
    .describe('What keeps pods away from it that do not tolerate it: KEY=VALUE:EFFECT or KEY:EFFECT'),
});

const Repositories = z.strictObject({
  kubernetes: mirrorOf('https://pkgs.k8s.io'),
  docker: mirrorOf('https://download.docker.com/linux'),
  key: Fingerprint.describe('Fingerprint of the key that the mirrors sign with, where it is not the publishers’'),
});

const Kubeadm = z.strictObject({
  hosts: z.array(KubeadmHost).min(1).describe('The machines; at least one control-plane'),
  version: version('v1.35.8', /^v\d+\.\d+\.\d+$/)
    .default('v1.35.8')
    .describe('Release of Kubernetes'),
  prepare: z
    .enum(['packages', 'files', 'none'])
    .optional()
    .describe(
      'Where what a machine lacks comes from: packages from repositories, files by digest from here; none: it must be there. files where artifacts names a mirror or a bundle, else packages',
    ),
  repositories: Repositories.prefault({}).describe('Where machines take packages from that no distribution has'),
  controlPlaneEndpoint: z
    .string()
    .regex(/^[^\s:/]+(:\d{1,5})?$/, { error: 'the endpoint is NAME or NAME:PORT, without https://' })
    .optional()
    .describe(
      'Name or address, and port, that all control planes share; needed for more than one, and cannot be added later',
    ),
});

const Existing = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe('Path of its kubeconfig; KUBECONFIG, or ~/.kube/config'),
  context: z.string().min(1).optional().describe('Context in it; the current one'),
});

export const Provider = z
  .strictObject({
    k3d: K3d.optional().describe('k3s nodes in containers on this machine'),
    kubeadm: Kubeadm.optional().describe('Several machines, joined by kubeadm over SSH'),
    existing: Existing.optional().describe('A cluster that is there already, with Calico'),
    lab: Lab.optional().describe('Practice network in namespaces of this machine: no Docker, internet or licence'),
  })
  .meta({ minProperties: 1, maxProperties: 1 });

/**
 * The order of all phases that any provider may have. The journal remembers these numbers: undoing goes through them backwards, also
 * for places whose cluster file is gone.
 */
export const ranks = {
  lab: 10,
  host: 12,
  tools: 15,
  hosts: 16,
  cluster: 20,
  /** Further control planes, one after the other, from here on. */
  controlPlanes: 21,
  network: 22,
  kubeconfig: 24,
  nodes: 25,
  labels: 26,
  calico: 30,
  forwarding: 40,
  routers: 50,
  hostRoutes: 60,
  atBoot: 70,
} as const;

import type { Verb } from '../cli/command.ts';

/** Every verb, in the order of `cpaas --help`. One module each, loaded only when called. */
export const verbs: readonly Verb[] = [
  { name: 'init', summary: 'write a commented cluster file', load: () => import('./init/init.ts') },
  {
    name: 'validate',
    summary: 'check the cluster file alone, without any network',
    load: () => import('./validate.ts'),
  },
  { name: 'plan', summary: 'show what up would do, down to each line that is sent', load: () => import('./plan.ts') },
  { name: 'up', summary: 'make it so; safe to repeat', load: () => import('./up.ts') },
  {
    name: 'status',
    summary: 'show what exists now, and what differs from the file',
    load: () => import('./status.ts'),
  },
  { name: 'verify', summary: 'prove it with sessions, routes and packets', load: () => import('./verify.ts') },
  { name: 'doctor', summary: 'say why it does not work, and what to do', load: () => import('./doctor/doctor.ts') },
  { name: 'down', summary: 'undo everything that cpaas did', load: () => import('./down.ts') },
  { name: 'rollback', summary: 'undo one run', load: () => import('./rollback.ts') },
  { name: 'runs', summary: 'list what was done when', load: () => import('./runs/runs.ts') },
  { name: 'forget', summary: 'give up what cannot be reached any more', load: () => import('./forget.ts') },
  { name: 'bgp', summary: 'the BGP sessions between nodes and routers', load: () => import('./bgp/bgp.ts') },
  { name: 'routes', summary: 'the host routes to the pods', load: () => import('./routes/routes.ts') },
  { name: 'graph', summary: 'draw the topology', load: () => import('./graph.ts') },
  { name: 'lab', summary: "the articles' network on this machine", load: () => import('./lab/lab.ts') },
  { name: 'bundle', summary: 'everything that a cluster file needs, in one file', load: () => import('./bundle.ts') },
  { name: 'kubectl', summary: "kubectl where the cluster's API is reachable", load: () => import('./kubectl.ts') },
  {
    name: 'kubeconfig',
    summary: "print this cluster's kubeconfig, or merge it into yours",
    load: () => import('./kubeconfig.ts'),
  },
  { name: 'schema', summary: 'print the JSON Schema of the cluster file', load: () => import('./schema.ts') },
  { name: 'explain', summary: 'say more about an error code', load: () => import('./explain.ts') },
  {
    name: 'completion',
    summary: 'let your shell complete what you type',
    load: () => import('./completion/completion.ts'),
  },
];

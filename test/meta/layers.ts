/**
 * Which folders of src a folder may import from, besides itself. Dependencies point one way: from commands down to core. biome.json
 * says the same of the folders where a mistake is most likely, so that an editor tells it at once.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  net: ['core'],
  artifacts: ['core', 'net'],
  versions: [],
  process: [],
  engine: ['core'],
  state: ['core', 'process'],
  transport: ['core'],
  ui: ['core'],
  drivers: ['core'],
  host: ['core', 'net'],
  kube: ['core', 'net', 'host'],
  k3d: ['core', 'net', 'versions', 'host', 'kube'],
  kubeadm: ['core', 'net', 'versions', 'host', 'kube'],
  config: ['core', 'net', 'versions'],
  routers: ['core', 'net', 'process', 'host', 'drivers'],
  facts: ['core', 'net', 'host', 'drivers', 'kube', 'kubeadm', 'routers'],
  verify: ['core', 'config', 'kube', 'routers', 'facts'],
  steps: ['core', 'net', 'host', 'drivers', 'kube', 'k3d', 'kubeadm', 'routers'],
  lab: ['core', 'net', 'config'],
  providers: ['core', 'net', 'versions', 'config', 'host', 'kube', 'k3d', 'kubeadm', 'routers', 'facts', 'steps'],
  commands: [
    'core',
    'net',
    'artifacts',
    'config',
    'host',
    'kube',
    'facts',
    'verify',
    'steps',
    'providers',
    'engine',
    'state',
    'transport',
    'ui',
  ],
  'cli.ts': ['commands'],
};

/** The only files outside of it that may know the lab: the step that makes one, the provider that hands one out, its commands. */
export const knowTheLab: readonly RegExp[] = [
  /^src\/steps\/lab-machines\.ts$/,
  /^src\/providers\/lab(-[\w-]+)?\.ts$/,
  /^src\/commands\/lab(-[\w-]+)?\.ts$/,
];

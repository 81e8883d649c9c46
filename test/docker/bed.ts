import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { dump } from 'js-yaml';
import type { PlanDocument, RunDocument, VerifyDocument } from '../../src/core/documents.ts';
import { labLayout } from '../../src/lab/layout.ts';

const CACHE = process.env['CPAAS_DOCKER'] ?? join(homedir(), '.cache/cpaas-docker');
/** The release of k3d that is met: the newest, unless the environment names another. */
export const K3D = (process.env['CPAAS_K3D'] ?? 'v5.9.0').replace('v', '');
const K3D_PROGRAM = join(CACHE, 'bin', K3D === '5.9.0' ? 'k3d' : `k3d-v${K3D}`);
const CALICO = '../shared/data/calico/v3.31.7/calico.yaml';
const BIN = 'bin/cpaas.js';
const VERSION = 'v1.34.4+k3s1';

/** Why the tests with a real engine cannot run here; `scripts/test-docker` brings all but the manifest. */
export const missing: string | undefined =
  process.getuid?.() !== 0
    ? 'they need root'
    : [K3D_PROGRAM, `${CACHE}/base.tar`, CALICO].find((path) => !existsSync(path))?.concat(' is not here');
if (missing) console.warn(`skipped: real engines and the real k3d: ${missing}`);

export type Generation = '20' | '28' | '29';
const GENERATIONS: readonly Generation[] = ['29', '28', '20'];

/** Debian has Docker 20.10 and 28; 29 is here where it could be built. */
export const generations = GENERATIONS.filter((each) => each !== '29' || existsSync(`${CACHE}/moby/.whole`));
if (generations.length < GENERATIONS.length) console.warn(`skipped: Docker 29: ${CACHE}/moby is not built`);

interface File {
  agents: number;
  version: string;
}

/**
 * The articles' network with a real Docker Engine on the VM: a lab's LAN and BIG-IP, a namespace on the LAN that plays the VM, the
 * engine in it, k3d and the node image of the tests. cpaas runs on the VM.
 */
export class Bed {
  readonly name: string;
  readonly generation: Generation;
  /** Made by `start`: a bed that is not used leaves nothing. */
  readonly folder: string;
  readonly home: string;
  readonly #lab: string;
  readonly #netns: string;
  /** A run that changes nothing leaves no log, so how long it took is known here alone. */
  readonly #calls: { readonly verb: string; readonly seconds: number }[] = [];
  #file: File = { agents: 3, version: VERSION };

  constructor(generation: Generation) {
    this.generation = generation;
    this.name = `kd${generation}`;
    this.folder = join(tmpdir(), `cpaas-docker-${this.name}`);
    this.home = join(this.folder, 'home');
    this.#lab = `${this.name}-lab`;
    this.#netns = `${this.name}-docker`;
  }

  async start(): Promise<void> {
    await this.#end();
    mkdirSync(this.home, { recursive: true });
    const lab = {
      provider: { lab: { topology: 'vm', servers: 1, agents: 0, docker: 'none', vm: '10.10.2.9' } },
      network: { nodes: '172.31.0.0/24', pods: '10.99.0.0/16', services: '10.98.0.0/16', lan: '10.10.2.0/24' },
      routers: [{ name: 'bigip1', address: '10.10.2.20', bigip: {} }],
    };
    writeFileSync(this.#labFile, file(this.#lab, lab));
    await execa(process.execPath, [BIN, 'lab', 'up', '-f', this.#labFile, '--state-dir', join(this.folder, 'lab')]);
    await this.#plugVm();
    this.#bringPrograms();
    this.edit({});
    await this.#engine('start');
    await this.#bringImages();
  }

  async stop(): Promise<void> {
    this.#keepLogs();
    await this.#end();
  }

  /** Takes away whatever there is, of a run that was killed, too. */
  async #end(): Promise<void> {
    await this.#engine('stop');
    await execa('ip', ['netns', 'delete', this.#netns], { reject: false });
    await execa(process.execPath, [BIN, 'lab', 'down', this.#lab], { reject: false });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The benchmark reads what runs say of themselves. */
  #keepLogs(): void {
    const [runs, kept] = [join(this.folder, 'state', this.name, 'runs'), process.env['CPAAS_RUN_LOGS']];
    if (kept === undefined || !existsSync(runs)) return;
    cpSync(runs, kept, { recursive: true });
    writeFileSync(join(kept, 'calls.json'), JSON.stringify(this.#calls));
  }

  get #labFile(): string {
    return join(this.folder, 'lab.yaml');
  }

  async #plugVm(): Promise<void> {
    const lan = labLayout(this.#lab).lan;
    for (const words of [
      `netns add ${this.#netns}`,
      `-n ${this.#netns} link set lo up`,
      `link add up0 netns ${this.#netns} type veth peer name docker netns ${lan}`,
      `-n ${lan} link set docker master lan up`,
      `-n ${this.#netns} address add 10.10.2.10/24 dev up0`,
      `-n ${this.#netns} link set up0 up`,
    ])
      await execa('ip', words.split(' '));
  }

  /** calicoctl is the lab's, which is as strict as the real one. */
  #bringPrograms(): void {
    const bin = join(this.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    const main = join(process.cwd(), 'dist/lab/calico/calicoctl/main.js');
    const calicoctl = `#!/bin/sh\nCALICOCTL_VERSION=v3.31.7 exec ${process.execPath} ${main} "$@"\n`;
    writeFileSync(join(bin, 'calicoctl'), calicoctl, { mode: 0o755 });
    copyFileSync(K3D_PROGRAM, join(bin, 'k3d'));
    const artifacts = join(this.folder, 'cache/cpaas/sha256');
    mkdirSync(artifacts, { recursive: true });
    const catalog = JSON.parse(readFileSync('catalog/calico-manifest.json', 'utf8'));
    copyFileSync(CALICO, join(artifacts, catalog.sha256['3.31.7'].any));
  }

  /** Nothing that was fetched is here any more. */
  emptyCache(): void {
    rmSync(join(this.folder, 'cache'), { recursive: true, force: true });
  }

  /** k3d's helper image only has to be there. */
  async #bringImages(): Promise<void> {
    const image = `docker.io/rancher/k3s:${VERSION.replace('+', '-')}`;
    const tar = spawn('bash', ['test/docker/image.sh', 'tar'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const changes = [
      'ENTRYPOINT ["/bin/k3s"]',
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ];
    const words = ['docker', 'import', ...changes.flatMap((change) => ['--change', change]), '-', image];
    const inside = this.#inside(words);
    await execa('bash', inside.words, { env: inside.env, stdin: tar.stdout });
    await this.vm('docker', 'tag', image, `ghcr.io/k3d-io/k3d-tools:${K3D}`);
    await this.vm('docker', 'tag', image, 'docker.io/rancher/k3s:v1.34.5-k3s1');
  }

  async #engine(verb: 'start' | 'halt' | 'restart' | 'stop', settings: object = {}): Promise<void> {
    const env = { ENGINE_NETNS: this.#netns, CPAAS_DOCKER: CACHE, ENGINE_SETTINGS: JSON.stringify(settings) };
    await execa('bash', ['test/docker/engine.sh', this.generation, verb], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** As `systemctl stop docker`. */
  readonly haltEngine = () => this.#engine('halt');
  /** As `systemctl restart docker`, with this daemon.json. */
  readonly restartEngine = (settings?: object) => this.#engine('restart', settings);

  #inside(argv: readonly string[]) {
    const engine = ['test/docker/engine.sh', this.generation, 'enter'];
    const path = [
      join(this.folder, 'bin'),
      `${CACHE}/engine${this.generation}/usr/sbin`,
      `${CACHE}/engine${this.generation}/usr/bin`,
    ];
    const env = {
      ENGINE_NETNS: this.#netns,
      CPAAS_DOCKER: CACHE,
      XDG_CACHE_HOME: join(this.folder, 'cache'),
      NO_COLOR: '1',
    };
    const words = [
      'env',
      `HOME=${this.home}`,
      `PATH=${path.join(':')}:${process.env['PATH']}:/usr/sbin:/sbin`,
      ...argv,
    ];
    return { words: [...engine, ...words], env };
  }

  /** What a command prints on the VM. */
  async vm(...argv: readonly string[]): Promise<string> {
    const { words, env } = this.#inside(argv);
    return (await execa('bash', words, { env })).stdout;
  }

  /** Edits the cluster file as a user would. */
  edit(change: Partial<File>): void {
    this.#file = { ...this.#file, ...change };
    const { agents, version } = this.#file;
    const ssh = { host: '10.10.2.20', user: 'root', identityFiles: [labLayout(this.#lab).identity] };
    const spec = {
      provider: { k3d: { servers: 1, agents, version, tlsSans: ['k3s.example.com'] } },
      network: { nodes: '172.19.0.0/16', pods: '10.53.0.0/16', services: '10.43.0.0/16' },
      calico: { version: 'v3.31.7' },
      routers: [{ name: 'bigip1', address: '10.10.2.20', bigip: { ssh } }],
    };
    writeFileSync(join(this.folder, 'cpaas.yaml'), file(this.name, spec));
  }

  /** The built program on the VM, its answer as a document. */
  async cpaas<T>(...args: readonly string[]): Promise<T & { readonly code: number; readonly stderr: string }> {
    const options = ['-f', join(this.folder, 'cpaas.yaml'), '--state-dir', join(this.folder, 'state'), '-o', 'json'];
    const { words, env } = this.#inside([process.execPath, BIN, ...args, ...options]);
    const start = performance.now();
    const ended = await execa('bash', words, { env, reject: false, stdin: 'ignore' });
    this.#calls.push({ verb: args[0] ?? '', seconds: (performance.now() - start) / 1000 });
    const { exitCode = -1, stdout, stderr } = ended;
    try {
      return { ...JSON.parse(stdout), code: exitCode, stderr };
    } catch {
      throw new Error(`no document from cpaas ${args.join(' ')} (exit ${exitCode}):\n${stdout}\n${stderr}`);
    }
  }

  /** What both ends of the sessions say stands beside a run that waited for them in vain. */
  async up(...args: readonly string[]) {
    const run = await this.cpaas<RunDocument>('up', '--yes', '--accept-new-host-keys', ...args);
    return run.error?.code === 'GATE.TIMEOUT' ? { ...run, stderr: `${run.stderr}\n${await this.#ends()}` } : run;
  }
  readonly down = () => this.cpaas<RunDocument>('down', '--confirm', this.name);
  readonly plan = () => this.cpaas<PlanDocument>('plan');
  readonly verify = () => this.cpaas<VerifyDocument>('verify');

  async #ends(): Promise<string> {
    const nodes = Object.entries(await this.addresses());
    const told = nodes.map(async ([name, address]) => {
      const words = 'birdc -s /run/bird.ctl show protocols all; grep -e "^router id" -e blackhole /etc/bird-node.conf';
      return `${name} ${address}\n${await this.vm('docker', 'exec', name, 'sh', '-c', words).catch(String)}`;
    });
    const verbs = ['status', 'routes'].map(async (verb) => JSON.stringify(await this.cpaas('bgp', verb), undefined, 1));
    return (await Promise.all([...told, ...verbs])).join('\n');
  }

  /** Addresses of running containers by name. */
  async addresses(): Promise<Readonly<Record<string, string>>> {
    const format = '{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const ids = (await this.vm('docker', 'ps', '-q', '--filter', `label=k3d.cluster=${this.name}`)).split('\n');
    const lines = (await this.vm('docker', 'inspect', '--format', format, ...ids)).split('\n');
    return Object.fromEntries(lines.map((line) => line.replace('/', '').split(' ') as [string, string]));
  }

  /** All that cpaas could leave on the VM and in its engine; without what a restart of the engine makes anew, and k3d's own folder. */
  async traces(): Promise<string> {
    const parts = await Promise.all([
      this.vm('docker', 'ps', '--all', '--format', '{{.Names}} {{.Image}} {{.State}}'),
      this.vm('docker', 'network', 'ls', '--filter', 'type=custom', '--format', '{{.ID}} {{.Name}}'),
      this.vm('docker', 'volume', 'ls', '--format', '{{.Name}}'),
      this.vm('docker', 'images', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'),
      this.vm('ip', '-4', 'route', 'show', 'table', 'all'),
      this.vm('sh', '-c', 'ls /sys/class/net | grep -v ^veth'),
      // rules alone: a table that was asked for stays, empty
      this.vm('sh', '-c', 'iptables-save | grep ^-'),
      this.vm('sysctl', 'net.ipv4.ip_forward'),
      this.vm('sh', '-c', `find ${this.home} -not -path '*/.kube/cache*' -not -path '*/.config*' | sort`),
    ]);
    return parts.map((part) => part.split('\n').sort().join('\n')).join('\n\n');
  }
}

const file = (name: string, spec: object): string =>
  dump({ apiVersion: 'cpaas.dev/v1alpha1', kind: 'Cluster', metadata: { name }, spec });

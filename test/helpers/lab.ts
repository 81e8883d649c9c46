import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, vi } from 'vitest';
import { type LabState, labApply, labDown } from '../../src/lab/labs.ts';
import { labLayout } from '../../src/lab/layout.ts';
import { type Ran, tryRun } from '../../src/lab/machines/run.ts';
import type { LabSpec } from '../../src/lab/spec.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const BARE = `${REPOSITORY}test/helpers/bare-lab.js`;
const WHOLE = `${REPOSITORY}dist/lab/supervisor/main.js`;

/** Why no lab can be built here, or nothing. For `describe.skipIf`. */
export const noLab: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can make network namespaces'
    : existsSync(WHOLE)
      ? undefined
      : 'the project is not built: npm run build';

/** The articles' first network with two nodes, and whatever is said otherwise. */
export function labSpec(name: string, other: Partial<LabSpec> = {}): LabSpec {
  return {
    name,
    topology: 'vm',
    docker: '28.2',
    calicoApi: 'crd',
    calicoVersion: 'v3.31.7',
    lan: '10.10.2.0/24',
    vm: '10.10.2.10',
    nodeNetwork: '172.19.0.0/16',
    pods: '10.53.0.0/16',
    services: '10.43.0.0/16',
    blockSize: 26,
    natOutgoing: true,
    encapsulation: 'None',
    asNumber: 64512,
    nodes: nodes(2),
    routers: [{ name: 'bigip1', address: '10.10.2.20', selfIp: 'internal', switches: {} }],
    ...other,
  };
}

/** `server-0` and agents, in the order of their addresses from 172.19.0.2 on. */
export const nodes = (count: number, network = '172.19.0'): LabSpec['nodes'] =>
  Array.from({ length: count }, (_, at) => ({
    name: at === 0 ? 'server-0' : `agent-${at - 1}`,
    role: at === 0 ? 'server' : 'agent',
    address: `${network}.${at + 2}`,
  }));

export interface TestLab {
  readonly spec: LabSpec;
  /** Progress lines of the last `apply`. */
  readonly said: readonly string[];
  apply(other?: Partial<LabSpec>): Promise<LabState>;
  /** Runs a program in a machine, by the name the lab gave it: `vm`, `agent-0`, `bigip1`. */
  run(machine: string, argv: readonly string[], stdin?: string): Promise<Ran>;
  down(): Promise<void>;
}

/** A lab for a suite; it is taken down at its end, however that comes. `bare`: machines and packets only, which takes a second. */
export function useLab(spec: LabSpec, { bare = false }: { readonly bare?: boolean } = {}): TestLab {
  const layout = labLayout(spec.name);
  const said: string[] = [];
  let current = spec;
  const down = () => labDown(spec.name);
  // a run of the tests that was killed leaves its own
  beforeAll(async () => {
    if (!noLab) await down();
  });
  afterAll(async () => {
    if (!noLab) await down();
  });
  return {
    get spec() {
      return current;
    },
    said,
    apply: (other = {}) => {
      current = { ...current, ...other };
      said.length = 0;
      return labApply(current, (line) => said.push(line), { supervisor: bare ? BARE : WHOLE });
    },
    run: (machine, argv, stdin) => tryRun(['ip', 'netns', 'exec', layout.namespace(machine), ...argv], stdin),
    down,
  };
}

/** Whether an address answers a ping from a machine of the lab. */
export async function pings(lab: TestLab, from: string, address: string): Promise<boolean> {
  return (await lab.run(from, ['ping', '-c', '1', '-W', '1', address])).code === 0;
}

/** What a TCP server says to a machine of the lab that sends it a line; nothing when no connection comes about. */
export async function asks(lab: TestLab, from: string, address: string, port: number): Promise<string | undefined> {
  const { code, stdout } = await lab.run(
    from,
    ['socat', '-t', '10', '-T', '20', '-', `TCP:${address}:${port},connect-timeout=1`],
    'hello\n',
  );
  return code === 0 ? stdout.trim() : undefined;
}

/** Lets a machine tell whoever connects to a port which address it sees him with. Ends with the lab. */
export async function serve(lab: TestLab, machine: string, port: number): Promise<void> {
  const namespace = labLayout(lab.spec.name).namespace(machine);
  const server = ['socat', `TCP-LISTEN:${port},fork,reuseaddr`, 'SYSTEM:read hello; echo $SOCAT_PEERADDR'];
  spawn('ip', ['netns', 'exec', namespace, ...server], { detached: true, stdio: 'ignore' }).unref();
  await until(async () => (await asks(lab, machine, '127.0.0.1', port)) === '127.0.0.1');
}

/** Waits for something that will come about by itself. */
export const until = (holds: () => Promise<boolean>): Promise<void> =>
  vi.waitUntil(holds, { timeout: 60_000, interval: 100 }).then(() => undefined);

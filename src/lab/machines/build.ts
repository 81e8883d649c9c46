import pLimit from 'p-limit';
import { CpaasError } from '../../core/errors.ts';
import { look, NOTHING, namespaces, type Sight } from './look.ts';
import { amend, type RuleSet } from './rules.ts';
import { ipBatch, run } from './run.ts';
import type { Cable, Machine, Topology } from './topology.ts';

/** What a namespace of a lab says of itself, so that it is known when everything else is lost. */
export const markOf = (lab: string): string => `cpaas lab ${lab}`;

/** Programs at once: most of their time is the kernel's. */
const AT_ONCE = 4;

export interface Build {
  readonly lab: string;
  readonly wanted: Topology;
  /** Machines as they were meant before; those that were never finished are not among them. */
  readonly before: ReadonlyMap<string, Machine>;
  /** Namespaces that were going to be made, by a supervisor that may have died in the act: ours though they bear no mark. */
  readonly ours: ReadonlySet<string>;
}

/**
 * Makes of the topology what is missing, and leaves alone what is there. Answers how many machines it had to touch. Rejects with
 * `LAB.NAMESPACE` before the first change when a namespace with one of the names is somebody else's.
 */
export async function build({ lab, wanted, before, ours }: Build): Promise<number> {
  const limit = pLimit(AT_ONCE);
  const sights = new Map<string, Sight>();
  const existing = await namespaces();
  const known = wanted.machines.filter(({ namespace }) => existing.has(namespace));
  await limit.map(known, async ({ namespace }) => sights.set(namespace, await look(namespace)));
  refuseForeign(lab, sights, ours);

  const absent = wanted.machines.filter(({ namespace }) => !sights.has(namespace));
  await ipBatch(
    undefined,
    absent.map(({ namespace }) => `netns add ${namespace}`),
  );
  const seen = (namespace: string) => sights.get(namespace) ?? NOTHING;
  await limit.map(wanted.machines, (machine) => ipBatch(machine.namespace, bridgeLines(machine, seen)));
  const broken = wanted.cables.filter((each) => !plugged(each, seen));
  const switches = [...new Set(broken.map(({ port }) => port.namespace))];
  await limit.map(switches, (at) =>
    ipBatch(
      at,
      broken.flatMap((each) => cableLines(at, each, seen)),
    ),
  );

  const touched = await limit.map(wanted.machines, async (machine) => {
    const devices = wanted.cables.flatMap(({ end }) => (end.namespace === machine.namespace ? [end.device] : []));
    const remade = broken.some(({ end }) => end.namespace === machine.namespace);
    return settle({
      lab,
      machine,
      devices,
      before: sights.has(machine.namespace) ? before.get(machine.namespace) : undefined,
      sight: seen(machine.namespace),
      remade,
    });
  });
  return touched.filter(Boolean).length;
}

function refuseForeign(lab: string, sights: ReadonlyMap<string, Sight>, ours: ReadonlySet<string>): void {
  const foreign = [...sights].filter(([name, { mark }]) => mark !== markOf(lab) && !(ours.has(name) && !mark));
  if (foreign.length === 0) return;
  throw new CpaasError(
    'LAB.NAMESPACE',
    `${foreign.map(([name]) => name).join(', ')}: there is such a network namespace, and it is not the lab's`,
    {
      evidence: foreign.map(([name, { mark }]) => ({ label: name, text: mark ?? 'bears no mark' })),
      next: [{ label: 'give the lab another name, or see whose it is', command: 'ip netns list' }],
    },
  );
}

const bridgeLines = ({ namespace, bridges }: Machine, seen: (namespace: string) => Sight): readonly string[] =>
  bridges.filter((bridge) => !seen(namespace).links.has(bridge)).map((bridge) => `link add ${bridge} up type bridge`);

const plugged = ({ port, end }: Cable, seen: (namespace: string) => Sight): boolean =>
  seen(port.namespace).links.get(port.device)?.bridge === port.bridge && seen(end.namespace).links.has(end.device);

/** Both ends are made where they belong: nothing ever shows in the machine's own namespace. */
function cableLines(at: string, { port, end }: Cable, seen: (namespace: string) => Sight): readonly string[] {
  if (port.namespace !== at) return [];
  const mac = end.mac ? ` address ${end.mac}` : '';
  return [
    ...(seen(at).links.has(port.device) ? [`link del ${port.device}`] : []),
    `link add ${port.device} up master ${port.bridge} type veth peer name ${end.device}${mac} netns ${end.namespace}`,
  ];
}

interface Settling {
  readonly lab: string;
  readonly machine: Machine;
  readonly devices: readonly string[];
  readonly before: Machine | undefined;
  readonly sight: Sight;
  /** Whether one of its links is new, so that what was seen of it is no longer so. */
  readonly remade: boolean;
}

/** Whether it had to change anything in the machine. */
async function settle({ lab, machine, devices, before, sight, remade }: Settling): Promise<boolean> {
  const first = !before || JSON.stringify(before.atFirst) !== JSON.stringify(machine.atFirst);
  const addresses = [...machine.addresses, ...(first || remade ? machine.atFirst.addresses : [])];
  const lines = [
    ...(sight.mark === markOf(lab) ? [] : [`link set lo alias "${markOf(lab)}"`]),
    ...['lo', ...devices]
      .filter((device) => remade || !sight.links.get(device)?.up)
      .map((device) => `link set ${device} up`),
    ...addresses
      .filter(({ device, address }) => remade || !sight.addresses.has(`${device} ${address}`))
      .map(({ device, address }) => `addr replace ${address} dev ${device}`),
    ...machine.routes.filter((route) => remade || !sight.routes.has(route)).map((route) => `route replace ${route}`),
  ];
  await ipBatch(machine.namespace, lines);
  if (first) await setSysctls(machine.namespace, machine.atFirst.sysctls);
  const amended = await setRules(machine, before?.rules ?? {}, first);
  return first || lines.length > 0 || amended;
}

/** `sysctl -p` takes many settings from its input, where `-w` takes them from its words. */
export async function setSysctls(namespace: string, sysctls: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(sysctls).map(([key, value]) => `${key} = ${value}\n`);
  if (lines.length > 0) await run(['ip', 'netns', 'exec', namespace, 'sysctl', '-q', '-p', '-'], lines.join(''));
}

async function setRules({ namespace, rules }: Machine, before: RuleSet, policies: boolean): Promise<boolean> {
  if (Object.keys(rules).length === 0 && Object.keys(before).length === 0) return false;
  const saved = await run(['ip', 'netns', 'exec', namespace, 'iptables-save']);
  const amendment = amend({ saved, before, wanted: rules, policies });
  if (amendment) await run(['ip', 'netns', 'exec', namespace, 'iptables-restore', '-w', '--noflush'], amendment);
  return amendment !== undefined;
}

import { deleteLinks } from './dismantle.ts';
import { look, NOTHING, namespaces, type Sight } from './look.ts';
import { markLines, markOf } from './mark.ts';
import { amend, type RuleSet } from './rules.ts';
import { ipBatch, run } from './run.ts';
import type { Cable, Machine, Topology } from './topology.ts';

/** What is in each of the namespaces that exist already. */
export async function survey(names: readonly string[]): Promise<ReadonlyMap<string, Sight>> {
  const existing = await namespaces();
  const known = names.filter((name) => existing.has(name));
  return new Map(await Promise.all(known.map(async (name) => [name, await look(name)] as const)));
}

export interface Build {
  readonly lab: string;
  readonly wanted: Topology;
  /** Machines as they were meant before; those that were never finished are not among them. */
  readonly before: ReadonlyMap<string, Machine>;
  readonly sights: ReadonlyMap<string, Sight>;
}

/** Makes of the topology what is missing, and leaves alone what is there. Answers how many machines it had to touch. */
export async function build({ lab, wanted, before, sights }: Build): Promise<number> {
  const absent = wanted.machines.filter(({ namespace }) => !sights.has(namespace));
  await ipBatch(
    undefined,
    absent.map(({ namespace }) => `netns add ${namespace}`),
  );
  const seen = (namespace: string) => sights.get(namespace) ?? NOTHING;
  await Promise.all(wanted.machines.map((machine) => ipBatch(machine.namespace, bridgeLines(machine, seen))));
  const broken = wanted.cables.filter((each) => !plugged(each, seen));
  const switches = [...new Set(broken.map(({ port }) => port.namespace))];
  await Promise.all(
    switches.map((at) =>
      plug(
        at,
        broken.filter(({ port }) => port.namespace === at),
        seen(at),
      ),
    ),
  );

  const touched = await Promise.all(
    wanted.machines.map((machine) => {
      const { namespace } = machine;
      const own = wanted.cables.filter(({ end }) => end.namespace === namespace);
      return settle({
        lab,
        machine,
        devices: [...machine.bridges.map(({ device }) => device), ...own.map(({ end }) => end.device)],
        before: sights.has(namespace) ? before.get(namespace) : undefined,
        sight: seen(namespace),
        remade: own.some((cable) => broken.includes(cable)),
      });
    }),
  );
  return touched.filter(Boolean).length;
}

const bridgeLines = ({ namespace, bridges }: Machine, seen: (namespace: string) => Sight): readonly string[] =>
  bridges
    .filter(({ device }) => !seen(namespace).links.has(device))
    .map(({ device, mac }) => `link add ${device} address ${mac} up type bridge`);

const plugged = ({ port, end }: Cable, seen: (namespace: string) => Sight): boolean =>
  seen(port.namespace).links.get(port.device)?.bridge === port.bridge && seen(end.namespace).links.has(end.device);

/** Both ends are made where they belong: nothing ever shows in the machine's own namespace. */
async function plug(at: string, cables: readonly Cable[], { links }: Sight): Promise<void> {
  await deleteLinks(
    at,
    cables.map(({ port }) => port.device).filter((device) => links.has(device)),
  );
  const lines = cables.map(({ port, end }) => {
    const peer = `${end.device} address ${end.mac} netns ${end.namespace}`;
    return `link add ${port.device} up master ${port.bridge} type veth peer name ${peer}`;
  });
  await ipBatch(at, lines);
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
    ...(sight.mark === markOf(lab) ? [] : markLines(lab)),
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

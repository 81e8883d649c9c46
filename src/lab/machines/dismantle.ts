import { namespaces } from './look.ts';
import { tryRun } from './run.ts';
import type { Machine, Topology } from './topology.ts';

/** Machines that are no longer wanted as they are: not in the topology any more, or with other addresses or links. */
export function outdated(before: Topology, wanted: Topology): readonly Machine[] {
  const next = new Map(wanted.machines.map((machine) => [machine.namespace, hardware(machine, wanted)]));
  return before.machines.filter((machine) => next.get(machine.namespace) !== hardware(machine, before));
}

const hardware = ({ kind, namespace, bridges, addresses }: Machine, { cables }: Topology): string =>
  JSON.stringify([kind, bridges, addresses, cables.filter(({ end }) => end.namespace === namespace)]);

/** Takes namespaces away, with the links that lead to them. Their processes are expected to be gone; what is missing is no failure. */
export async function dismantle(names: readonly string[], cables: Topology['cables'] = []): Promise<void> {
  const gone = new Set(names);
  const existing = await namespaces();
  // The kernel clears a namespace some time after its name is gone; the switch's end of the link must not wait for that.
  const loose = cables.filter(
    ({ port, end }) => gone.has(end.namespace) && !gone.has(port.namespace) && existing.has(port.namespace),
  );
  const switches = [...new Set(loose.map(({ port }) => port.namespace))];
  const portsOf = (at: string) => loose.flatMap(({ port }) => (port.namespace === at ? [port.device] : []));
  await Promise.all(switches.map((at) => deleteLinks(at, portsOf(at))));
  const lines = names.filter((name) => existing.has(name)).map((name) => `netns del ${name}\n`);
  if (lines.length > 0) await tryRun(['ip', '-force', '-batch', '-'], lines.join(''));
}

/** Links that go by themselves at the same moment, as the kernel clears the namespace of their other end, are no failure. */
export async function deleteLinks(namespace: string, devices: readonly string[]): Promise<void> {
  const lines = devices.map((device) => `link del ${device}\n`);
  if (lines.length > 0) await tryRun(['ip', '-n', namespace, '-force', '-batch', '-'], lines.join(''));
}

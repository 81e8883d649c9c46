import type { LabSpec } from '../spec.ts';
import type { MachineState } from './state.ts';

/**
 * The spec with each router under the name its unit was made as: a router is known by its address, so a new name in the file is
 * the same unit, in the same namespace. A new router whose name another unit still bears gets its address into the name.
 */
export function withUnitNames(spec: LabSpec, machines: readonly MachineState[]): LabSpec {
  const units = new Map(
    machines.flatMap(({ kind, address, unit }) => (kind === 'router' && address ? [[address, unit]] : [])),
  );
  const taken = new Set(units.values());
  const unitName = ({ name, address }: LabSpec['routers'][number]) =>
    units.get(address) ?? (taken.has(name) ? `${name}-${address.replaceAll('.', '-')}` : name);
  return { ...spec, routers: spec.routers.map((router) => ({ ...router, name: unitName(router) })) };
}

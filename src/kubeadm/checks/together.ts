import type { Candidate, Check } from './check.ts';

/** Milliseconds that clocks may be apart: certificates are valid from the moment they are made. */
const SKEW = 30_000;

/** The checks of a machine against the others. */
export const togetherChecks = {
  hostname: unlike(({ facts }) => facts.hostname, 'hostname', 'hostnamectl set-hostname NAME on one of them'),
  machineId: (candidate, all, wanted) =>
    candidate.facts.machineId === ''
      ? 'it has no machine-id: systemd-machine-id-setup'
      : unlike(
          ({ facts }) => facts.machineId,
          'machine-id',
          'rm /etc/machine-id && systemd-machine-id-setup on one of them: they are clones',
        )(candidate, all, wanted),
  productUuid: unlike(
    ({ facts }) => facts.productUuid,
    'product_uuid',
    'give one of the virtual machines a UUID of its own',
  ),
  clock: ({ facts }, all) => {
    const skew = facts.clock - median(all.map((each) => each.facts.clock));
    if (Math.abs(skew) <= SKEW) return undefined;
    const seconds = Math.round(Math.abs(skew) / 1000);
    return `its clock is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} the others: systemctl enable --now systemd-timesyncd`;
  },
} as const satisfies Readonly<Record<string, Check>>;

/** No two machines may have the same value. Those without one are no twins. */
function unlike(value: (candidate: Candidate) => string | undefined, words: string, fix: string): Check {
  return (candidate, all) => {
    const own = value(candidate);
    const twins = all.filter((other) => other.name !== candidate.name && value(other) === own);
    return own && twins.length > 0
      ? `it has the ${words} of ${twins.map(({ name }) => name).join(', ')} (${own}): ${fix}`
      : undefined;
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

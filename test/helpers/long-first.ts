import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Suites of labs that take half a minute and more, the longest first: begun last, one of them would keep everybody waiting. The others
 * come after them, and files of units last of all: they are short, and fill what is left.
 */
export const LONG: readonly string[] = [
  ...['kill-up-down', 'faults-up-down', 'kill-peer-rollback', 'faults-others', 'conflicts', 'down', 'faults-state'],
  ...['interrupts', 'logins', 'variants', 'kubeadm-kill', 'up-vm', 'up-flat', 'history', 'bgp-kill', 'lab-owner'],
  ...['verbs', 'faults-names', 'existing', 'routes-watch', 'artifacts', 'bgp-switches', 'blocks', 'bgp-commands'],
].map((name) => `test/suites/${name}.test.ts`);

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = LONG.findIndex((suite) => moduleId.endsWith(suite));
      if (at !== -1) return at;
      return project.name === 'unit' ? LONG.length + 1 : LONG.length;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

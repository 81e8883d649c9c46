import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest suites first, short as their files are: begun last, one of them would keep everybody waiting. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/suites\/(kill-|faults-|down|conflicts)/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/suites/**', 'test/machines/**', 'test/docker/**', 'test/clusters/**'],
          // properties are tried a hundred times and start programs: a busy machine is no failure
          testTimeout: 300_000,
          // files of a worker share what they import: most of a short file is loading that
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      // Suites that drive the built program on labs of their own. Each file has a lab name of its own, so files may run side by side.
      {
        test: {
          name: 'lab',
          include: ['test/suites/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // more than cores: half of the time they wait for sessions to come up
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      // Whole clusters of a real kubeadm on such hosts: scripts/test-kubeadm.
      {
        test: {
          name: 'clusters',
          include: ['test/clusters/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
      // Steps on hosts with systemd as PID 1 and apt, in namespaces: scripts/test-machines.
      {
        test: {
          name: 'machines',
          include: ['test/machines/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 400_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      // The real k3d on real engines, in a namespace that plays the VM: scripts/test-docker.
      {
        test: {
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

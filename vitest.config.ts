import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/helpers/long-first.ts';

/** More than cores: half of the time suites of labs wait for sessions to come up. Files of units run beside them. */
const BESIDE = { maxWorkers: 3, sequence: { groupOrder: 0 } };

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    globalSetup: 'test/helpers/run-folder.ts',
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
          ...BESIDE,
        },
      },
      // Suites that drive the built program on labs of their own. Each file has a lab name of its own, so files may run side by side.
      {
        test: {
          name: 'lab',
          include: ['test/suites/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          ...BESIDE,
        },
      },
      // Whole clusters of a real kubeadm on such hosts, and its API server alone: scripts/test-kubeadm.
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

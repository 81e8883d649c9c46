import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/suites/**'],
          sequence: { groupOrder: 0 },
        },
      },
      // Suites that drive the built program on labs of their own. Each file has a lab name of its own, so files may run side by side.
      {
        test: {
          name: 'lab',
          include: ['test/suites/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'eval/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/deploy/**/*.test.ts', 'test/chaos/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The tests of the state, on PostgreSQL.
        test: {
          name: 'postgres',
          include: ['src/state/**/*.test.ts', 'src/pipeline/notify/notify-stage.test.ts'],
          globalSetup: 'test/peers/postgres-setup.ts',
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
      {
        // Adapters against the real servers: `npm run test:peers`. A server that is not there is a skip that names it.
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          // Servers that share a busy machine: one that is late once is no fault of an adapter.
          retry: 1,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Hundreds of processes load the same packages: each compiles what none before it has. Node 20 knows no such thing and compiles. */
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

/** These need neither the shared Temporal server nor the shared Postgres. */
const unit = ['base', 'channels', 'sandbox', 'webhooks', 'client', 'embedded', 'deploy', 'scripts']
  .map((room) => `test/${room}/**/*.test.ts`)
  .concat(
    'test/*/rules/**/*.test.ts',
    ['config', 'merchants'].map((entry) => `test/entries/${entry}.test.ts`),
    ['balancer', 'judge', 'line', 'plan'].map((name) => `test/lab/${name}.test.ts`),
  );

export default defineConfig({
  test: {
    pool: 'forks',
    // Most of these wait for something most of the time.
    maxWorkers: 8,
    // Only what hangs meets these: a loaded machine is slow, not wrong.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 600_000 } },
    projects: [
      { extends: true, test: { name: 'unit', include: unit, isolate: false } },
      {
        extends: true,
        test: {
          name: 'services',
          include: ['test/**/*.test.ts'],
          exclude: unit,
          isolate: false,
          setupFiles: ['test/support/shared-process.ts'],
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
});

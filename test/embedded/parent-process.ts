import { join } from 'node:path';
import { cacheFolder } from '../../src/embedded/cache.js';
import { startPostgres } from '../../src/embedded/postgres.js';
import { createStack } from '../../src/embedded/stack.js';
import { startTemporal } from '../../src/embedded/temporal.js';

/** A process of its own for the tests that end it: starts both servers below argv[2] and prints their pids. */
const folder = process.argv[2] ?? '';
const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
const stack = createStack(onProgress);
const interrupted = stack.untilInterrupted();
const temporal = await stack.start('Temporal', () =>
  startTemporal({ env: process.env, cacheDir: cacheFolder(process.env), ui: false, onProgress }),
);
const postgres = await stack.start('Postgres', () =>
  startPostgres({ dataDir: join(folder, 'postgres'), durable: false, onProgress }),
);
process.stdout.write(`${JSON.stringify([temporal.pid, postgres.pid])}\n`);
await interrupted;
process.stdout.write('stopped\n');

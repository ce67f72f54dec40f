import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.js';
import { cacheFolder } from '../../src/embedded/cache.js';
import { startPostgres } from '../../src/embedded/postgres.js';
import { createStack, type Running } from '../../src/embedded/stack.js';
import { startTemporal } from '../../src/embedded/temporal.js';
import { build } from './built.js';
import { crashesIn } from './postgres-crashes.js';
import { adminUrlOf, onDatabase } from './services.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalNamespace: string;
    /** May create databases. */
    databaseUrl: string;
    templateDatabase: string;
  }
}

/** One Temporal server and one Postgres for the whole run, or those that TEMPORAL_ADDRESS and DATABASE_URL name. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-test-'));
  const stack = createStack(() => undefined);
  const end = async () => {
    await stack.stopAll();
    await sayCrashes(folder);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await build();
    const temporal = await stack.start('Temporal', () => startTemporal(temporalOptions()));
    const postgres = await stack.start('Postgres', () => startPostgres(postgresOptions(folder)));
    const template = await stack.start('the template', () => createTemplate(postgres.url));
    project.provide('temporalAddress', temporal.address);
    project.provide('temporalNamespace', temporal.namespace);
    project.provide('databaseUrl', postgres.url);
    project.provide('templateDatabase', template.name);
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}

function temporalOptions(): Parameters<typeof startTemporal>[0] {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = process.env;
  return {
    env: process.env,
    cacheDir: cacheFolder(process.env),
    ui: false,
    onProgress: say,
    ...(address === undefined ? {} : { address }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function postgresOptions(folder: string): Parameters<typeof startPostgres>[0] {
  const { DATABASE_URL: databaseUrl } = process.env;
  return {
    dataDir: join(folder, 'postgres'),
    logFile: logOf(folder),
    durable: false,
    onProgress: say,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  };
}

const logOf = (folder: string): string => join(folder, 'postgres.log');

/** So that a failure on another machine can be explained: a crash ends every session there is. */
async function sayCrashes(folder: string): Promise<void> {
  const crashes = crashesIn(await readFile(logOf(folder), 'utf8').catch(() => ''));
  if (crashes.length > 0) say(`Postgres crashed during this run:\n${crashes.join('\n')}`);
}

/** A database with all migrations applied. Its name is the run's own: a given server may serve several runs. */
async function createTemplate(databaseUrl: string): Promise<Running & { name: string }> {
  const admin = adminUrlOf(databaseUrl);
  const name = `paysaga_template_${randomBytes(4).toString('hex')}`;
  await onDatabase(admin, (sql) => sql`create database ${sql(name)}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  const drop = () => onDatabase(admin, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  return { name, stop: drop, kill: drop };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

import { Connection } from '@temporalio/client';
import { expect, inject, test } from 'vitest';
import { emptyDatabase, onDatabase, testDatabase } from './services.js';

const tables = (url: string) =>
  onDatabase(
    url,
    (sql) => sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`,
  );

test('each test database is a migrated one of its own', async () => {
  const [first, second] = await Promise.all([testDatabase(), testDatabase()]);
  expect((await tables(first.url)).map(({ name }) => name)).toContain('orders');
  await onDatabase(first.url, (sql) => sql`create table mine ()`);
  expect(await tables(second.url)).not.toContainEqual({ name: 'mine' });
  await Promise.all([first.drop(), second.drop()]);
  await expect(tables(first.url)).rejects.toThrow(/does not exist/);
});

test('an empty database has no tables, and is dropped although somebody is connected', async () => {
  const empty = await emptyDatabase();
  await onDatabase(empty.url, async (sql) => {
    expect(await sql`select from pg_tables where schemaname = 'public'`).toHaveLength(0);
    await empty.drop();
  });
  await expect(tables(empty.url)).rejects.toThrow(/does not exist/);
});

test('the shared Temporal server answers with the namespace', async () => {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const namespace = inject('temporalNamespace');
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
  expect(namespaceInfo?.name).toBe(namespace);
  await connection.close();
});
